#include "collector/store/upkeep.hpp"

#include <utility>

#include "common/log/log.hpp"

namespace rollcall::store
{

static constexpr std::size_t place_of(Expiring kind) { return static_cast<std::size_t>(kind); }

Upkeep::Upkeep(Options options)
    : options_(std::move(options))
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
    auto const done = [&]() -> Result<bool> {
        if (!looked_ || now - *looked_ >= look_every) {
            looked_ = now;
            if (auto const seen = look(); !seen) return seen.error();
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
    auto clock = clock_;
    if (!clock) {
        auto const read = options_.store.read([&](sqlite::Database& db) -> Result<> {
            auto const kept = retention_clock(db);
            if (!kept) return kept.error();
            clock = *kept;
            if (clock) return {};
            auto const newest = newest_trace(db);
            if (!newest) return newest.error();
            clock = first_look(*newest, now_ms);
            return {};
        });
        if (!read) return read;
    }
    clock = observe(*clock, now_ms);
    auto kept = options_.store.write([&](sqlite::Database& db) { return save_retention_clock(db, *clock); });
    if (!kept) return kept;
    clock_ = clock;
    auto const ahead = is_ahead(*clock);
    if (clock_ahead_.exchange(ahead) == ahead) return {};
    if (ahead)
        log::warning("upkeep.clock_ahead",
                     {{"ahead_s", (clock->seen_ms - clock->trusted_ms) / 1000},
                      {"believed_in_s", (clock->since_ms + believed_after.count() - now_ms) / 1000},
                      {"remedy", "Nothing is deleted for its age until then; set the clock if it is wrong."}});
    else
        log::info("upkeep.clock_trusted", {{"trusted_ms", clock->trusted_ms}});
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
        case Expiring::readings:
            return keep.readings;
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
    std::deque<Expired> found;
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
            auto const probes = series_probes(db, device);
            if (!probes) return probes.error();
            for (auto const& probe : *probes)
                asked.push_back(expired(Expiring::readings, device, probe));
        }
        for (auto& question : asked) {
            auto const some = has_expired(db, question);
            if (!some) return some.error();
            if (*some) found.push_back(std::move(question));
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
    return more || !tasks_.empty();
}

Result<> Upkeep::work()
{
    // A task that fails comes again with the next round.
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    std::int64_t rows = 0;
    auto const deleted = options_.store.write([&](sqlite::Database& db) -> Result<> {
        auto const gone = delete_expired(db, task, rows_per_step);
        if (!gone) return gone.error();
        rows = *gone;
        return {};
    });
    if (!deleted) return deleted;
    deleted_[place_of(task.kind)] += static_cast<std::uint64_t>(rows);
    log::debug("upkeep.deleted",
               {{"kind", to_string(task.kind)}, {"rows", rows}, {"device", task.device_id}, {"probe", task.probe}});
    if (rows >= rows_per_step) tasks_.push_front(std::move(task));
    return {};
}

Upkeep::Figures Upkeep::figures() const
{
    Figures figures{.deleted = {}, .failures = failures_, .clock_ahead = clock_ahead_};
    for (std::size_t i = 0; i < deleted_.size(); ++i)
        figures.deleted[i] = deleted_[i];
    return figures;
}

} // namespace rollcall::store
