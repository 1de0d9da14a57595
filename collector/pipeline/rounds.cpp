#include "collector/pipeline/rounds.hpp"

#include <memory>
#include <utility>

#include "collector/pipeline/limits.hpp"
#include "common/log/log.hpp"

namespace rollcall::pipeline
{

namespace
{

constexpr std::chrono::milliseconds forget_alerts_every = std::chrono::hours(1);

} // namespace

Rounds::Rounds(store::Store& store, Works& works, Judge& judge, Presence& presence, Offers& offers, Purges& purges,
               view::Projection& projection, Clock const& clock)
    : store_(store)
    , works_(works)
    , judge_(judge)
    , presence_(presence)
    , offers_(offers)
    , purges_(purges)
    , projection_(projection)
    , clock_(clock)
    , alerts_forgotten_at_(clock.steady())
{
}

void Rounds::start(std::chrono::milliseconds every)
{
    thread_ = std::thread([this, every] { run(every); });
}

void Rounds::run(std::chrono::milliseconds every)
{
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, every, [&] { return stopping_; })) {
        lock.unlock();
        tick();
        lock.lock();
    }
}

void Rounds::stop()
{
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    for (;;) {
        // Everything submitted so far runs before this one.
        auto const kept = write_unkept();
        if (kept) return;
        if (kept.error().code != errc::busy) {
            log::warning("pipeline.stop", {{"error", kept.error()}});
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

Result<> Rounds::write_unkept()
{
    return store_.write([this](sqlite::Database& db) -> Result<> {
        for (auto const& seen : presence_.unkept()) {
            auto kept = store::set_last_seen(db, seen.device_id, *seen.seen_ms, seen.agent_version);
            if (!kept) return kept;
        }
        return {};
    });
}

void Rounds::tick()
{
    auto const brought = presence_.tick();
    if (!is_empty(brought.change)) projection_.announce(brought.change);
    if (brought.keep_seen || brought.tell) tell_presence(brought.keep_seen);
    tick_rules();
    offers_.tick();
    purges_.tick();
    bool forget = false;
    {
        std::lock_guard const lock(mutex_);
        auto const steady = clock_.steady();
        forget = steady - alerts_forgotten_at_ >= forget_alerts_every;
        if (forget) alerts_forgotten_at_ = steady;
    }
    if (forget) projection_.forget_alerts(clock_.now_ms() - resolved_shown_for.count());
}

void Rounds::tick_rules()
{
    {
        std::lock_guard const lock(mutex_);
        if (std::exchange(ticking_, true)) return;
    }
    auto const job = std::make_shared<Job>();
    job->body = [this](sqlite::Database& db, Effect& effect) { return judge_.tick(db, effect); };
    job->finish = [this](Result<> const&, Effect&) {
        std::lock_guard const lock(mutex_);
        ticking_ = false;
    };
    if (!works_.submit(job)) {
        std::lock_guard const lock(mutex_);
        ticking_ = false;
    }
}

void Rounds::tell_presence(bool keep_all_seen)
{
    {
        std::lock_guard const lock(mutex_);
        if (std::exchange(telling_, true)) return;
    }
    auto const job = std::make_shared<Job>();
    job->body = [this, keep_all_seen](sqlite::Database& db, Effect& effect) {
        return write_presence(db, effect, keep_all_seen);
    };
    job->finish = [this](Result<> const& result, Effect& effect) {
        if (!result) presence_.put_back_news(effect.judged);
        std::lock_guard const lock(mutex_);
        telling_ = false;
    };
    if (!works_.submit(job)) {
        std::lock_guard const lock(mutex_);
        telling_ = false;
    }
}

/// On the writer's thread, within the transaction.
Result<> Rounds::write_presence(sqlite::Database& db, Effect& effect, bool keep_all_seen)
{
    {
        std::lock_guard const lock(mutex_);
        telling_ = false; // What comes from now on needs a work of its own.
    }
    auto const all = presence_.take_news(keep_all_seen);
    for (auto const& news : all)
        effect.judged.insert(news.device_id); // All of them are news again where the work is undone.
    for (auto const& news : all) {
        if (news.seen_ms) {
            auto kept = store::set_last_seen(db, news.device_id, *news.seen_ms, news.agent_version);
            if (!kept) return kept;
        }
        if (auto fresh = judge_.refresh(db, effect, news.device_id); !fresh) return fresh;
        if (news.tell) judge_.about(effect, news.device_id).presence(news.presence, judge_.now());
    }
    return {};
}

} // namespace rollcall::pipeline
