#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/records.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

/// Who did what: an append-only table whose rows are a chain of hashes, so that a row that was changed, taken out or
/// cut off shows. A row is made by the writer, in the transaction of what it tells of.
namespace rollcall::store
{

/// What is known of a request before it is done.
struct AuditEntry {
    std::string actor_kind; ///< technician, program, machine, command_line or stranger.
    std::string actor_id;   ///< Of the technician; "" where there is none.
    std::string actor_name;
    std::string via;    ///< Id of the session or token.
    std::string remote; ///< Address.
    std::string action; ///< "POST /api/v1/devices/{id}/revoke".
    std::string detail; ///< JSON: what was asked for, without secrets.
    std::vector<std::string> devices;
    std::vector<std::string> customers;
    UnixMs at_ms{};
    /// Asked by the writer within the transaction of each write, up to the first that is kept, since much may have
    /// changed while it waited: an error undoes the write. Empty: nobody has to be asked.
    std::function<Result<>(sqlite::Database&)> judge;
    /// Set by the writer: a row of it was made with the first write that was kept.
    std::atomic<bool> recorded = false;
};

struct AuditRow {
    std::int64_t id{}; ///< 1, 2, 3 … without holes.
    UnixMs at_ms{};
    std::string actor_kind;
    std::string actor_id;
    std::string actor_name;
    std::string via;
    std::string remote;
    std::string action;
    std::string detail;
    std::vector<std::string> devices;
    std::vector<std::string> customers;
    std::string result; ///< "done", "done before" (a repeated request), or "refused: " and why.
    std::string hash;   ///< Of the row before and of everything above.
};

/// Devices, and customers, that one row names.
inline constexpr std::size_t audit_subjects = 1000;

/// While it lives, the first write that this thread gives to the store, and that is kept, carries a row of the entry
/// with it, and is judged by it again: nobody who writes on somebody's behalf can forget either.
///
/// Owns: a share of the entry.  Threads: the one that made it; scopes may nest.  Blocks: no.
class AuditScope
{
public:
    explicit AuditScope(std::shared_ptr<AuditEntry> entry);
    ~AuditScope();
    AuditScope(AuditScope const&) = delete;
    AuditScope& operator=(AuditScope const&) = delete;

    /// Of this thread; nullptr: nobody asked for what it does. Whoever learns more of the request before its write may
    /// add that.
    [[nodiscard]] static std::shared_ptr<AuditEntry> const& current();
    /// What is done on this thread concerns these, too, as far as a row has room for them (audit_subjects of each).
    static void concerns(std::set<std::string, std::less<>> const& devices,
                         std::set<std::string, std::less<>> const& customers);

private:
    std::shared_ptr<AuditEntry> before_;
};

/// The end of the chain.
struct AuditHead {
    std::int64_t id{}; ///< 0: there is no row yet.
    std::string hash;  ///< "" then.
};

/// Rows up to here were deleted for their age.
struct AuditCheckpoint {
    std::int64_t id{};
    std::string hash;
    UnixMs at_ms{};
    std::string signature; ///< Ours: nobody else can shorten the chain (access/auditor.hpp).
};

struct AuditWish {
    std::int64_t before = 0; ///< Rows with smaller ids; 0 = from the newest.
    std::string search;      ///< Folded; name, action, detail or address contains it.
    std::string actor_id;
    std::string device_id;
    std::string customer_id;
    std::optional<bool> refused;
    std::optional<UnixMs> from_ms;
    std::optional<UnixMs> to_ms;
    std::int64_t limit = 100;
};

struct AuditPage {
    std::vector<AuditRow> rows; ///< Newest first.
    std::int64_t next = 0;      ///< To be given as `before`; 0 = there is nothing older.
};

/// Rows that one page looks at: with a search that fits little the page is short, and `next` goes on.
inline constexpr std::int64_t audit_looked_at = 20'000;
/// Rows that one work deletes.
inline constexpr std::int64_t audit_pruned_at_once = 500;

/// The hash of a row that stands after one of hash `previous`.
[[nodiscard]] std::string audit_hash(AuditRow const& row, std::string_view previous);
[[nodiscard]] AuditRow row_of(AuditEntry const& entry, std::string result);
/// At the end of the chain; its id and hash are made here.
Result<> append_audit(sqlite::Database& db, AuditRow row);
Result<AuditHead> audit_head(sqlite::Database& db);
Result<std::optional<AuditCheckpoint>> audit_checkpoint(sqlite::Database& db);
/// Rows that concern other customers are not there for a scope that does not see all of theirs; rows that concern no
/// customer are for those who see all.
Result<AuditPage> audit_page(sqlite::Database& db, Scope const& scope, AuditWish const& wish);
/// From the oldest on, `count` rows after `after`.
Result<std::vector<AuditRow>> audit_rows(sqlite::Database& db, std::int64_t after, std::int64_t count);
/// The last of the rows before `before_ms` that one work may delete; nullopt: there are none.
Result<std::optional<AuditHead>> audit_prunable(sqlite::Database& db, UnixMs before_ms);
/// Deletes the rows up to the checkpoint and leaves it in their place.
Result<> prune_audit(sqlite::Database& db, AuditCheckpoint const& checkpoint);

} // namespace rollcall::store
