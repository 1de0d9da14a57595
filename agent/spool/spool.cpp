#include "agent/spool/spool.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "agent/spool/merge.hpp"
#include "agent/spool/schema.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"
#include "common/sqlite/transaction.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::spool
{

using wire::Lane;

static constexpr std::size_t epoch_bytes = 16;
/// A lane over its limit is brought to this share of it, so that not every append has to drop something.
static constexpr std::size_t keep_tenths = 9;

/// The clock by which records grow old is written down this often, and when it leapt: a leap is days.
static constexpr std::chrono::milliseconds keep_clock_every = 1h;
static constexpr std::string_view clock_key = "age_clock";

/// What thinning leaves of a series: one reading in this time.
static constexpr std::chrono::milliseconds thinned_to = 5min;

static std::size_t index_of(Lane lane) { return static_cast<std::size_t>(lane); }

/// The lane in which a message of the spool stands.
static Lane lane_of(wire::FromAgent const& message)
{
    if (std::holds_alternative<wire::State>(message)) return Lane::state;
    if (std::holds_alternative<wire::Series>(message)) return Lane::series;
    auto const* const gap = std::get_if<wire::Gap>(&message);
    return gap != nullptr && gap->lane == to_string(Lane::series) ? Lane::series : Lane::event;
}

/// When a record says that it was; nothing where that is no age: states do not grow old, and a clock that was never set
/// says nothing.
static std::optional<UnixMs> time_of(wire::FromAgent const& message)
{
    std::optional<UnixMs> at_ms;
    if (auto const* const event = std::get_if<wire::Event>(&message)) at_ms = event->at_ms;
    if (auto const* const series = std::get_if<wire::Series>(&message)) at_ms = series->taken_ms;
    return at_ms && *at_ms >= clock_never_set_ms ? at_ms : std::nullopt;
}

/// How many records a gap stands for. One that makes no sense (of a damaged file) stands for one.
static std::uint64_t width_of(wire::Gap const& gap)
{
    static constexpr std::uint64_t most = 1'000'000'000;
    if (gap.last < gap.first || gap.last - gap.first >= most) return 1;
    return gap.last - gap.first + 1;
}

static std::size_t limit_of(Limits const& limits, Lane lane)
{
    switch (lane) {
    case Lane::event:
        return limits.event_bytes;
    case Lane::state:
        return limits.state_bytes;
    case Lane::series:
        return limits.series_bytes;
    }
    return limits.event_bytes;
}

Spool::Spool(sqlite::Database db, Options options)
    : options_(std::move(options))
    , db_(std::make_unique<sqlite::Database>(std::move(db)))
{
}
Spool::Spool(Spool&&) noexcept = default;
Spool& Spool::operator=(Spool&&) noexcept = default;

Spool::~Spool()
{
    if (!db_) return;
    if (auto const flushed = flush(); !flushed) log::warning("spool.flush_failed", {{"error", flushed.error()}});
}

/// The damaged file may help to find out why; only the last one, so that a dying disk is not filled as well. Its log
/// goes with it: what was written last stands there.
static Result<std::filesystem::path> move_aside(std::filesystem::path const& folder, UnixMs now_ms)
{
    std::error_code failed;
    std::filesystem::directory_iterator const entries(folder, failed);
    for (auto const& entry : entries) {
        std::error_code ignored;
        if (entry.path().filename().string().starts_with("spool.db.corrupt-"))
            std::filesystem::remove(entry.path(), ignored);
    }
    auto const aside = folder / fmt::format("spool.db.corrupt-{}", now_ms);
    std::filesystem::rename(folder / "spool.db", aside, failed);
    if (failed)
        return fail(errc::io, fmt::format("move {} aside: {}", (folder / "spool.db").string(), failed.message()));
    std::error_code ignored;
    std::filesystem::rename(folder / "spool.db-wal", aside.string() + "-wal", ignored);
    std::filesystem::remove(folder / "spool.db-shm", ignored);
    return aside;
}

namespace
{

/// What can still be read of a damaged file.
struct Wreck {
    std::map<std::int64_t, wire::FromAgent> records; ///< Events, series and gaps, in the order in which they came.
    std::map<std::string, std::string> memory;
};

/// Takes rows until the first that cannot be read, which ends the walk from that side.
void walk(sqlite::Database& db, std::string_view sql, std::function<void(sqlite::Statement&)> const& take)
{
    auto query = db.prepare(sql);
    while (query) {
        auto const row = query->step();
        if (!row || !*row) return;
        take(*query);
    }
}

/// From the front and from the back: a page that is damaged lies between what is saved. Only what is a whole message
/// counts.
Wreck read_wreck(std::filesystem::path const& file)
{
    Wreck found;
    auto db = sqlite::Database::open({.path = file});
    if (!db) return found;
    auto const take = [&](sqlite::Statement& row) {
        auto message = wire::decode_from_agent(row.bytes(1));
        if (!message) return;
        bool const wanted = std::holds_alternative<wire::Event>(*message) ||
                            std::holds_alternative<wire::Series>(*message) ||
                            std::holds_alternative<wire::Gap>(*message);
        if (wanted) found.records.emplace(row.integer(0), std::move(*message));
    };
    walk(*db, "SELECT id, body FROM record ORDER BY id", take);
    walk(*db, "SELECT id, body FROM record ORDER BY id DESC", take);
    walk(*db, "SELECT key, value FROM memory ORDER BY key",
         [&](sqlite::Statement& row) { found.memory.emplace(row.text(0), row.text(1)); });
    return found;
}

} // namespace

Result<Spool> Spool::open(Options const& options)
{
    auto opened = open_file(options);
    if (opened || opened.error().code != errc::corrupt) return opened;

    log::error("spool.corrupt", {{"folder", options.folder.string()}, {"error", opened.error()}});
    auto const moved = move_aside(options.folder, options.clock->now_ms());
    if (!moved) return fail(moved.error(), "spool");
    opened = open_file(options);
    if (!opened) return opened;
    if (auto const saved = opened->salvage(*moved); !saved) return fail(saved.error(), "spool: salvage");
    return opened;
}

/// Nobody knows how much was lost, so a gap stands at the beginning; what can be saved follows under numbers of the new
/// epoch, and some of it may have been acknowledged before: twice told is better than lost. States are not needed,
/// since they are read again.
Result<> Spool::salvage(std::filesystem::path const& file)
{
    auto wreck = read_wreck(file);
    auto transaction = sqlite::Transaction::begin(*db_);
    if (!transaction) return transaction.error();
    for (auto const lane : {Lane::event, Lane::series}) {
        auto const place = take_sequences(lane);
        if (!place) return place.error();
        if (auto told = put_gap(lane, *place, *place, "spool_corrupt"); !told) return told;
    }
    for (auto const& [key, value] : wreck.memory)
        if (auto done = remember_in_transaction(key, value); !done) return done;
    for (auto& [id, message] : wreck.records)
        if (auto done = insert_again(std::move(message), ""); !done) return done;
    for (auto const lane : {Lane::event, Lane::series})
        if (auto done = trim(lane); !done) return done;
    if (auto stored = transaction->commit(); !stored) return stored;
    log::warning("spool.salvaged", {{"file", file.string()}, {"records", wreck.records.size()}});
    return {};
}

/// A record of another epoch, under the next number of this one; a gap gets as many as it had.
Result<> Spool::insert_again(wire::FromAgent message, std::string_view probe)
{
    auto const lane = lane_of(message);
    auto* const gap = std::get_if<wire::Gap>(&message);
    auto const width = gap != nullptr ? width_of(*gap) : 1;
    auto const last = take_sequences(lane, width);
    if (!last) return last.error();
    auto const first = *last - width + 1;
    if (gap != nullptr) {
        gap->first = first;
        gap->last = *last;
    }
    if (auto* const event = std::get_if<wire::Event>(&message)) event->sequence = *last;
    if (auto* const series = std::get_if<wire::Series>(&message)) series->sequence = *last;
    if (auto* const state = std::get_if<wire::State>(&message)) state->sequence = *last;
    return insert(lane, *last, first, probe, time_of(message), wire::encode(message));
}

Result<Spool> Spool::open_file(Options const& options)
{
    auto db = sqlite::Database::open({.path = options.in_memory ? ":memory:" : options.folder / "spool.db"});
    if (!db) return fail(db.error(), "spool");
    if (auto const checked = db->check_integrity(); !checked) return fail(checked.error(), "spool");
    if (auto const migrated = sqlite::migrate(*db, migrations, compatible_schema); !migrated)
        return fail(migrated.error(), "spool");
    Spool spool(std::move(*db), options);
    if (auto const loaded = spool.load(); !loaded) return fail(loaded.error(), "spool");
    return spool;
}

Result<> Spool::load()
{
    {
        auto query = db_->prepare("SELECT epoch FROM file WHERE id = 1");
        if (!query) return query.error();
        auto const row = query->step();
        if (!row) return row.error();
        if (*row) epoch_ = query->text(0);
    }
    if (epoch_.empty()) {
        if (auto begun = begin_epoch(); !begun) return begun;
    }
    for (auto const lane : {Lane::event, Lane::state, Lane::series}) {
        if (auto counted = recount(lane); !counted) return counted;
    }
    return {};
}

Result<> Spool::begin_epoch()
{
    std::array<unsigned char, epoch_bytes> raw{};
    random_bytes(raw);
    auto const fresh = to_hex(raw);
    auto query = db_->prepare(
        "INSERT INTO file (id, epoch) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch");
    if (!query) return query.error();
    if (auto stored = query->bind(fresh).run(); !stored) return stored;
    epoch_ = fresh;
    return {};
}

Result<> Spool::recount(Lane lane)
{
    auto query = db_->prepare("SELECT coalesce(sum(length(CAST(body AS BLOB))), 0) FROM record WHERE lane = ?");
    if (!query) return query.error();
    auto const row = query->bind(index_of(lane)).step();
    if (!row) return row.error();
    bytes_.at(index_of(lane)) = static_cast<std::size_t>(query->integer(0));
    return {};
}

Result<> Spool::set_durable(bool durable)
{
    if (durable == durable_) return {};
    auto set = db_->set_synchronous(durable ? sqlite::Synchronous::full : sqlite::Synchronous::normal);
    if (set) durable_ = durable;
    return set;
}

Result<wire::LaneRange> Spool::range(Lane lane)
{
    auto query =
        db_->prepare("SELECT l.next, coalesce((SELECT min(r.first) FROM record r WHERE r.lane = l.lane), l.next) "
                     "FROM lane l WHERE l.lane = ?");
    if (!query) return fail(query.error(), "spool: range");
    auto const row = query->bind(index_of(lane)).step();
    if (!row) return fail(row.error(), "spool: range");
    if (!*row) return fail(errc::corrupt, "spool: range: the lane is missing");
    return wire::LaneRange{static_cast<std::uint64_t>(query->integer(1)),
                           static_cast<std::uint64_t>(query->integer(0))};
}

Result<std::uint64_t> Spool::count(Lane lane)
{
    auto query = db_->prepare("SELECT count(*) FROM record WHERE lane = ?");
    if (!query) return fail(query.error(), "spool: count");
    auto const row = query->bind(index_of(lane)).step();
    if (!row) return fail(row.error(), "spool: count");
    return static_cast<std::uint64_t>(query->integer(0));
}

/// The last of the numbers that are taken.
Result<std::uint64_t> Spool::take_sequences(Lane lane, std::uint64_t count)
{
    auto query = db_->prepare("UPDATE lane SET next = next + ? WHERE lane = ? RETURNING next - 1");
    if (!query) return query.error();
    auto const row = query->bind(count, index_of(lane)).step();
    if (!row) return row.error();
    if (!*row) return fail(errc::corrupt, "the lane is missing");
    return static_cast<std::uint64_t>(query->integer(0));
}

Result<> Spool::insert(Lane lane, std::uint64_t sequence, std::uint64_t first, std::string_view probe,
                       std::optional<UnixMs> at_ms, std::string_view body)
{
    auto query =
        db_->prepare("INSERT INTO record (lane, sequence, first, probe, at_ms, body) VALUES (?, ?, ?, ?, ?, ?)");
    if (!query) return query.error();
    if (auto stored = query->bind(index_of(lane), sequence, first, probe, at_ms, body).run(); !stored) return stored;
    bytes_.at(index_of(lane)) += body.size();
    return {};
}

/// The bytes that became free.
Result<std::size_t> Spool::erase(Lane lane, std::uint64_t first, std::uint64_t last)
{
    auto query = db_->prepare(
        "DELETE FROM record WHERE lane = ? AND sequence BETWEEN ? AND ? RETURNING length(CAST(body AS BLOB))");
    if (!query) return query.error();
    query->bind(index_of(lane), first, last);
    std::size_t gone = 0;
    for (;;) {
        auto const row = query->step();
        if (!row) return row.error();
        if (!*row) break;
        gone += static_cast<std::size_t>(query->integer(0));
    }
    bytes_.at(index_of(lane)) -= gone;
    return gone;
}

Result<> Spool::put_gap(Lane lane, std::uint64_t first, std::uint64_t last, std::string_view why)
{
    wire::Gap const gap{.lane = std::string(wire::to_string(lane)),
                        .first = first,
                        .last = last,
                        .at_ms = options_.clock->now_ms(),
                        .reason = std::string(why)};
    return insert(lane, last, first, "", std::nullopt, wire::encode(wire::FromAgent(gap)));
}

/// Records that did not get onto the disk have no number yet: they get theirs now, and a gap in their place.
Result<> Spool::tell_lost(Lane lane)
{
    auto const lost = lost_.at(index_of(lane));
    if (lost == 0) return {};
    auto const last = take_sequences(lane, lost);
    if (!last) return last.error();
    return put_gap(lane, *last - lost + 1, *last, "spool_full");
}

/// Of the older half of the series that were not sent, one reading of each probe in `thinned_to` stays: a coarse curve
/// of a long time is worth more than a fine one of its end. Gaps stand for the rest.
Result<> Spool::thin()
{
    struct Run {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        bool drops = false; ///< More than gaps that stand there already.
    };
    std::vector<Run> runs;
    {
        auto query = db_->prepare("SELECT sequence, first, body FROM record WHERE lane = ? AND sequence > ? "
                                  "ORDER BY sequence");
        if (!query) return query.error();
        query->bind(index_of(Lane::series), sent_.at(index_of(Lane::series)));
        std::set<std::pair<std::string, std::int64_t>> kept;
        auto const half = bytes_.at(index_of(Lane::series)) / 2;
        std::size_t walked = 0;
        bool within = false;
        while (walked < half) {
            auto const row = query->step();
            if (!row) return row.error();
            if (!*row) break;
            auto const body = query->bytes(2);
            walked += body.size();
            auto const message = wire::decode_from_agent(body);
            if (!message) return fail(errc::corrupt, message.error().trace);
            auto const* const series = std::get_if<wire::Series>(&*message);
            if (series != nullptr && kept.emplace(series->probe, series->taken_ms / thinned_to.count()).second) {
                within = false;
                continue;
            }
            if (!std::exchange(within, true)) runs.push_back({.first = static_cast<std::uint64_t>(query->integer(1))});
            runs.back().last = static_cast<std::uint64_t>(query->integer(0));
            runs.back().drops = runs.back().drops || series != nullptr;
        }
    }
    std::erase_if(runs, [](Run const& run) { return !run.drops; });
    for (auto const& run : runs) {
        auto query = db_->prepare("DELETE FROM record WHERE lane = ? AND sequence BETWEEN ? AND ?");
        if (!query) return query.error();
        if (auto done = query->bind(index_of(Lane::series), run.first, run.last).run(); !done) return done;
        if (auto told = put_gap(Lane::series, run.first, run.last, "thinned"); !told) return told;
    }
    log::info("spool.thinned", {{"gaps", runs.size()}});
    return recount(Lane::series);
}

/// A gap at the beginning of a lane keeps its reason when what stands behind it is dropped for another one: nobody
/// knows how many records "spool_corrupt" stands for, and the new gap would make a number of them.
static bool is_gap_of_another_reason(std::string_view body, std::string_view why)
{
    auto const message = wire::decode_from_agent(body);
    auto const* const gap = message ? std::get_if<wire::Gap>(&*message) : nullptr;
    return gap != nullptr && gap->reason != why;
}

/// Thins the series of a lane that is over its limit; drops the oldest where that does not suffice, or is no answer.
Result<> Spool::trim(Lane lane)
{
    auto const limit = limit_of(options_.limits, lane);
    auto const& held = bytes_.at(index_of(lane));
    if (held <= limit) return {};
    if (lane == Lane::series) {
        if (auto done = thin(); !done) return done;
    }

    static constexpr std::string_view why = "spool_full";
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::size_t dropped = 0;
    {
        auto query = db_->prepare("SELECT sequence, first, length(CAST(body AS BLOB)), body FROM record "
                                  "WHERE lane = ? ORDER BY sequence");
        if (!query) return query.error();
        query->bind(index_of(lane));
        if (held <= limit / 10 * keep_tenths) return {};
        while (held - dropped > limit / 10 * keep_tenths) {
            auto const row = query->step();
            if (!row) return row.error();
            if (!*row) break;
            if (first == 0 && is_gap_of_another_reason(query->bytes(3), why)) continue;
            if (first == 0) first = static_cast<std::uint64_t>(query->integer(1));
            last = static_cast<std::uint64_t>(query->integer(0));
            dropped += static_cast<std::size_t>(query->integer(2));
        }
    }
    if (first == 0) return {};
    return drop(lane, first, last, why);
}

/// Deletes these records of a lane, and says so in their place.
Result<> Spool::drop(Lane lane, std::uint64_t first, std::uint64_t last, std::string_view why)
{
    auto const gone = erase(lane, first, last);
    if (!gone) return gone.error();
    log::warning("spool.dropped",
                 {{"lane", wire::to_string(lane)}, {"first", first}, {"last", last}, {"bytes", *gone}, {"why", why}});
    // A gap in the state lane would alarm for nothing: digests find what is missing.
    if (lane == Lane::state) return {};
    return put_gap(lane, first, last, why);
}

/// What time is it, for records to grow old?
Result<> Spool::look_at_clock()
{
    auto const now_ms = options_.clock->now_ms();
    bool const was_ahead = clock_ && is_ahead(*clock_);
    if (!clock_) {
        auto const kept = recall(clock_key);
        if (!kept) return kept.error();
        std::istringstream words(kept->value_or(""));
        AgeClock read;
        if (words >> read.trusted_ms >> read.seen_ms >> read.since_ms) clock_ = kept_clock_ = read;
    }
    if (!clock_) {
        auto query = db_->prepare("SELECT max(at_ms) FROM record");
        if (!query) return query.error();
        auto const row = query->step();
        if (!row) return row.error();
        clock_ = first_look(query->optional_integer(0), now_ms);
    }
    clock_ = observe(*clock_, now_ms);
    if (is_ahead(*clock_) && !was_ahead)
        log::warning("spool.clock_ahead",
                     {{"ahead_s", (clock_->seen_ms - clock_->trusted_ms) / 1000},
                      {"believed_in_s", believed_in(*clock_).count() / 1000},
                      {"remedy", "Nothing is dropped for its age until then; set the clock if it is wrong."}});
    if (kept_clock_ && kept_clock_->since_ms == clock_->since_ms &&
        clock_->seen_ms - kept_clock_->seen_ms < keep_clock_every.count())
        return {};
    auto const text = fmt::format("{} {} {}", clock_->trusted_ms, clock_->seen_ms, clock_->since_ms);
    if (auto done = remember_in_transaction(clock_key, text); !done) return done;
    kept_clock_ = clock_;
    return {};
}

/// The oldest records of one lane that are too old, or `old_per_step` of them. A record without a time is as old as the
/// next one that has one: a gap among what is dropped becomes part of the new one.
Result<bool> Spool::drop_old(Lane lane, UnixMs before_ms)
{
    static constexpr std::string_view why = "too_old";
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool more = false;
    {
        auto query = db_->prepare("SELECT sequence, first, at_ms, body FROM record WHERE lane = ? ORDER BY sequence");
        if (!query) return query.error();
        query->bind(index_of(lane));
        std::uint64_t within = 0; // As far as this step may go.
        std::size_t walked = 0;
        for (;;) {
            auto const row = query->step();
            if (!row) return row.error();
            if (!*row) break;
            auto const at_ms = query->optional_integer(2);
            if (at_ms && *at_ms >= before_ms) break;
            if (first == 0 && !at_ms && is_gap_of_another_reason(query->bytes(3), why)) continue;
            ++walked;
            if (first == 0) first = static_cast<std::uint64_t>(query->integer(1));
            if (walked <= old_per_step) within = static_cast<std::uint64_t>(query->integer(0));
            if (!at_ms) continue;
            last = within;
            more = walked >= old_per_step;
            if (more) break;
        }
    }
    if (last == 0) return false;
    if (auto done = drop(lane, first, last, why); !done) return done.error();
    return more;
}

Result<bool> Spool::drop_old()
{
    auto const before = bytes_;
    auto done = [&]() -> Result<bool> {
        // Not worth a wait for the disk: what comes back after a loss of power grows too old again.
        if (auto const set = set_durable(false); !set) return set.error();
        auto transaction = sqlite::Transaction::begin(*db_);
        if (!transaction) return transaction.error();
        if (auto const looked = look_at_clock(); !looked) return looked.error();
        auto const events = drop_old(Lane::event, cutoff(*clock_, options_.limits.event_age));
        if (!events) return events.error();
        auto const series = drop_old(Lane::series, cutoff(*clock_, options_.limits.series_age));
        if (!series) return series.error();
        if (auto const committed = transaction->commit(); !committed) return committed.error();
        return *events || *series;
    }();
    if (done) return done;
    bytes_ = before;
    kept_clock_.reset();
    return fail(done.error(), "spool: drop_old");
}

template <class Message>
Result<std::uint64_t> Spool::append_message(Lane lane, Message message, bool durable)
{
    // What goes wrong below leaves the numbers as they were: the transaction and the counters go back together.
    auto const before = bytes_;
    auto stored = [&]() -> Result<std::uint64_t> {
        if (auto const set = set_durable(durable); !set) return set.error();
        auto transaction = sqlite::Transaction::begin(*db_);
        if (!transaction) return transaction.error();
        if (auto const told = tell_lost(lane); !told) return told.error();
        auto const sequence = take_sequences(lane);
        if (!sequence) return sequence.error();
        message.sequence = *sequence;
        wire::FromAgent const record = std::move(message);
        if (auto const done = insert(lane, *sequence, *sequence, "", time_of(record), wire::encode(record)); !done)
            return done.error();
        if (auto const done = trim(lane); !done) return done.error();
        if (auto const done = transaction->commit(); !done) return done.error();
        return *sequence;
    }();
    if (!stored) {
        bytes_ = before;
        ++lost_.at(index_of(lane));
        return fail(stored.error(), "spool: append");
    }
    lost_.at(index_of(lane)) = 0;
    dirty_ = !durable;
    return stored;
}

Result<std::uint64_t> Spool::append(wire::Event event) { return append_message(Lane::event, std::move(event), true); }
Result<std::uint64_t> Spool::append(wire::Series series)
{
    return append_message(Lane::series, std::move(series), false);
}

Result<> Spool::append(std::vector<wire::Event> events, std::string_view key, std::string_view value)
{
    auto const before = bytes_;
    auto stored = [&]() -> Result<> {
        if (auto const set = set_durable(true); !set) return set.error();
        auto transaction = sqlite::Transaction::begin(*db_);
        if (!transaction) return transaction.error();
        if (auto const told = tell_lost(Lane::event); !told) return told.error();
        for (auto& event : events) {
            auto const sequence = take_sequences(Lane::event);
            if (!sequence) return sequence.error();
            event.sequence = *sequence;
            wire::FromAgent const record = std::move(event);
            if (auto done = insert(Lane::event, *sequence, *sequence, "", time_of(record), wire::encode(record)); !done)
                return done;
        }
        if (auto done = remember_in_transaction(key, value); !done) return done;
        if (auto done = trim(Lane::event); !done) return done;
        return transaction->commit();
    }();
    if (!stored) {
        bytes_ = before;
        return fail(stored.error(), "spool: append");
    }
    lost_.at(index_of(Lane::event)) = 0;
    dirty_ = false;
    return {};
}

Result<std::uint64_t> Spool::append(wire::State change, Snapshot const& now)
{
    auto const before = bytes_;
    auto stored = [&]() -> Result<std::uint64_t> {
        if (auto const set = set_durable(false); !set) return set.error();
        auto transaction = sqlite::Transaction::begin(*db_);
        if (!transaction) return transaction.error();
        if (auto const done = remember_snapshot(change, now); !done) return done.error();
        auto sequence = append_in_transaction(std::move(change));
        if (!sequence) return sequence;
        if (auto const done = trim(Lane::state); !done) return done.error();
        if (auto const done = transaction->commit(); !done) return done.error();
        return sequence;
    }();
    if (!stored) {
        bytes_ = before;
        return fail(stored.error(), "spool: append");
    }
    dirty_ = true;
    return stored;
}

Result<> Spool::remember_snapshot(wire::State const& change, Snapshot const& now)
{
    if (!change.unknown.empty()) {
        auto query = db_->prepare(
            "INSERT INTO snapshot (probe, taken_ms, digest, unknown, cut_rows, body) VALUES (?, ?, '', ?, 0, '{}') "
            "ON CONFLICT (probe) DO UPDATE SET unknown = excluded.unknown");
        if (!query) return query.error();
        return query->bind(change.probe, change.taken_ms, change.unknown).run();
    }
    auto query = db_->prepare(
        "INSERT INTO snapshot (probe, taken_ms, digest, unknown, cut_rows, body) VALUES (?, ?, ?, '', ?, ?) "
        "ON CONFLICT (probe) DO UPDATE SET taken_ms = excluded.taken_ms, digest = excluded.digest, "
        "unknown = '', cut_rows = excluded.cut_rows, body = excluded.body");
    if (!query) return query.error();
    return query
        ->bind(change.probe, change.taken_ms, change.digest, change.cut_rows,
               boost::json::serialize(wire::to_json(now)))
        .run();
}

/// Merges with what waits of the same probe and was not yet sent, newest first, as far as that fits together.
Result<std::uint64_t> Spool::append_in_transaction(wire::State change)
{
    std::vector<std::pair<std::uint64_t, wire::State>> waiting;
    {
        auto query = db_->prepare("SELECT sequence, body FROM record WHERE lane = ? AND probe = ? AND sequence > ? "
                                  "ORDER BY sequence DESC");
        if (!query) return query.error();
        query->bind(index_of(Lane::state), change.probe, sent_.at(index_of(Lane::state)));
        for (;;) {
            auto const row = query->step();
            if (!row) return row.error();
            if (!*row) break;
            auto decoded = wire::decode_from_agent(query->bytes(1));
            if (!decoded) return fail(errc::corrupt, decoded.error().trace);
            if (auto* const state = std::get_if<wire::State>(&*decoded))
                waiting.emplace_back(static_cast<std::uint64_t>(query->integer(0)), std::move(*state));
        }
    }
    auto replace =
        db_->prepare("DELETE FROM record WHERE lane = ? AND sequence = ? RETURNING length(CAST(body AS BLOB))");
    if (!replace) return replace.error();
    for (auto const& [sequence, older] : waiting) {
        // Known again: that it was not, in between, need not be told any more.
        bool const was_unknown = !older.unknown.empty() && change.unknown.empty();
        auto merged = merge(older, change);
        if (!merged && !was_unknown) break;
        if (merged) change = std::move(*merged);
        auto const row = replace->bind(index_of(Lane::state), sequence).step();
        if (!row) return row.error();
        if (*row) bytes_.at(index_of(Lane::state)) -= static_cast<std::size_t>(replace->integer(0));
        replace->reset();
    }
    auto sequence = take_sequences(Lane::state);
    if (!sequence) return sequence;
    change.sequence = *sequence;
    auto const probe = change.probe;
    auto const body = wire::encode(wire::FromAgent(std::move(change)));
    if (auto const done = insert(Lane::state, *sequence, *sequence, probe, std::nullopt, body); !done)
        return done.error();
    return sequence;
}

Result<> Spool::flush()
{
    if (!dirty_) return {};
    if (auto const set = set_durable(true); !set) return fail(set.error(), "spool: flush");
    // A durable commit carries everything before it in the log to the disk.
    if (auto const done = remember_in_transaction("flushed_ms", std::to_string(options_.clock->now_ms())); !done)
        return fail(done.error(), "spool: flush");
    dirty_ = false;
    return {};
}

Result<std::vector<Record>> Spool::next_batch(Lane lane, std::uint64_t after, std::size_t records, std::size_t bytes)
{
    auto query =
        db_->prepare("SELECT sequence, body FROM record WHERE lane = ? AND sequence > ? ORDER BY sequence LIMIT ?");
    if (!query) return fail(query.error(), "spool: next_batch");
    query->bind(index_of(lane), after, records);
    std::vector<Record> found;
    std::size_t total = 0;
    for (;;) {
        auto const row = query->step();
        if (!row) return fail(row.error(), "spool: next_batch");
        if (!*row) break;
        auto const body = query->bytes(1);
        total += body.size();
        if (total > bytes && !found.empty()) break;
        found.push_back({static_cast<std::uint64_t>(query->integer(0)), std::string(body)});
    }
    if (!found.empty()) sent_.at(index_of(lane)) = std::max(sent_.at(index_of(lane)), found.back().sequence);
    return found;
}

Result<> Spool::forget(Lane lane, std::uint64_t up_to)
{
    // Not worth a wait for the disk: what comes back after a loss of power is sent again and recognised.
    if (auto const set = set_durable(false); !set) return fail(set.error(), "spool: forget");
    if (auto const gone = erase(lane, 0, up_to); !gone) return fail(gone.error(), "spool: forget");
    return {};
}

/// What the collector is told of a probe at the start of a session: everything, or that nothing changed.
Result<> Spool::rebuild(Stored const& stored, bool whole)
{
    if (!stored.digest.empty()) {
        wire::State state;
        state.probe = stored.probe;
        state.taken_ms = stored.taken_ms;
        state.base = whole ? std::string() : stored.digest;
        state.digest = stored.digest;
        state.cut_rows = stored.cut_rows;
        if (whole) state.rows = stored.rows;
        if (auto const done = append_in_transaction(std::move(state)); !done) return done.error();
    }
    if (stored.unknown.empty()) return {};
    wire::State state;
    state.probe = stored.probe;
    state.taken_ms = options_.clock->now_ms();
    state.base = stored.digest;
    state.digest = stored.digest;
    state.unknown = stored.unknown;
    if (auto const done = append_in_transaction(std::move(state)); !done) return done.error();
    return {};
}

Result<Welcomed> Spool::welcomed(wire::Welcome const& welcome, std::map<std::string, std::string> const& told)
{
    sent_ = {};
    std::array<std::uint64_t, lanes> const marks{welcome.event, welcome.state, welcome.series};
    bool behind = false;
    for (auto const lane : {Lane::event, Lane::state, Lane::series}) {
        auto const held = range(lane);
        if (!held) return held.error();
        behind = behind || marks.at(index_of(lane)) >= held->next;
    }
    if (behind) {
        auto const lanes_before = bytes_;
        auto const begun = [&]() -> Result<> {
            if (auto set = set_durable(true); !set) return set;
            auto transaction = sqlite::Transaction::begin(*db_);
            if (!transaction) return transaction.error();
            auto const old = epoch_;
            // Numbers of the old epoch that we do not know are taken: what waits gets numbers of its own.
            for (auto const lane : {Lane::event, Lane::state, Lane::series}) {
                std::vector<std::pair<std::string, std::string>> waiting;
                {
                    auto query = db_->prepare("SELECT probe, body FROM record WHERE lane = ? ORDER BY sequence");
                    if (!query) return query.error();
                    query->bind(index_of(lane));
                    for (;;) {
                        auto const row = query->step();
                        if (!row) return row.error();
                        if (!*row) break;
                        waiting.emplace_back(query->text(0), query->text(1));
                    }
                }
                auto clear = db_->prepare("DELETE FROM record WHERE lane = ?");
                if (!clear) return clear.error();
                if (auto done = clear->bind(index_of(lane)).run(); !done) return done;
                auto restart = db_->prepare("UPDATE lane SET next = 1 WHERE lane = ?");
                if (!restart) return restart.error();
                if (auto done = restart->bind(index_of(lane)).run(); !done) return done;
                bytes_.at(index_of(lane)) = 0;
                for (auto& [probe, body] : waiting) {
                    auto message = wire::decode_from_agent(body);
                    if (!message) return fail(errc::corrupt, message.error().trace);
                    if (auto done = insert_again(*std::move(message), probe); !done) return done;
                }
            }
            if (auto done = begin_epoch(); !done) return done;
            auto committed = transaction->commit();
            if (!committed) epoch_ = old;
            return committed;
        }();
        if (!begun) {
            bytes_ = lanes_before;
            return fail(begun.error(), "spool: new epoch");
        }
        log::warning("spool.new_epoch",
                     {{"epoch", epoch_}, {"why", "the collector has records that this spool has not"}});
        return Welcomed::new_epoch;
    }

    auto const before = bytes_;
    auto const done = [&]() -> Result<> {
        if (auto set = set_durable(false); !set) return set;
        auto transaction = sqlite::Transaction::begin(*db_);
        if (!transaction) return transaction.error();
        if (auto forgotten = forget(Lane::event, welcome.event); !forgotten) return forgotten;
        if (auto forgotten = forget(Lane::series, welcome.series); !forgotten) return forgotten;

        std::set<std::string> waiting;
        {
            auto query = db_->prepare("SELECT DISTINCT probe FROM record WHERE lane = ?");
            if (!query) return query.error();
            query->bind(index_of(Lane::state));
            for (;;) {
                auto const row = query->step();
                if (!row) return row.error();
                if (!*row) break;
                waiting.insert(query->text(0));
            }
        }
        auto clear = db_->prepare("DELETE FROM record WHERE lane = ?");
        if (!clear) return clear.error();
        if (auto cleared = clear->bind(index_of(Lane::state)).run(); !cleared) return cleared;
        bytes_.at(index_of(Lane::state)) = 0;

        std::vector<std::pair<std::string, bool>> changed; // probe, whole
        {
            auto query = db_->prepare("SELECT probe, digest, unknown FROM snapshot ORDER BY probe");
            if (!query) return query.error();
            for (;;) {
                auto const row = query->step();
                if (!row) return row.error();
                if (!*row) break;
                auto probe = query->text(0);
                auto const said = told.find(probe);
                bool const whole = std::find(welcome.need.begin(), welcome.need.end(), probe) != welcome.need.end() ||
                                   (said == told.end() ? !query->bytes(1).empty() : said->second != query->bytes(1));
                if (whole || waiting.contains(probe) || !query->bytes(2).empty())
                    changed.emplace_back(std::move(probe), whole);
            }
        }
        for (auto const& [probe, whole] : changed) {
            auto const stored = last(probe);
            if (!stored) return stored.error();
            if (!*stored) continue;
            if (auto put = rebuild(**stored, whole); !put) return put;
        }
        return transaction->commit();
    }();
    if (!done) {
        bytes_ = before;
        return fail(done.error(), "spool: welcome");
    }
    dirty_ = true;
    return Welcomed::go_on;
}

Result<> Spool::put_whole(std::vector<std::string> const& probes)
{
    auto const before = bytes_;
    auto const done = [&]() -> Result<> {
        if (auto set = set_durable(false); !set) return set;
        auto transaction = sqlite::Transaction::begin(*db_);
        if (!transaction) return transaction.error();
        for (auto const& probe : probes) {
            auto const stored = last(probe);
            if (!stored) return stored.error();
            if (!*stored) continue;
            if (auto put = rebuild(**stored, true); !put) return put;
        }
        return transaction->commit();
    }();
    if (!done) {
        bytes_ = before;
        return fail(done.error(), "spool: put_whole");
    }
    dirty_ = true;
    return {};
}

Result<std::optional<Stored>> Spool::last(std::string_view probe)
{
    auto query = db_->prepare("SELECT taken_ms, digest, unknown, cut_rows, body FROM snapshot WHERE probe = ?");
    if (!query) return fail(query.error(), "spool: last");
    auto const row = query->bind(probe).step();
    if (!row) return fail(row.error(), "spool: last");
    if (!*row) return std::optional<Stored>();
    boost::system::error_code failed;
    auto const json = boost::json::parse(query->text(4), failed);
    if (failed) return fail(errc::corrupt, fmt::format("spool: last: {}: {}", probe, failed.message()));
    auto rows = wire::snapshot_from_json(json);
    if (!rows) return fail(errc::corrupt, fmt::format("spool: last: {}: {}", probe, rows.error().trace));
    return std::optional<Stored>(Stored{.probe = std::string(probe),
                                        .taken_ms = query->integer(0),
                                        .digest = query->text(1),
                                        .unknown = query->text(2),
                                        .cut_rows = static_cast<std::uint64_t>(query->integer(3)),
                                        .rows = std::move(*rows)});
}

Result<std::map<std::string, std::string>> Spool::digests()
{
    auto query = db_->prepare("SELECT probe, digest FROM snapshot WHERE digest <> '' ORDER BY probe");
    if (!query) return fail(query.error(), "spool: digests");
    std::map<std::string, std::string> found;
    for (;;) {
        auto const row = query->step();
        if (!row) return fail(row.error(), "spool: digests");
        if (!*row) return found;
        found.emplace(query->text(0), query->text(1));
    }
}

Result<> Spool::remember_in_transaction(std::string_view key, std::string_view value)
{
    auto query = db_->prepare(
        "INSERT INTO memory (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
    if (!query) return query.error();
    return query->bind(key, value).run();
}

Result<> Spool::remember(std::string_view key, std::string_view value)
{
    if (auto const set = set_durable(true); !set) return fail(set.error(), "spool: remember");
    if (auto const done = remember_in_transaction(key, value); !done) return fail(done.error(), "spool: remember");
    dirty_ = false;
    return {};
}

Result<std::optional<std::string>> Spool::recall(std::string_view key)
{
    auto query = db_->prepare("SELECT value FROM memory WHERE key = ?");
    if (!query) return fail(query.error(), "spool: recall");
    auto const row = query->bind(key).step();
    if (!row) return fail(row.error(), "spool: recall");
    if (!*row) return std::optional<std::string>();
    return std::optional<std::string>(query->text(0));
}

Result<> Spool::start_over()
{
    if (auto const set = set_durable(true); !set) return fail(set.error(), "spool: start_over");
    auto transaction = sqlite::Transaction::begin(*db_);
    if (!transaction) return fail(transaction.error(), "spool: start_over");
    auto const old = epoch_;
    auto done = db_->exec("DELETE FROM record; DELETE FROM snapshot; DELETE FROM memory; UPDATE lane SET next = 1");
    if (done) done = begin_epoch();
    if (done) done = transaction->commit();
    if (!done) {
        epoch_ = old;
        return fail(done.error(), "spool: start_over");
    }
    bytes_ = {};
    sent_ = {};
    lost_ = {};
    clock_.reset();
    kept_clock_.reset();
    return {};
}

} // namespace rollcall::spool
