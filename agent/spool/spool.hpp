#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/age_clock.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/core/value.hpp"
#include "common/sqlite/database.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::spool
{

using namespace std::chrono_literals;

/// What a lane may hold: of bodies, in bytes (the file is somewhat larger), and how old a record may become.
struct Limits {
    std::size_t event_bytes = 16UL * 1024 * 1024;  ///< About 80,000 log-ins.
    std::size_t state_bytes = 32UL * 1024 * 1024;  ///< A few whole snapshots of the largest size.
    std::size_t series_bytes = 32UL * 1024 * 1024; ///< About two days; two weeks and more as they are thinned.
    /// As long as the collector keeps each: what is older would be deleted there. States have no age: the latest
    /// counts.
    std::chrono::milliseconds event_age = std::chrono::hours(365 * 24);
    std::chrono::milliseconds series_age = std::chrono::hours(14 * 24);
};

/// Series are appended without waiting for the disk; this is the most of them that a loss of power can take.
inline constexpr auto flush_every = 60s;

/// Records that one step of dropping what is too old takes out of a lane, so that nobody waits for it long.
inline constexpr std::size_t old_per_step = 1000;

struct Options {
    std::filesystem::path folder; ///< spool.db stands in it.
    Clock const* clock = nullptr;
    Limits limits;
    bool in_memory = false; ///< No file, and nothing outlives it: for simulated devices by the thousand.
};

/// One record, ready to be sent.
struct Record {
    std::uint64_t sequence{};
    std::string text;
};

/// What a probe saw last, also across a restart.
struct Stored {
    std::string probe;
    UnixMs taken_ms{};
    std::string digest;       ///< "" = it never saw anything.
    std::string unknown;      ///< Why it saw nothing the last time; "" = it did.
    std::uint64_t cut_rows{}; ///< Rows that were too many.
    Snapshot rows;
};

/// What is left to do after a Welcome.
enum class Welcomed {
    go_on,     ///< Send what is after the marks.
    new_epoch, ///< The collector has records that we have not: the file is older than its epoch. A new one was begun;
               ///< say hello again.
};

/// What the agent knows and the collector has not yet acknowledged: three lanes in one SQLite file, each numbered
/// from 1.
///
/// An event is on the disk when append() returns. A state record is merged with one of the same probe that was not yet
/// sent; one that waits for its acknowledgement stays as it is. A lane over its limit loses its oldest records (of
/// series at first only what is between two readings of five minutes), and so do records that became too old, by a
/// clock that believes no leap ahead (AgeClock). A Gap stands in their place (not in the state lane: the comparison of
/// digests at the next connect makes that good).
///
/// Owns: spool.db.
/// Threads: one at a time; see SpoolThread.
/// Blocks: yes, on the disk.
class Spool
{
public:
    /// A file that is damaged is moved aside as spool.db.corrupt-<ms> (the last one is kept), and a new one begun with
    /// a Gap and with what can still be read of the old one.
    [[nodiscard]] static Result<Spool> open(Options const& options);

    Spool(Spool&&) noexcept;
    Spool& operator=(Spool&&) noexcept;
    ~Spool();

    /// Random id of this file's numbering.
    [[nodiscard]] std::string const& epoch() const { return epoch_; }
    [[nodiscard]] Result<wire::LaneRange> range(wire::Lane lane);
    /// Bytes of the bodies that wait.
    [[nodiscard]] std::size_t bytes(wire::Lane lane) const { return bytes_.at(static_cast<std::size_t>(lane)); }
    /// How many records wait.
    [[nodiscard]] Result<std::uint64_t> count(wire::Lane lane);

    /// The sequence they got. The message's own `sequence` is ignored.
    Result<std::uint64_t> append(wire::Event event);
    Result<std::uint64_t> append(wire::Series series);
    /// All of them and what is to be remembered with them (see remember), in one transaction. Where it fails they are
    /// not counted as lost, for whoever tells still has them.
    Result<> append(std::vector<wire::Event> events, std::string_view key, std::string_view value);
    /// `now` is what the probe sees after the change; it is remembered in the same transaction. For an unknown probe
    /// (`change.unknown`) it is ignored: what was seen last stays.
    Result<std::uint64_t> append(wire::State change, Snapshot const& now);

    /// Makes everything appended so far durable. Cheap where there is nothing.
    Result<> flush();

    /// One step of dropping events and series that are older than their limit; looks at the clock, so it should be
    /// called every minute or so. True: there is more to drop at once.
    [[nodiscard]] Result<bool> drop_old();

    /// The records after `after`, oldest first: at most `records` of them, and no more than `bytes` but for the first.
    /// They count as sent until the next welcomed().
    [[nodiscard]] Result<std::vector<Record>> next_batch(wire::Lane lane, std::uint64_t after, std::size_t records,
                                                         std::size_t bytes);
    /// Everything up to `up_to` is stored by the collector.
    Result<> forget(wire::Lane lane, std::uint64_t up_to);

    /// Begins a session: forgets what the collector has, and puts into the state lane what it needs and nothing else.
    /// `told` are the digests of our hello.
    Result<Welcomed> welcomed(wire::Welcome const& welcome, std::map<std::string, std::string> const& told);
    /// Puts these state probes into their lane once more, whole; those never seen are skipped.
    Result<> put_whole(std::vector<std::string> const& probes);

    [[nodiscard]] Result<std::optional<Stored>> last(std::string_view probe);
    [[nodiscard]] Result<std::map<std::string, std::string>> digests();

    /// Small things to be remembered across a restart.
    Result<> remember(std::string_view key, std::string_view value);
    [[nodiscard]] Result<std::optional<std::string>> recall(std::string_view key);

    /// Forgets everything and begins a new epoch: the machine was enrolled as another device.
    Result<> start_over();

private:
    Spool(sqlite::Database db, Options options);

    static Result<Spool> open_file(Options const& options);
    Result<> load();
    Result<> salvage(std::filesystem::path const& file);
    Result<> insert_again(wire::FromAgent message, std::string_view probe);
    Result<> set_durable(bool durable);
    Result<std::uint64_t> take_sequences(wire::Lane lane, std::uint64_t count = 1);
    Result<> insert(wire::Lane lane, std::uint64_t sequence, std::uint64_t first, std::string_view probe,
                    std::optional<UnixMs> at_ms, std::string_view body);
    Result<std::size_t> erase(wire::Lane lane, std::uint64_t first, std::uint64_t last);
    Result<> drop(wire::Lane lane, std::uint64_t first, std::uint64_t last, std::string_view why);
    Result<> look_at_clock();
    Result<bool> drop_old(wire::Lane lane, UnixMs before_ms);
    Result<> tell_lost(wire::Lane lane);
    Result<> put_gap(wire::Lane lane, std::uint64_t first, std::uint64_t last, std::string_view why);
    Result<> thin();
    Result<> trim(wire::Lane lane);
    Result<> recount(wire::Lane lane);
    Result<std::uint64_t> append_in_transaction(wire::State change);
    Result<> remember_snapshot(wire::State const& change, Snapshot const& now);
    Result<> rebuild(Stored const& stored, bool whole);
    Result<> begin_epoch();
    Result<> remember_in_transaction(std::string_view key, std::string_view value);
    template <class Message>
    Result<std::uint64_t> append_message(wire::Lane lane, Message message, bool durable);

    static constexpr std::size_t lanes = 3;

    Options options_;
    std::string epoch_;
    std::array<std::size_t, lanes> bytes_{};
    std::array<std::uint64_t, lanes> sent_{}; ///< Highest sequence handed out in this session.
    std::array<std::uint64_t, lanes>
        lost_{};                         ///< Records that did not get onto the disk and that nobody was told about yet.
    bool durable_ = true;                ///< Current mode of the connection.
    bool dirty_ = false;                 ///< Something was committed that a loss of power may take.
    std::optional<AgeClock> clock_;      ///< By which records grow old.
    std::optional<AgeClock> kept_clock_; ///< As it stands in the file.
    std::unique_ptr<sqlite::Database> db_; ///< nullptr: moved from.
};

} // namespace rollcall::spool
