#pragma once

// Knows Asio: included by enrol.cpp and fetch.cpp only.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "agent/uplink/proxy.hpp"
#include "agent/uplink/secure_stream.hpp"
#include "common/core/result.hpp"
#include "common/core/stop.hpp"
#include "common/net/address.hpp"
#include "common/net/tls.hpp"

namespace rollcall::uplink
{

/// One connection with the collector for one request of HTTPS, beside the session and with a loop of its own.
///
/// Owns: its loop, its socket.  Threads: one; nothing else happens on it meanwhile.  Blocks: run().
class Https
{
public:
    /// `limit`: from the name to the end of TLS, and for what follows unless the socket is told otherwise. `expected`:
    /// says who should have answered, where somebody else does.
    Https(net::Address address, std::optional<Proxy> proxy, net::Context context, std::chrono::milliseconds limit,
          std::string expected);

    /// Connects, then does `work`. errc::cancelled soon after `stop`, which may be nullptr; errc::unauthenticated:
    /// somebody else answers; otherwise as dial() and `work` have it.
    Result<> run(std::function<boost::asio::awaitable<Result<>>()> const& work, Stop* stop);

    [[nodiscard]] SecureStream& stream() { return stream_; }
    [[nodiscard]] net::Address const& address() const { return address_; }
    /// The connection failed in this step: errc::timed_out or errc::io.
    [[nodiscard]] Error lost(boost::beast::error_code failed, std::string_view step) const;

private:
    boost::asio::awaitable<Result<>> connect();
    boost::asio::awaitable<void> converse(std::function<boost::asio::awaitable<Result<>>()> const& work,
                                          Result<>& done);
    void give_up();

    net::Address address_;
    std::optional<Proxy> proxy_;
    boost::asio::io_context io_{1};
    boost::asio::ssl::context context_;
    SecureStream stream_;
    boost::asio::steady_timer deadline_;
    std::string expected_;
    bool stopped_ = false;
};

} // namespace rollcall::uplink
