#include "agent/uplink/dial.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <fmt/format.h>

#include "platform/tcp.hpp"

namespace rollcall::uplink
{

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

namespace
{

/// A token whose operations return (error, …) and do not throw.
constexpr auto dial_token = asio::as_tuple(asio::use_awaitable);

errc code_of(beast::error_code failed) { return failed == beast::error::timeout ? errc::timed_out : errc::io; }

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

bool is_over(asio::steady_timer const& deadline) { return deadline.expiry() <= std::chrono::steady_clock::now(); }

asio::awaitable<Result<std::vector<tcp::endpoint>>> find(net::Address const& address, asio::steady_timer& deadline)
{
    beast::error_code failed;
    auto const literal = asio::ip::make_address(address.host, failed);
    if (!failed) co_return std::vector{tcp::endpoint(literal, address.port)};

    auto lookup = std::make_shared<Lookup>();
    Waiting const waiting(lookup, deadline);
    std::thread(look_up, lookup, address.host, address.port).detach();
    while (!waiting.done() && !is_over(deadline))
        co_await deadline.async_wait(dial_token);
    if (!waiting.done()) co_return fail(errc::timed_out, address.host + ": name look-up");
    if (lookup->failed) co_return fail(errc::not_found, fmt::format("{}: {}", address.host, lookup->failed.message()));
    co_return std::move(lookup->found);
}

/// The first that answers.
asio::awaitable<Result<>> connect_to_one(beast::tcp_stream& socket, std::vector<tcp::endpoint> const& endpoints,
                                         Segments segments, asio::steady_timer& deadline)
{
    beast::error_code failed = asio::error::host_not_found;
    for (auto const& endpoint : endpoints) {
        if (is_over(deadline)) co_return fail(errc::timed_out, "no answer");
        beast::error_code ignored;
        socket.socket().close(ignored);
        socket.socket().open(endpoint.protocol(), failed);
        if (failed) continue;
        // A system that cannot keep them short sends as it always does.
        if (segments == Segments::small)
            (void)platform::limit_segments(static_cast<platform::NativeSocket>(socket.socket().native_handle()),
                                           small_segment_bytes);
        auto const [refused] = co_await socket.async_connect(endpoint, dial_token);
        if (!refused) co_return Result<>();
        failed = refused;
    }
    co_return fail(code_of(failed), failed.message());
}

asio::awaitable<Result<>> ask_for_tunnel(beast::tcp_stream& socket, net::Address const& address, Proxy const& proxy)
{
    auto const place = "proxy " + net::to_string(proxy.address);
    auto const request = tunnel_request(proxy, address);
    auto const bytes = asio::buffer(request);
    auto const [not_sent, sent] = co_await asio::async_write(socket, bytes, dial_token);
    if (not_sent) co_return fail(code_of(not_sent), place + ": " + not_sent.message());
    beast::flat_buffer buffer;
    beast::http::response_parser<beast::http::empty_body> answer;
    answer.header_limit(proxy_head_bytes);
    auto const [no_answer, read] = co_await beast::http::async_read_header(socket, buffer, answer, dial_token);
    if (no_answer) co_return fail(code_of(no_answer), place + ": " + no_answer.message());
    if (auto const open = check_tunnel(proxy, static_cast<int>(answer.get().result_int())); !open)
        co_return open.error();
    // In TLS it is we who speak first.
    if (buffer.size() > 0) co_return fail(errc::bad_message, place + ": is none: it speaks first");
    co_return Result<>();
}

} // namespace

asio::awaitable<Result<>> dial(beast::tcp_stream& socket, net::Address const& address,
                               std::optional<Proxy> const& proxy, Segments segments, asio::steady_timer& deadline)
{
    auto const& next = proxy ? proxy->address : address;
    auto const endpoints = co_await find(next, deadline);
    if (!endpoints) co_return endpoints.error();
    if (is_over(deadline)) co_return fail(errc::timed_out, net::to_string(next));

    socket.expires_at(deadline.expiry());
    auto const connected = co_await connect_to_one(socket, *endpoints, segments, deadline);
    if (!connected) co_return fail(connected.error(), net::to_string(next));
    beast::error_code failed;
    socket.socket().set_option(tcp::no_delay(true), failed);
    if (proxy) co_return co_await ask_for_tunnel(socket, address, *proxy);
    co_return Result<>();
}

} // namespace rollcall::uplink
