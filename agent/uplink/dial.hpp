#pragma once

// Knows Beast: included by channel.cpp and https.cpp only.

#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "agent/uplink/proxy.hpp"
#include "agent/uplink/segments.hpp"
#include "common/core/result.hpp"
#include "common/net/address.hpp"

namespace rollcall::uplink
{

/// Connects `socket` with the collector: straight, or through the proxy, so that the next byte is the collector's.
/// Looks the name up, connects, asks for the tunnel, all until `deadline` expires; the socket keeps that deadline for
/// what follows. To give up earlier, set `deadline` to the past and close the socket.
/// errc::not_found where the name is unknown, errc::timed_out, errc::refused where the proxy will not.
/// `segments` small: neither side sends more than small_segment_bytes at once.
///
/// Threads: the executor's; a name is looked up on a thread of its own.  Blocks: no.
boost::asio::awaitable<Result<>> dial(boost::beast::tcp_stream& socket, net::Address const& address,
                                      std::optional<Proxy> const& proxy, Segments segments,
                                      boost::asio::steady_timer& deadline);

} // namespace rollcall::uplink
