#include "agent/uplink/https.hpp"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "agent/uplink/dial.hpp"

namespace rollcall::uplink
{

Https::Https(net::Address address, std::optional<Proxy> proxy, net::Context context, std::chrono::milliseconds limit,
             std::string expected)
    : address_(std::move(address))
    , proxy_(std::move(proxy))
    , context_(context.release())
    , stream_(io_.get_executor(), context_)
    , deadline_(io_, limit)
    , expected_(std::move(expected))
{
}

Result<> Https::run(std::function<asio::awaitable<Result<>>()> const& work, Stop* stop)
{
    Result<> done = fail(errc::io, "not asked");
    asio::co_spawn(io_, converse(work, done), [](std::exception_ptr const& thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    {
        std::optional<Stop::Watch> watch;
        if (stop != nullptr) watch.emplace(*stop, [this] { asio::post(io_, [this] { give_up(); }); });
        io_.run();
    }
    if (stopped_) return fail(errc::cancelled, "told to stop");
    return done;
}

/// What waits ends by itself: a loop that is stopped around it would on some systems wait for it for ever.
void Https::give_up()
{
    stopped_ = true;
    deadline_.expires_at(std::chrono::steady_clock::time_point::min());
    stream_.next_layer().close();
}

asio::awaitable<void> Https::converse(std::function<asio::awaitable<Result<>>()> const& work, Result<>& done)
{
    done = co_await connect();
    if (done) done = co_await work();
}

asio::awaitable<Result<>> Https::connect()
{
    if (auto const said = net::expect_peer(stream_.ssl(), address_.host); !said) co_return said.error();
    auto const dialled = co_await dial(stream_.next_layer(), address_, proxy_, Segments::usual, deadline_);
    if (!dialled) co_return fail(dialled.error(), "connect");
    auto const failed = co_await stream_.handshake();
    if (!failed) co_return Result<>();
    auto const why = net::verify_failure(stream_.ssl());
    if (why.empty()) co_return lost(failed, "TLS");
    co_return fail(errc::unauthenticated, fmt::format("{} is not {} ({})", net::to_string(address_), expected_, why));
}

Error Https::lost(beast::error_code failed, std::string_view step) const
{
    auto const code = failed == beast::error::timeout ? errc::timed_out : errc::io;
    return fail(fail(code, fmt::format("{}: {}", net::to_string(address_), failed.message())), step);
}

} // namespace rollcall::uplink
