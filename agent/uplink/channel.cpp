#include "agent/uplink/channel.hpp"

#include <chrono>
#include <string_view>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include "agent/uplink/dial.hpp"
#include "agent/uplink/secure_stream.hpp"
#include "common/core/version.hpp"
#include "common/net/tls.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/limits.hpp"

namespace rollcall::uplink
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

/// A token whose operations return (error, …) and do not throw.
static constexpr auto channel_token = asio::as_tuple(asio::use_awaitable);

static errc fault_of(beast::error_code failed) { return failed == beast::error::timeout ? errc::timed_out : errc::io; }

class Channel::Body
{
public:
    Body(asio::any_io_executor const& executor, asio::ssl::context& tls)
        : deadline_(executor)
        , stream_(executor, tls)
    {
    }

    asio::awaitable<Result<>> connect(net::Address const& address, std::optional<Proxy> const& proxy, Segments segments)
    {
        deadline_.expires_after(wire::limits::handshake);
        auto const dialled = co_await dial(socket(), address, proxy, segments, deadline_);
        if (!dialled) co_return fail(dialled.error(), "connect");
        reached_ = true;
        auto const secured = co_await secure(address);
        if (!secured) co_return secured.error();
        auto const upgraded = co_await upgrade(address);
        co_return upgraded;
    }

    [[nodiscard]] bool reached() const { return reached_; }

    void stay(std::chrono::milliseconds idle)
    {
        socket().expires_never();
        websocket::stream_base::timeout limits{};
        limits.handshake_timeout = wire::limits::handshake; // of the closing one, too
        limits.idle_timeout = idle;
        limits.keep_alive_pings = true;
        stream_.set_option(limits);
    }

    asio::awaitable<Result<>> send(std::string text)
    {
        auto const buffer = asio::buffer(text);
        auto const [failed, size] = co_await stream_.async_write(buffer, channel_token);
        if (failed) co_return fail(fault_of(failed), "send: " + failed.message());
        co_return Result<>();
    }

    asio::awaitable<Result<std::string>> read()
    {
        beast::flat_buffer buffer;
        auto const [failed, size] = co_await stream_.async_read(buffer, channel_token);
        if (failed == websocket::error::closed) {
            auto const& reason = stream_.reason();
            co_return fail(errc::cancelled, fmt::format("closed by the collector: {} {}", reason.code,
                                                        std::string_view(reason.reason.data(), reason.reason.size())));
        }
        if (failed) co_return fail(fault_of(failed), "receive: " + failed.message());
        if (!stream_.got_text()) co_return fail(errc::bad_message, "receive: a binary message");
        co_return beast::buffers_to_string(buffer.data());
    }

    asio::awaitable<Result<>> pong(std::string payload)
    {
        websocket::ping_data const data(payload);
        auto const [failed] = co_await stream_.async_pong(data, channel_token);
        if (failed) co_return fail(fault_of(failed), "heartbeat: " + failed.message());
        co_return Result<>();
    }

    asio::awaitable<void> close_politely()
    {
        websocket::close_reason const reason(websocket::close_code::going_away);
        co_await stream_.async_close(reason, channel_token);
    }

    void close()
    {
        deadline_.expires_at(std::chrono::steady_clock::time_point::min());
        socket().close();
    }

private:
    beast::tcp_stream& socket() { return stream_.next_layer().next_layer(); }

    asio::awaitable<Result<>> secure(net::Address const& address)
    {
        auto& tls = stream_.next_layer();
        if (auto const expected = net::expect_peer(tls.ssl(), address.host); !expected)
            co_return fail(expected.error(), "TLS");
        auto const failed = co_await tls.handshake();
        if (failed) {
            auto const why = net::verify_failure(tls.ssl());
            if (!why.empty()) co_return fail(errc::unauthenticated, "TLS: who answers is not our collector: " + why);
            co_return fail(fault_of(failed), "TLS: " + failed.message());
        }
        unsigned char const* chosen = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(&tls.ssl(), &chosen, &size);
        if (std::string_view(reinterpret_cast<char const*>(chosen), size) != wire::alpn_agent)
            co_return fail(errc::refused, "TLS: the collector does not speak " + std::string(wire::alpn_agent));
        co_return Result<>();
    }

    asio::awaitable<Result<>> upgrade(net::Address const& address)
    {
        auto announce = websocket::stream_base::decorator([](websocket::request_type& request) {
            request.set(beast::http::field::sec_websocket_protocol, wire::subprotocol);
            request.set(beast::http::field::user_agent, "rollcall-agent/" + std::string(version()));
        });
        stream_.set_option(std::move(announce));
        stream_.read_message_max(wire::limits::message_bytes);
        stream_.auto_fragment(false);
        stream_.text(true);
        websocket::response_type response;
        auto const host = net::to_string(address);
        auto const [failed] = co_await stream_.async_handshake(response, host, "/agent", channel_token);
        if (failed) {
            bool const declined = failed == websocket::error::upgrade_declined;
            co_return fail(declined ? errc::refused : fault_of(failed),
                           declined ? fmt::format("upgrade: status {}", response.result_int())
                                    : "upgrade: " + failed.message());
        }
        if (response[beast::http::field::sec_websocket_protocol] != wire::subprotocol)
            co_return fail(errc::refused, "upgrade: the collector does not speak " + std::string(wire::subprotocol));
        co_return Result<>();
    }

    asio::steady_timer deadline_; ///< Of connect().
    bool reached_ = false;
    /// Without permessage-deflate, which we never offer.
    websocket::stream<SecureStream, false> stream_;
};

Channel::Channel(asio::any_io_executor const& executor, asio::ssl::context& tls)
    : body_(std::make_unique<Body>(executor, tls))
{
}
Channel::~Channel() = default;
asio::awaitable<Result<>> Channel::connect(net::Address const& address, std::optional<Proxy> const& proxy,
                                           Segments segments)
{
    return body_->connect(address, proxy, segments);
}
bool Channel::reached() const { return body_->reached(); }
void Channel::stay(std::chrono::milliseconds idle) { body_->stay(idle); }
asio::awaitable<Result<>> Channel::send(std::string text) { return body_->send(std::move(text)); }
asio::awaitable<Result<std::string>> Channel::read() { return body_->read(); }
asio::awaitable<Result<>> Channel::pong(std::string payload) { return body_->pong(std::move(payload)); }
asio::awaitable<void> Channel::close_politely() { return body_->close_politely(); }
void Channel::close() { body_->close(); }

} // namespace rollcall::uplink
