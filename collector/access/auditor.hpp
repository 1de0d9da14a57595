#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/access/keys.hpp"
#include "collector/store/audit.hpp"
#include "collector/store/retention.hpp"
#include "collector/store/store.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"

/// The audit log's end, signed and told outside the database, and its beginning, deleted for its age.
namespace rollcall::access
{

/// How often the head of the chain is exported, where rows came, and old rows are looked for.
inline constexpr std::chrono::milliseconds heads_every{600'000};
/// Heads that the file keeps: each speaks for all rows before it, so the newest is what counts.
inline constexpr std::size_t heads_kept = 128;
/// Answers to repeated writes are kept so long.
inline constexpr std::chrono::milliseconds idempotency_life = std::chrono::hours(24);

/// What somebody who holds it can check the chain against: one line of the file, as JSON.
struct SignedHead {
    std::int64_t id{};
    std::string hash;
    UnixMs at_ms{};
    std::string signature;
};
[[nodiscard]] SignedHead sign_head(Keys const& keys, store::AuditHead const& head, UnixMs at_ms);
[[nodiscard]] std::string to_line(SignedHead const& head);
/// errc::corrupt names the line that is none.
[[nodiscard]] Result<std::vector<SignedHead>> read_heads(std::string_view text);
[[nodiscard]] std::string to_line(store::AuditRow const& row);

/// What a check of the whole chain has found.
struct AuditReport {
    std::int64_t first = 0; ///< Ids; 0: there are no rows.
    std::int64_t last = 0;
    std::int64_t pruned_through = 0;
    std::size_t heads = 0; ///< That fit.
};
/// The rows from the checkpoint on follow one another, each with the hash of what it says, and are those that the heads
/// speak of; where there are rows, a head fits. errc::corrupt: what does not fit, in a sentence.
[[nodiscard]] Result<AuditReport> verify_audit(sqlite::Database& db, Keys const& keys,
                                               std::vector<SignedHead> const& heads);

/// Owns: nothing but the time of its last look.  Threads: one at a time.  Blocks: yes (SQLite, the disk).
class Auditor
{
public:
    /// The file of heads in the data folder.
    static constexpr auto file = "audit.heads";

    struct Options {
        store::Store& store;
        Clock const& clock;
        Keys keys;
        std::filesystem::path folder;
        store::Retention::Days kept{};
    };
    explicit Auditor(Options options);

    /// Exports the head as it is now. Where the chain is not that of the last head, or that is gone, no other one is
    /// made: the log says so (audit.broken), and a person has to look.
    Result<> export_head();
    /// Does what is due; what fails is logged, and tried again at the next look.
    void tick();

private:
    /// Those of the file; none where there is no file.
    [[nodiscard]] Result<std::vector<SignedHead>> known_heads() const;
    Result<> prune();

    Options options_;
    std::optional<std::chrono::milliseconds> looked_;
};

} // namespace rollcall::access
