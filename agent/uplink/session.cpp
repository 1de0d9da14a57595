#include "agent/uplink/session.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/uplink/ask.hpp"
#include "agent/uplink/channel.hpp"
#include "agent/uplink/clock_due.hpp"
#include "common/core/version.hpp"
#include "common/log/log.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::uplink
{

namespace asio = boost::asio;
using wire::Lane;
using Steady = std::chrono::steady_clock;

/// What is read in one tick is sent in one message: the first series waits this long for the others.
static constexpr std::chrono::milliseconds gather{250};

namespace
{

/// A token whose operations return (error, …) and do not throw.
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// Records, and the messages they travel in.
struct Batch {
    std::vector<spool::Record> records; ///< Without their texts.
    std::vector<std::string> messages;
};

/// As few messages as can be: series that follow one another go together. Gaps, and what does not parse, as they are.
void pack_series(Batch& batch)
{
    std::vector<wire::Series> series;
    auto const close = [&] {
        if (!series.empty())
            batch.messages.push_back(wire::encode(wire::FromAgent(wire::pack(std::exchange(series, {})))));
    };
    for (auto& record : batch.records) {
        auto message = wire::decode_from_agent(record.text);
        auto* const one = message ? std::get_if<wire::Series>(&*message) : nullptr;
        if (one == nullptr || (!series.empty() && series.back().sequence + 1 != one->sequence)) close();
        if (one == nullptr)
            batch.messages.push_back(std::move(record.text));
        else
            series.push_back(std::move(*one));
    }
    close();
}

/// On the spool's thread: reading and packing both take their time.
Result<Batch> take_batch(spool::Spool& spool, Outbox::Fetch const& fetch)
{
    auto records = spool.next_batch(fetch.lane, fetch.after, fetch.records, fetch.bytes);
    if (!records) return records.error();
    Batch batch{.records = *std::move(records), .messages = {}};
    batch.messages.reserve(batch.records.size());
    if (fetch.lane == Lane::series) {
        pack_series(batch);
    } else {
        for (auto& record : batch.records)
            batch.messages.push_back(std::move(record.text));
    }
    return batch;
}

} // namespace

class Session::Body
{
public:
    explicit Body(Context context)
        : context_(std::move(context))
    {
    }

    asio::awaitable<Ended> run();
    void wake() { cancel(wake_); }
    void stop(std::string reason);
    void cut();

private:
    asio::awaitable<Result<>> greet();
    asio::awaitable<Result<>> send_spooled();
    asio::awaitable<Result<>> receive();
    asio::awaitable<Result<>> beat();
    [[nodiscard]] std::chrono::milliseconds clock_lead() const;
    asio::awaitable<void> clock_told();
    asio::awaitable<Result<>> fetch_and_send(Outbox::Fetch fetch);
    asio::awaitable<Result<>> say_goodbye();
    asio::awaitable<Result<>> send(std::string text);
    Result<> take(wire::FromCollector const& message);
    void start(asio::awaitable<Result<>> part);
    void one_ended(Result<> const& result);
    static void cancel(std::optional<asio::steady_timer>& timer)
    {
        if (timer) timer->cancel();
    }

    Context context_;
    std::optional<Channel> channel_;
    std::optional<asio::steady_timer> wake_;        ///< Rung when the outbox may have something to do.
    std::optional<Steady::time_point> gathered_at_; ///< Set while the outbox gathers.
    std::optional<asio::steady_timer> beat_;
    Steady::time_point sent_at_; ///< The last message, or heartbeat.
    std::optional<Steady::time_point> clock_set_at_;
    std::optional<asio::steady_timer> all_ended_;
    std::optional<asio::any_io_executor> executor_;
    int parts_ = 0;
    bool stopping_ = false;
    std::string stop_reason_;
    std::optional<Error> first_error_;
    UnixMs server_ms_ = 0;
    std::chrono::milliseconds told_clock_{}; ///< How far the time of day was ahead of the steady one when it was told.
    bool tell_clock_ = false;
    Ended ended_;
};

/// Hello and welcome, and what follows from them for the spool.
asio::awaitable<Result<>> Session::Body::greet()
{
    auto hello = std::make_shared<wire::Hello>();
    hello->protocol = wire::protocol;
    hello->agent_version = std::string(version());
    hello->device_id = context_.device_id;
    hello->boot_id = context_.boot_id;
    hello->sent_ms = context_.clock.now_ms();
    told_clock_ = clock_lead();
    std::function<Result<bool>(spool::Spool&)> fill =
        [hello, hardware = context_.hardware](spool::Spool& spool) -> Result<bool> {
        // Each time anew: a virtual machine may have been copied while it ran.
        if (hardware) hello->hardware = hardware();
        hello->epoch = spool.epoch();
        auto const event = spool.range(Lane::event);
        if (!event) return event.error();
        auto const state = spool.range(Lane::state);
        if (!state) return state.error();
        auto const series = spool.range(Lane::series);
        if (!series) return series.error();
        auto digests = spool.digests();
        if (!digests) return digests.error();
        hello->event = *event;
        hello->state = *state;
        hello->series = *series;
        hello->digests = std::move(*digests);
        return true;
    };
    auto const filled = co_await ask<bool>(context_.spool, std::move(fill));
    if (!filled) co_return fail(filled.error(), "hello");
    auto text = wire::encode(wire::FromAgent(*hello));
    auto const sent = co_await channel_->send(std::move(text));
    if (!sent) co_return fail(sent.error(), "hello");

    auto const answer = co_await channel_->read();
    if (!answer) co_return fail(answer.error(), "welcome");
    auto const message = wire::decode_from_collector(*answer);
    if (!message) co_return fail(message.error(), "welcome");
    auto const* const welcome = std::get_if<wire::Welcome>(&*message);
    if (welcome == nullptr) {
        auto const taken = take(*message);
        if (!taken) co_return taken.error();
        co_return fail(errc::bad_message, "welcome: another message came first");
    }

    std::function<Result<spool::Welcomed>(spool::Spool&)> take_in = [hello, told = *welcome](spool::Spool& spool) {
        return spool.welcomed(told, hello->digests);
    };
    auto const welcomed = co_await ask<spool::Welcomed>(context_.spool, std::move(take_in));
    if (!welcomed) co_return fail(welcomed.error(), "welcome");
    if (*welcomed == spool::Welcomed::new_epoch) {
        ended_.new_epoch = true;
        co_return fail(errc::conflict, "welcome: the collector has records that the spool has not");
    }
    context_.outbox.begin(*welcome);
    server_ms_ = welcome->server_ms;
    co_return Result<>();
}

Result<> Session::Body::take(wire::FromCollector const& message)
{
    if (auto const* const ack = std::get_if<wire::Ack>(&message)) {
        auto fits = context_.outbox.receive(*ack);
        if (!fits) return fits;
        ended_.acknowledged = true;
        context_.acknowledged();
        return {};
    }
    if (auto const* const resync = std::get_if<wire::Resync>(&message)) {
        log::info("uplink.resync", {{"probes", resync->probes.size()}});
        context_.outbox.receive(*resync);
        return {};
    }
    if (auto const* const refused = std::get_if<wire::Refused>(&message)) {
        // A disk that is full or failing is mended without us, and then all should be back soon.
        ended_.refused = refused->reason != wire::refused_storage;
        ended_.expired = refused->reason == "certificate_expired";
        ended_.copied = refused->reason == "copied";
        ended_.remedy = refused->remedy;
        return fail(ended_.refused ? errc::refused : errc::busy, "the collector refuses: " + refused->reason);
    }
    if (auto const* const update = std::get_if<wire::Update>(&message)) {
        if (context_.offered) context_.offered(*update);
        return {};
    }
    return fail(errc::bad_message, "a message that does not belong here");
}

asio::awaitable<Result<>> Session::Body::receive()
{
    for (;;) {
        auto const text = co_await channel_->read();
        if (!text) co_return text.error();
        auto const message = wire::decode_from_collector(*text);
        if (!message) {
            if (message.error().code == errc::not_supported) {
                log::debug("uplink.skipped", {{"error", message.error()}}); // a newer collector's
                continue;
            }
            co_return fail(message.error(), "receive");
        }
        auto const taken = take(*message);
        if (!taken) co_return taken.error();
        wake();
    }
}

asio::awaitable<Result<>> Session::Body::send(std::string text)
{
    auto sent = co_await channel_->send(std::move(text));
    sent_at_ = Steady::now();
    co_return sent;
}

asio::awaitable<Result<>> Session::Body::fetch_and_send(Outbox::Fetch fetch)
{
    std::function<Result<Batch>(spool::Spool&)> job = [fetch](spool::Spool& spool) { return take_batch(spool, fetch); };
    auto batch = co_await ask<Batch>(context_.spool, std::move(job));
    if (!batch) co_return batch.error();
    co_await clock_told();
    context_.outbox.fetched(fetch.lane, batch->records);
    for (auto& message : batch->messages) {
        auto const sent = co_await send(std::move(message));
        if (!sent) co_return sent.error();
    }
    co_return Result<>();
}

asio::awaitable<Result<>> Session::Body::say_goodbye()
{
    wire::Goodbye goodbye;
    goodbye.reason = stop_reason_;
    auto text = wire::encode(wire::FromAgent(goodbye));
    auto const sent = co_await channel_->send(std::move(text));
    if (!sent) co_return sent.error();
    co_await channel_->close_politely();
    co_return fail(errc::cancelled, "stopped");
}

asio::awaitable<Result<>> Session::Body::send_spooled()
{
    while (!first_error_) {
        // A stop sends the events that wait, and nothing else.
        if (stopping_ && !context_.outbox.events_wait()) {
            auto const said = co_await say_goodbye();
            co_return said;
        }
        co_await clock_told();
        if (first_error_) break;
        auto const now = context_.clock.steady();
        auto const step = context_.outbox.next(now);
        if (!step) {
            auto const at = context_.outbox.wake_at();
            auto until = at ? Steady::now() + (*at - now) : Steady::time_point::max();
            if (!context_.outbox.gathering())
                gathered_at_.reset();
            else if (!gathered_at_)
                gathered_at_ = Steady::now() + gather;
            if (gathered_at_) until = std::min(until, *gathered_at_);
            wake_->expires_at(until);
            co_await wake_->async_wait(as_result);
            if (gathered_at_ && Steady::now() >= *gathered_at_) {
                gathered_at_.reset();
                context_.outbox.gathered();
            }
            continue;
        }
        Result<> done;
        if (auto const* const fetch = std::get_if<Outbox::Fetch>(&*step)) {
            done = co_await fetch_and_send(*fetch);
        } else if (auto const* const forget = std::get_if<Outbox::Forget>(&*step)) {
            std::function<Result<bool>(spool::Spool&)> job = [forget = *forget](spool::Spool& spool) -> Result<bool> {
                auto const gone = spool.forget(forget.lane, forget.up_to);
                if (!gone) return gone.error();
                return true;
            };
            auto const gone = co_await ask<bool>(context_.spool, std::move(job));
            if (!gone) done = gone.error();
        } else if (auto const* const whole = std::get_if<Outbox::PutWhole>(&*step)) {
            std::function<Result<bool>(spool::Spool&)> job = [probes =
                                                                  whole->probes](spool::Spool& spool) -> Result<bool> {
                auto const put = spool.put_whole(probes);
                if (!put) return put.error();
                return true;
            };
            auto const put = co_await ask<bool>(context_.spool, std::move(job));
            if (!put) done = put.error();
        } else {
            auto text = wire::encode(wire::FromAgent(std::get<Outbox::SendChecked>(*step).message));
            done = co_await send(std::move(text));
        }
        if (!done) co_return done.error();
    }
    co_return fail(errc::cancelled, "ended");
}

/// Presence where nothing else tells it, and the clock for the collector to measure its offset by.
asio::awaitable<Result<>> Session::Body::beat()
{
    auto told_clock_at = Steady::now();
    while (!first_error_) {
        if (tell_clock_) clock_set_at_ = Steady::now();
        auto const due = clock_due(sent_at_, told_clock_at, clock_set_at_, context_.heartbeat);
        if (!tell_clock_ && Steady::now() < due) {
            beat_->expires_at(due);
            auto const [cancelled] = co_await beat_->async_wait(as_result);
            if (cancelled && !tell_clock_) co_return fail(errc::cancelled, "stopped");
            continue;
        }
        told_clock_ = clock_lead();
        auto text = std::to_string(context_.clock.now_ms());
        auto const sent = co_await channel_->pong(std::move(text));
        if (!sent) co_return sent.error();
        if (std::exchange(tell_clock_, false)) wake();
        sent_at_ = told_clock_at = Steady::now();
    }
    co_return fail(errc::cancelled, "ended");
}

std::chrono::milliseconds Session::Body::clock_lead() const
{
    return std::chrono::milliseconds(context_.clock.now_ms()) - context_.clock.steady();
}

/// The collector corrects our stamps by what our clock was at the last heartbeat: it hears of a jump before it gets
/// what was noted after it. Comes back once it was told, or the session ended.
asio::awaitable<void> Session::Body::clock_told()
{
    for (;;) {
        auto const jump = clock_lead() - told_clock_;
        if (!tell_clock_ && jump > -wire::limits::clock_offset && jump < wire::limits::clock_offset) co_return;
        if (first_error_) co_return;
        if (!std::exchange(tell_clock_, true)) cancel(beat_);
        wake_->expires_at(Steady::time_point::max());
        co_await wake_->async_wait(as_result);
    }
}

void Session::Body::start(asio::awaitable<Result<>> part)
{
    ++parts_;
    asio::co_spawn(*executor_, std::move(part), [this](std::exception_ptr thrown, Result<> result) {
        if (thrown) {
            try {
                std::rethrow_exception(thrown);
            } catch (std::exception const& bug) {
                log::error("uplink.bug", {{"what", bug.what()}});
                result = fail(errc::io, bug.what());
            }
        }
        one_ended(result);
    });
}

/// The first part to end takes the others with it: without the socket none of them can go on.
void Session::Body::one_ended(Result<> const& result)
{
    if (!result && !first_error_) first_error_ = result.error();
    channel_->close();
    cancel(wake_);
    cancel(beat_);
    if (--parts_ == 0) cancel(all_ended_);
}

asio::awaitable<Ended> Session::Body::run()
{
    executor_ = co_await asio::this_coro::executor;
    channel_.emplace(*executor_, *context_.tls);
    wake_.emplace(*executor_);
    beat_.emplace(*executor_);
    all_ended_.emplace(*executor_, asio::steady_timer::time_point::max());

    auto ready = co_await channel_->connect(context_.address, context_.proxy, context_.segments);
    if (ready) ready = co_await greet();
    if (!ready) {
        channel_->close();
        ended_.refused = ended_.refused || ready.error().code == errc::refused;
        ended_.stalled = channel_->reached() && ready.error().code == errc::timed_out;
        ended_.why = fail(ready.error(), net::to_string(context_.address));
        co_return ended_;
    }
    channel_->stay(context_.idle);
    sent_at_ = Steady::now();
    context_.connected(server_ms_);

    start(receive());
    start(beat());
    start(send_spooled());
    while (parts_ > 0)
        co_await all_ended_->async_wait(as_result);
    ended_.why = first_error_.value_or(fail(errc::cancelled, "ended"));
    ended_.stalled = ended_.why.code == errc::timed_out;
    co_return ended_;
}

void Session::Body::stop(std::string reason)
{
    stopping_ = true;
    stop_reason_ = std::move(reason);
    if (parts_ > 0)
        wake(); // A session that stands says goodbye; one that does not yet is simply cut.
    else if (channel_)
        channel_->close();
}

/// All that it waits for is given up, and each of its parts with it.
void Session::Body::cut()
{
    stopping_ = true;
    if (!first_error_) first_error_ = fail(errc::cancelled, "cut");
    if (channel_) channel_->close();
    cancel(wake_);
    cancel(beat_);
}

Session::Session(Context context)
    : body_(std::make_unique<Body>(std::move(context)))
{
}
Session::~Session() = default;
asio::awaitable<Ended> Session::run() { return body_->run(); }
void Session::wake() { body_->wake(); }
void Session::stop(std::string reason) { body_->stop(std::move(reason)); }
void Session::cut() { body_->cut(); }

} // namespace rollcall::uplink
