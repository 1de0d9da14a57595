#include "agent/uplink/session.hpp"

#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include "common/log/log.hpp"
#include "common/net/tls.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/limits.hpp"

namespace rollcall::uplink
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using wire::Lane;

/// A connection over which nothing came for this long is asked whether it lives, at half of it.
static constexpr std::chrono::seconds idle_limit{120};

namespace
{

/// A token whose operations return (error, …) and do not throw.
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// Looks a name up on a thread of its own: the system's resolver cannot be cancelled, and neither a stop nor the end
/// of the program may wait for it.
struct Lookup {
    std::mutex mutex;
    asio::steady_timer* waiting = nullptr; ///< nullptr once nobody waits any more.
    beast::error_code failed;
    std::vector<tcp::endpoint> found;
    bool done = false;
};

void look_up(std::shared_ptr<Lookup> const& lookup, std::string const& host, std::uint16_t port)
{
    asio::io_context own;
    tcp::resolver resolver(own);
    beast::error_code failed;
    auto const results = resolver.resolve(host, std::to_string(port), failed);

    std::lock_guard const lock(lookup->mutex);
    lookup->failed = failed;
    for (auto const& result : results)
        lookup->found.push_back(result.endpoint());
    lookup->done = true;
    if (lookup->waiting == nullptr) return;
    asio::post(lookup->waiting->get_executor(), [lookup] {
        std::lock_guard const again(lookup->mutex);
        if (lookup->waiting != nullptr) lookup->waiting->cancel();
    });
}

/// Ends the wait of whoever leaves first.
class Waiting
{
public:
    Waiting(std::shared_ptr<Lookup> lookup, asio::steady_timer& timer)
        : lookup_(std::move(lookup))
    {
        std::lock_guard const lock(lookup_->mutex);
        lookup_->waiting = &timer;
    }
    ~Waiting()
    {
        std::lock_guard const lock(lookup_->mutex);
        lookup_->waiting = nullptr;
    }
    Waiting(Waiting const&) = delete;
    Waiting& operator=(Waiting const&) = delete;
    [[nodiscard]] bool done() const
    {
        std::lock_guard const lock(lookup_->mutex);
        return lookup_->done;
    }

private:
    std::shared_ptr<Lookup> lookup_;
};

/// Runs `job` on the spool's thread and comes back with its answer.
template <class T>
asio::awaitable<Result<T>> ask(spool::SpoolThread& spool, std::function<Result<T>(spool::Spool&)> job)
{
    auto start = [&spool, job = std::move(job)](auto handler) mutable {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto executor = asio::get_associated_executor(*shared);
        spool.post([job = std::move(job), shared, executor, options = spool.options()](spool::Spool& it) mutable {
            auto answer = job(it);
            if (!answer && spool::SpoolThread::mend(it, options, answer.error()))
                answer = fail(errc::corrupt, "the spool began anew");
            asio::post(executor, [shared = std::move(shared), answer = std::move(answer)]() mutable {
                std::move (*shared)(std::move(answer));
            });
        });
    };
    return asio::async_initiate<asio::use_awaitable_t<> const, void(Result<T>)>(std::move(start), asio::use_awaitable);
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

private:
    /// Without permessage-deflate, which we never offer.
    using Stream = websocket::stream<asio::ssl::stream<beast::tcp_stream>, false>;

    asio::awaitable<Result<>> connect();
    asio::awaitable<Result<>> dial();
    asio::awaitable<Result<>> ask_for_tunnel();
    asio::awaitable<Result<>> greet();
    asio::awaitable<Result<>> send_spooled();
    asio::awaitable<Result<>> receive();
    asio::awaitable<Result<>> beat();
    asio::awaitable<Result<>> send(std::string text);
    asio::awaitable<Result<std::string>> read();
    asio::awaitable<Result<>> fetch_and_send(Outbox::Fetch fetch);
    asio::awaitable<Result<>> say_goodbye();
    Result<> take(wire::FromCollector const& message);
    void start(asio::awaitable<Result<>> part);
    void one_ended(Result<> const& result);
    void close_socket();
    static void cancel(std::optional<asio::steady_timer>& timer)
    {
        if (timer) timer->cancel();
    }

    Context context_;
    std::optional<Stream> stream_;
    std::optional<asio::steady_timer> wake_; ///< Rung when the outbox may have something to do.
    std::optional<asio::steady_timer> beat_;
    std::optional<asio::steady_timer> all_ended_;
    std::optional<asio::any_io_executor> executor_;
    int parts_ = 0;
    bool stopping_ = false;
    std::string stop_reason_;
    std::optional<Error> first_error_;
    Ended ended_;
};

asio::awaitable<Result<>> Session::Body::dial()
{
    auto const& next = context_.proxy ? context_.proxy->address : context_.address;
    std::vector<tcp::endpoint> endpoints;
    beast::error_code failed;
    auto const literal = asio::ip::make_address(next.host, failed);
    if (!failed) {
        endpoints.emplace_back(literal, next.port);
    } else {
        asio::steady_timer limit(*executor_, wire::limits::handshake);
        auto lookup = std::make_shared<Lookup>();
        Waiting const waiting(lookup, limit);
        std::thread(look_up, lookup, next.host, next.port).detach();
        while (!waiting.done() && !stopping_ && limit.expiry() > std::chrono::steady_clock::now())
            co_await limit.async_wait(as_result);
        if (!waiting.done()) co_return fail(errc::timed_out, next.host + ": name look-up");
        if (lookup->failed) co_return fail(errc::not_found, fmt::format("{}: {}", next.host, lookup->failed.message()));
        endpoints = lookup->found;
    }
    if (stopping_) co_return fail(errc::cancelled, "stop");

    auto& socket = beast::get_lowest_layer(*stream_);
    socket.expires_after(wire::limits::handshake);
    auto const [refused, endpoint] = co_await socket.async_connect(endpoints, as_result);
    if (refused) co_return fail(refused == beast::error::timeout ? errc::timed_out : errc::io, refused.message());
    socket.socket().set_option(tcp::no_delay(true), failed);
    if (context_.proxy) co_return co_await ask_for_tunnel();
    co_return Result<>();
}

/// Within the limit of the dial.
asio::awaitable<Result<>> Session::Body::ask_for_tunnel()
{
    auto const& proxy = *context_.proxy;
    auto const lost = [&proxy](beast::error_code why) {
        return fail(why == beast::error::timeout ? errc::timed_out : errc::io,
                    fmt::format("proxy {}: {}", net::to_string(proxy.address), why.message()));
    };
    auto& socket = beast::get_lowest_layer(*stream_);
    auto const request = tunnel_request(proxy, context_.address);
    auto const bytes = asio::buffer(request);
    auto const [not_sent, sent] = co_await asio::async_write(socket, bytes, as_result);
    if (not_sent) co_return lost(not_sent);
    beast::flat_buffer buffer;
    beast::http::response_parser<beast::http::empty_body> answer;
    answer.header_limit(proxy_head_bytes);
    auto const [no_answer, read] = co_await beast::http::async_read_header(socket, buffer, answer, as_result);
    if (no_answer) co_return lost(no_answer);
    if (auto const open = check_tunnel(proxy, static_cast<int>(answer.get().result_int())); !open)
        co_return open.error();
    // In TLS it is we who speak first.
    if (buffer.size() > 0)
        co_return fail(errc::bad_message,
                       fmt::format("proxy {}: is none: it speaks first", net::to_string(proxy.address)));
    co_return Result<>();
}

asio::awaitable<Result<>> Session::Body::connect()
{
    auto dialled = co_await dial();
    if (!dialled) co_return fail(dialled.error(), "connect");

    auto& tls = stream_->next_layer();
    if (auto const expected = net::expect_peer(*tls.native_handle(), context_.address.host); !expected)
        co_return fail(expected.error(), "TLS");
    auto const [no_tls] = co_await tls.async_handshake(asio::ssl::stream_base::client, as_result);
    if (no_tls) {
        auto const why = net::verify_failure(*tls.native_handle());
        if (!why.empty()) co_return fail(errc::unauthenticated, "TLS: who answers is not our collector: " + why);
        co_return fail(no_tls == beast::error::timeout ? errc::timed_out : errc::io, "TLS: " + no_tls.message());
    }
    unsigned char const* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(tls.native_handle(), &chosen, &size);
    if (std::string_view(reinterpret_cast<char const*>(chosen), size) != wire::alpn_agent)
        co_return fail(errc::refused, "TLS: the collector does not speak " + std::string(wire::alpn_agent));

    auto announce = websocket::stream_base::decorator([](websocket::request_type& request) {
        request.set(beast::http::field::sec_websocket_protocol, wire::subprotocol);
        request.set(beast::http::field::user_agent, "rollcall-agent/" ROLLCALL_VERSION);
    });
    stream_->set_option(std::move(announce));
    stream_->read_message_max(wire::limits::message_bytes);
    stream_->auto_fragment(false);
    stream_->text(true);
    websocket::response_type response;
    auto const host = net::to_string(context_.address);
    auto const [no_upgrade] = co_await stream_->async_handshake(response, host, "/agent", as_result);
    if (no_upgrade) {
        bool const declined = no_upgrade == websocket::error::upgrade_declined;
        co_return fail(declined ? errc::refused : errc::io,
                       declined ? fmt::format("upgrade: status {}", response.result_int())
                                : "upgrade: " + no_upgrade.message());
    }
    if (response[beast::http::field::sec_websocket_protocol] != wire::subprotocol)
        co_return fail(errc::refused, "upgrade: the collector does not speak " + std::string(wire::subprotocol));
    co_return Result<>();
}

asio::awaitable<Result<>> Session::Body::send(std::string text)
{
    auto const buffer = asio::buffer(text);
    auto const [failed, size] = co_await stream_->async_write(buffer, as_result);
    if (failed) co_return fail(errc::io, "send: " + failed.message());
    co_return Result<>();
}

asio::awaitable<Result<std::string>> Session::Body::read()
{
    beast::flat_buffer buffer;
    auto const [failed, size] = co_await stream_->async_read(buffer, as_result);
    if (failed == websocket::error::closed) {
        auto const& reason = stream_->reason();
        co_return fail(errc::cancelled, fmt::format("closed by the collector: {} {}", reason.code,
                                                    std::string_view(reason.reason.data(), reason.reason.size())));
    }
    if (failed) co_return fail(errc::io, "receive: " + failed.message());
    if (!stream_->got_text()) co_return fail(errc::bad_message, "receive: a binary message");
    co_return beast::buffers_to_string(buffer.data());
}

/// Hello and welcome, and what follows from them for the spool.
asio::awaitable<Result<>> Session::Body::greet()
{
    auto hello = std::make_shared<wire::Hello>();
    hello->protocol = wire::protocol;
    hello->agent_version = ROLLCALL_VERSION;
    hello->device_id = context_.device_id;
    hello->boot_id = context_.boot_id;
    hello->sent_ms = context_.clock.now_ms();
    std::function<Result<bool>(spool::Spool&)> fill = [hello](spool::Spool& spool) -> Result<bool> {
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
    auto const sent = co_await send(std::move(text));
    if (!sent) co_return fail(sent.error(), "hello");

    auto const answer = co_await read();
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
        ended_.refused = true;
        ended_.remedy = refused->remedy;
        return fail(errc::refused, "the collector refuses: " + refused->reason);
    }
    return fail(errc::bad_message, "a second welcome");
}

asio::awaitable<Result<>> Session::Body::receive()
{
    for (;;) {
        auto const text = co_await read();
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

asio::awaitable<Result<>> Session::Body::fetch_and_send(Outbox::Fetch fetch)
{
    using Records = std::vector<spool::Record>;
    std::function<Result<Records>(spool::Spool&)> job = [fetch](spool::Spool& spool) {
        return spool.next_batch(fetch.lane, fetch.after, fetch.records, fetch.bytes);
    };
    auto records = co_await ask<Records>(context_.spool, std::move(job));
    if (!records) co_return records.error();
    context_.outbox.fetched(fetch.lane, *records);
    for (auto& record : *records) {
        auto const sent = co_await send(std::move(record.text));
        if (!sent) co_return sent.error();
    }
    co_return Result<>();
}

asio::awaitable<Result<>> Session::Body::say_goodbye()
{
    wire::Goodbye goodbye;
    goodbye.reason = stop_reason_;
    auto text = wire::encode(wire::FromAgent(goodbye));
    auto const sent = co_await send(std::move(text));
    if (!sent) co_return sent.error();
    websocket::close_reason const reason(websocket::close_code::going_away);
    co_await stream_->async_close(reason, as_result);
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
        auto const now = context_.clock.steady();
        auto const step = context_.outbox.next(now);
        if (!step) {
            auto const at = context_.outbox.wake_at();
            if (at)
                wake_->expires_after(*at - now);
            else
                wake_->expires_at(asio::steady_timer::time_point::max());
            co_await wake_->async_wait(as_result);
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

/// Presence, and the clock for the collector to measure its offset by.
asio::awaitable<Result<>> Session::Body::beat()
{
    for (;;) {
        beat_->expires_after(context_.heartbeat);
        auto const [cancelled] = co_await beat_->async_wait(as_result);
        if (cancelled) co_return fail(errc::cancelled, "stopped");
        auto const text = std::to_string(context_.clock.now_ms());
        websocket::ping_data const payload(text);
        auto const [failed] = co_await stream_->async_pong(payload, as_result);
        if (failed) co_return fail(errc::io, "heartbeat: " + failed.message());
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
    close_socket();
    cancel(wake_);
    cancel(beat_);
    if (--parts_ == 0) cancel(all_ended_);
}

void Session::Body::close_socket()
{
    if (stream_) beast::get_lowest_layer(*stream_).close();
}

asio::awaitable<Ended> Session::Body::run()
{
    executor_ = co_await asio::this_coro::executor;
    stream_.emplace(*executor_, context_.tls);
    wake_.emplace(*executor_);
    beat_.emplace(*executor_);
    all_ended_.emplace(*executor_, asio::steady_timer::time_point::max());

    auto ready = co_await connect();
    if (ready) ready = co_await greet();
    if (!ready) {
        close_socket();
        ended_.refused = ended_.refused || ready.error().code == errc::refused;
        ended_.why = fail(ready.error(), net::to_string(context_.address));
        co_return ended_;
    }
    beast::get_lowest_layer(*stream_).expires_never();
    websocket::stream_base::timeout limits{};
    limits.handshake_timeout = wire::limits::handshake; // of the closing one, too
    limits.idle_timeout = idle_limit;
    limits.keep_alive_pings = true;
    stream_->set_option(limits);
    context_.connected();

    start(receive());
    start(beat());
    start(send_spooled());
    while (parts_ > 0)
        co_await all_ended_->async_wait(as_result);
    ended_.why = first_error_.value_or(fail(errc::cancelled, "ended"));
    co_return ended_;
}

void Session::Body::stop(std::string reason)
{
    stopping_ = true;
    stop_reason_ = std::move(reason);
    if (parts_ > 0)
        wake(); // A session that stands says goodbye; one that does not yet is simply cut.
    else
        close_socket();
}

Session::Session(Context context)
    : body_(std::make_unique<Body>(std::move(context)))
{
}
Session::~Session() = default;
asio::awaitable<Ended> Session::run() { return body_->run(); }
void Session::wake() { body_->wake(); }
void Session::stop(std::string reason) { body_->stop(std::move(reason)); }

} // namespace rollcall::uplink
