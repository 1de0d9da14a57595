#include "collector/store/upkeep.hpp"

#include <utility>

#include "common/log/log.hpp"

namespace rollcall::store
{

static constexpr std::size_t place_of(Expiring kind) { return static_cast<std::size_t>(kind); }

Upkeep::Upkeep(Options options)
    : options_(options)
{
}

Upkeep::~Upkeep() { stop(); }

void Upkeep::start()
{
    thread_ = std::thread([this] { run(); });
}

void Upkeep::stop()
{
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Upkeep::run()
{
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        auto const more = step();
        auto pause = more && *more ? std::chrono::milliseconds(0) : look_every;
        if (!more) {
            log::warning("upkeep.failed", {{"error", more.error()}});
            pause = pause_after_failure;
        }
        lock.lock();
        wake_.wait_for(lock, pause, [this] { return stopping_; });
    }
}

Result<bool> Upkeep::step()
{
    auto const now = options_.clock.steady();
    auto done = [&]() -> Result<bool> {
        if (!clock_ || !looked_ || now - *looked_ >= look_every) {
            looked_ = now;
            if (auto const seen = look(); !seen) return seen.error();
            return true;
        }
        if (!sampled_ || now - *sampled_ >= size_every) {
            sampled_ = now;
            if (auto const sampled = sample_size(); !sampled) return sampled.error();
            return true;
        }
        if (!tasks_.empty()) {
            if (auto const worked = work(); !worked) return worked.error();
            return true;
        }
        if (!in_round_ && round_began_ && now - *round_began_ < round_every) return false;
        return plan();
    }();
    if (done) return done;
    ++failures_;
    return fail(done.error(), "upkeep");
}

/// What time is it, for things to grow old?
Result<> Upkeep::look()
{
    auto const now_ms = options_.clock.now_ms();
    std::optional<AgeClock> clock;
    if (clock_) {
        clock = observe(*clock_, now_ms);
    } else {
        auto read = options_.store.read([&](sqlite::Database& db) -> Result<> {
            auto const first = look_at_age(db, now_ms);
            if (!first) return first.error();
            clock = *first;
            return {};
        });
        if (!read) return read;
    }
    auto kept = options_.store.write([&](sqlite::Database& db) { return save_age_clock(db, *clock); });
    if (!kept) return kept;
    clock_ = clock;
    auto const ahead = is_ahead(*clock);
    if (clock_ahead_.exchange(ahead) == ahead) return {};
    if (ahead)
        log::warning("upkeep.clock_ahead",
                     {{"ahead_s", (clock->seen_ms - clock->trusted_ms) / 1000},
                      {"believed_in_s", believed_in(*clock).count() / 1000},
                      {"remedy", "Nothing is deleted for its age until then; set the clock if it is wrong."}});
    else
        log::info("upkeep.clock_trusted", {{"trusted_ms", clock->trusted_ms}});
    return {};
}

Result<> Upkeep::sample_size()
{
    auto const now_ms = options_.clock.now_ms();
    auto const bytes = options_.store.size_bytes();
    std::optional<Growth> grown;
    auto done = options_.store.write([&](sqlite::Database& db) -> Result<> {
        auto const found = growth(db, now_ms, bytes);
        if (!found) return found.error();
        grown = *found;
        return add_size_sample(db, now_ms, bytes);
    });
    if (!done) return done;
    std::lock_guard const lock(mutex_);
    bytes_per_day_ = grown ? std::optional(grown->bytes_per_day) : std::nullopt;
    return {};
}

Expired Upkeep::expired(Expiring kind, std::string device_id, std::string probe) const
{
    auto const& keep = options_.retention;
    auto const days = [&] {
        switch (kind) {
        case Expiring::state_changes:
            return keep.state_changes;
        case Expiring::alerts:
            return keep.alerts;
        case Expiring::events:
            return keep.events;
        case Expiring::gaps:
            return keep.gaps;
        case Expiring::actions:
            return keep.actions;
        case Expiring::readings:
            return keep.readings;
        case Expiring::five_minutes:
            return keep.five_minutes;
        case Expiring::hours:
            return keep.hours;
        case Expiring::days:
            return keep.days;
        }
        return retention_most;
    }();
    return {
        .kind = kind, .before_ms = cutoff(*clock_, days), .device_id = std::move(device_id), .probe = std::move(probe)};
}

/// Looks through the next few devices. False: the round is over.
Result<bool> Upkeep::plan()
{
    bool const begins = !std::exchange(in_round_, true);
    if (begins) {
        round_began_ = options_.clock.steady();
        after_.clear();
    }
    bool more = true;
    auto const seal_before_ms = options_.clock.now_ms() - seal_after.count();
    std::deque<Task> found;
    auto const read = options_.store.read([&](sqlite::Database& db) -> Result<> {
        std::vector<Expired> asked;
        if (begins) {
            asked.push_back(expired(Expiring::state_changes));
            asked.push_back(expired(Expiring::alerts));
        }
        auto const devices = device_ids_after(db, after_, devices_per_step);
        if (!devices) return devices.error();
        for (auto const& device : *devices) {
            asked.push_back(expired(Expiring::events, device));
            asked.push_back(expired(Expiring::gaps, device));
            asked.push_back(expired(Expiring::actions, device));
            auto const all = series_states(db, device);
            if (!all) return all.error();
            for (auto const& series : *all) {
                if (series.oldest_ms && *series.oldest_ms < seal_before_ms)
                    found.emplace_back(SeriesToSeal{.device_id = device, .probe = series.probe});
                for (auto const kind : {Expiring::readings, Expiring::five_minutes, Expiring::hours, Expiring::days})
                    asked.push_back(expired(kind, device, series.probe));
            }
        }
        for (auto& question : asked) {
            auto const some = has_expired(db, question);
            if (!some) return some.error();
            if (*some) found.emplace_back(std::move(question));
        }
        if (devices->empty())
            more = false;
        else
            after_ = devices->back();
        return {};
    });
    if (!read) return read.error();
    in_round_ = more;
    tasks_ = std::move(found);
    waiting_ = tasks_.size();
    return more || !tasks_.empty();
}

Result<> Upkeep::work()
{
    // A task that fails comes again with the next round.
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    auto done = std::holds_alternative<Expired>(task) ? clean(std::get<Expired>(std::move(task)))
                                                      : seal(std::get<SeriesToSeal>(std::move(task)));
    waiting_ = tasks_.size();
    return done;
}

Result<> Upkeep::clean(Expired what)
{
    auto const limit = what.kind >= Expiring::readings ? blocks_per_step : rows_per_step;
    std::int64_t rows = 0;
    auto deleted = options_.store.write([&](sqlite::Database& db) -> Result<> {
        auto const gone = delete_expired(db, what, limit);
        if (!gone) return gone.error();
        rows = *gone;
        return {};
    });
    if (!deleted) return deleted;
    deleted_[place_of(what.kind)] += static_cast<std::uint64_t>(rows);
    log::debug("upkeep.deleted",
               {{"kind", to_string(what.kind)}, {"rows", rows}, {"device", what.device_id}, {"probe", what.probe}});
    if (rows >= limit) tasks_.emplace_front(std::move(what));
    return {};
}

Result<> Upkeep::seal(SeriesToSeal what)
{
    // Up to a full hour, so that the buckets of 5 min and 1 h are made at once.
    auto const before_ms = floor_to(options_.clock.now_ms() - seal_margin.count(), bucket_ms(Level::hours));
    std::optional<Seal> prepared;
    auto done = options_.store.read([&](sqlite::Database& db) -> Result<> {
        auto made = prepare_seal(db, what.device_id, what.probe, before_ms);
        if (!made) return made.error();
        prepared = *std::move(made);
        return {};
    });
    if (!done || !prepared) return done;
    done = options_.store.write([&](sqlite::Database& db) { return apply_seal(db, *prepared); });
    if (!done && done.error().code == errc::conflict) {
        // Of a device that just sends what it held back: with the next round.
        log::debug("upkeep.seal_later", {{"device", what.device_id}, {"probe", what.probe}});
        return {};
    }
    if (!done) return done;
    sealed_readings_ += prepared->rows;
    sealed_values_ += prepared->values;
    log::debug("upkeep.sealed", {{"device", what.device_id}, {"probe", what.probe}, {"rows", prepared->rows}});
    tasks_.emplace_front(std::move(what));
    return {};
}

Upkeep::Figures Upkeep::figures() const
{
    Figures figures{.deleted = {},
                    .sealed_readings = sealed_readings_,
                    .sealed_values = sealed_values_,
                    .waiting = waiting_,
                    .failures = failures_,
                    .bytes_per_day = {},
                    .clock_ahead = clock_ahead_};
    {
        std::lock_guard const lock(mutex_);
        figures.bytes_per_day = bytes_per_day_;
    }
    for (std::size_t i = 0; i < deleted_.size(); ++i)
        figures.deleted[i] = deleted_[i];
    return figures;
}

} // namespace rollcall::store
