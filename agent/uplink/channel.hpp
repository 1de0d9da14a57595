#pragma once

// Knows Asio: included by channel.cpp and session.cpp only.

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include "agent/uplink/proxy.hpp"
#include "agent/uplink/segments.hpp"
#include "common/core/result.hpp"
#include "common/net/address.hpp"

namespace rollcall::uplink
{

/// A line to the collector: TLS and in it the agent's WebSocket. Beast stands behind it, compiled once (channel.cpp).
/// It must live until all that it was asked for has returned.
///
/// Owns: the socket.
/// Threads: the executor's.  Blocks: no.
class Channel
{
public:
    Channel(boost::asio::any_io_executor const& executor, boost::asio::ssl::context& tls);
    ~Channel();
    Channel(Channel const&) = delete;
    Channel& operator=(Channel const&) = delete;

    /// Once, first, within wire::limits::handshake. errc::unauthenticated: it is somebody else who answers there.
    boost::asio::awaitable<Result<>> connect(net::Address const& address, std::optional<Proxy> const& proxy,
                                             Segments segments);
    /// Was there a connection, whatever came of it? Then a time-out is not the fault of who does not answer at all.
    [[nodiscard]] bool reached() const;
    /// After the greeting: ends the deadline of connect(), which goes on until now. A line over which nothing came for
    /// `idle` is dead (errc::timed_out); at half of it it is asked whether it lives.
    void stay(std::chrono::milliseconds idle);

    /// One at a time, as close_politely().
    boost::asio::awaitable<Result<>> send(std::string text);
    /// The next message; one at a time. errc::cancelled: the collector closed, with what it said.
    boost::asio::awaitable<Result<std::string>> read();
    /// An unasked pong (RFC 6455 §5.5.3), beside send().
    boost::asio::awaitable<Result<>> pong(std::string payload);
    /// Says that we go, and waits for the answer; its limit is that of stay().
    boost::asio::awaitable<void> close_politely();
    /// At once: what is under way ends with an error.
    void close();

private:
    class Body;
    std::unique_ptr<Body> body_;
};

} // namespace rollcall::uplink
