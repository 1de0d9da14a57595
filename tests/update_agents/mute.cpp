#include "agent/uplink/dial.hpp"

// In the place of the library's own: this one reaches nobody.
namespace rollcall::uplink
{

boost::asio::awaitable<Result<>> dial(boost::beast::tcp_stream&, net::Address const&, std::optional<Proxy> const&,
                                      Segments, boost::asio::steady_timer&)
{
    co_return fail(errc::timed_out, "no network, on purpose");
}

} // namespace rollcall::uplink
