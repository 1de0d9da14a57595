#include "agent/uplink/fetch.hpp"

#include <array>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "agent/uplink/dial.hpp"
#include "agent/uplink/identity.hpp"
#include "agent/uplink/proxy.hpp"
#include "agent/uplink/secure_stream.hpp"
#include "common/core/version.hpp"
#include "common/net/address.hpp"
#include "common/wire/limits.hpp"

namespace rollcall::uplink
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

Result<std::uint64_t> answer_begins(int status, std::string const& content_range, std::uint64_t have,
                                    std::uint64_t bytes)
{
    static constexpr int whole = 200;
    static constexpr int partial = 206;
    static constexpr int forbidden = 403;
    static constexpr int missing = 404;
    static constexpr int gone = 410;
    static constexpr int too_many = 429;
    static constexpr int first_of_server = 500;
    if (status == whole) return std::uint64_t{0};
    if (status == partial) {
        // The one range that was asked for, in the only form it can have (RFC 9110 §14.4).
        if (have > 0 && content_range == fmt::format("bytes {}-{}/{}", have, bytes - 1, bytes)) return have;
        return fail(errc::bad_message, "the collector sends another part than the one that was asked for");
    }
    if (status == forbidden || status == missing || status == gone)
        return fail(errc::not_found, fmt::format("the collector has no such file (status {})", status));
    if (status == too_many || status >= first_of_server)
        return fail(errc::busy, fmt::format("the collector cannot now (status {})", status));
    return fail(errc::refused, fmt::format("the collector answers with status {}", status));
}

namespace
{

/// A token whose operations return (error, …) and do not throw.
constexpr auto fetch_token = asio::as_tuple(asio::use_awaitable);
/// What is read, and written, at a time.
constexpr std::size_t piece_bytes = 64UL * 1024;

/// One request over one connection, with a loop of its own.
class Fetching
{
public:
    Fetching(FetchOptions const& options, net::Address address, std::optional<Proxy> proxy, net::Context context)
        : options_(options)
        , address_(std::move(address))
        , proxy_(std::move(proxy))
        , context_(context.release())
        , stream_(io_.get_executor(), context_)
        , deadline_(io_, wire::limits::handshake)
    {
    }

    Result<> run(Stop& stop)
    {
        Result<> done = fail(errc::io, "not asked");
        asio::co_spawn(io_, converse(done), [](std::exception_ptr const& thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
        {
            Stop::Watch const watch(stop, [this] { asio::post(io_, [this] { give_up(); }); });
            io_.run();
        }
        if (stopped_) return fail(errc::cancelled, "stopped");
        return done;
    }

private:
    void give_up()
    {
        stopped_ = true;
        deadline_.expires_at(std::chrono::steady_clock::time_point::min());
        stream_.next_layer().close();
    }

    asio::awaitable<void> converse(Result<>& done)
    {
        done = co_await connect();
        if (done) done = co_await request();
    }

    asio::awaitable<Result<>> connect()
    {
        if (auto const said = net::expect_peer(stream_.ssl(), address_.host); !said) co_return said.error();
        auto const dialled = co_await dial(stream_.next_layer(), address_, proxy_, Segments::usual, deadline_);
        if (!dialled) co_return fail(dialled.error(), "connect");
        auto const failed = co_await stream_.handshake();
        if (!failed) co_return Result<>();
        auto const why = net::verify_failure(stream_.ssl());
        if (why.empty()) co_return lost(failed, "TLS");
        co_return fail(errc::unauthenticated, "TLS: who answers is not our collector: " + why);
    }

    asio::awaitable<Result<>> request()
    {
        std::error_code none;
        auto have = std::filesystem::file_size(options_.part, none);
        if (none) have = 0;
        http::request<http::empty_body> asked(http::verb::get, options_.target, 11);
        asked.set(http::field::host, net::to_string(address_));
        asked.set(http::field::user_agent, "rollcall-agent/" + std::string(version()));
        asked.keep_alive(false);
        if (have > 0) {
            asked.set(http::field::range, fmt::format("bytes={}-", have));
            asked.set(http::field::if_range, fmt::format("\"{}\"", options_.etag));
        }
        stream_.next_layer().expires_after(options_.idle);
        auto const [not_sent, sent] = co_await http::async_write(stream_, asked, fetch_token);
        if (not_sent) co_return lost(not_sent, "send");

        beast::flat_buffer buffer;
        http::response_parser<http::buffer_body> parser;
        parser.body_limit(options_.bytes);
        auto const [no_head, read] = co_await http::async_read_header(stream_, buffer, parser, fetch_token);
        if (no_head == http::error::body_limit) co_return too_long();
        if (no_head) co_return lost(no_head, "receive");
        auto const& head = parser.get();
        auto const begin = answer_begins(static_cast<int>(head.result_int()),
                                         std::string(head[http::field::content_range]), have, options_.bytes);
        if (!begin) co_return begin.error();
        auto const received = co_await receive(buffer, parser, *begin);
        co_return received;
    }

    asio::awaitable<Result<>> receive(beast::flat_buffer& buffer, http::response_parser<http::buffer_body>& parser,
                                      std::uint64_t have)
    {
        auto const mode = have > 0 ? std::ios::app : std::ios::trunc;
        std::ofstream file(options_.part, std::ios::binary | mode);
        std::vector<char> piece(piece_bytes);
        while (!parser.is_done()) {
            auto& body = parser.get().body();
            body.data = piece.data();
            body.size = piece.size();
            stream_.next_layer().expires_after(options_.idle);
            auto [failed, read] = co_await http::async_read(stream_, buffer, parser, fetch_token);
            if (failed == http::error::need_buffer) failed = {};
            auto const got = piece.size() - parser.get().body().size;
            if (have + got > options_.bytes || failed == http::error::body_limit) co_return too_long();
            file.write(piece.data(), static_cast<std::streamsize>(got));
            file.flush();
            if (!file) co_return fail(errc::io, options_.part.string() + ": cannot be written: is the disk full?");
            have += got;
            if (got > 0 && options_.written) options_.written(have);
            if (failed) co_return lost(failed, "receive");
        }
        if (have != options_.bytes) co_return fail(errc::io, fmt::format("{} of {} bytes came", have, options_.bytes));
        co_return Result<>();
    }

    /// What came of it cannot be trusted to be a beginning either.
    [[nodiscard]] Error too_long() const
    {
        std::error_code ignored;
        std::filesystem::remove(options_.part, ignored);
        return fail(errc::limit_exceeded,
                    fmt::format("the collector sends more than the {} bytes of the manifest", options_.bytes));
    }

    [[nodiscard]] Error lost(beast::error_code failed, std::string_view step) const
    {
        auto const code = failed == beast::error::timeout ? errc::timed_out : errc::io;
        return fail(fail(code, fmt::format("{}: {}", net::to_string(address_), failed.message())), step);
    }

    FetchOptions const& options_;
    net::Address address_;
    std::optional<Proxy> proxy_;
    asio::io_context io_{1};
    asio::ssl::context context_;
    SecureStream stream_;
    asio::steady_timer deadline_;
    bool stopped_ = false;
};

} // namespace

Result<> fetch(FetchOptions const& options, Stop& stop)
{
    std::error_code none;
    auto const have = std::filesystem::file_size(options.part, none);
    if (!none && have == options.bytes) return {};
    if (!none && have > options.bytes) std::filesystem::remove(options.part, none);
    // Each time anew: a renewal may have brought another CA.
    auto const identity = load_identity(options.folder);
    if (!identity) return fail(identity.error(), "fetch");
    auto const address = net::parse_address(identity->address);
    if (!address) return fail(address.error(), "fetch");
    auto proxy = load_proxy(options.folder);
    if (!proxy) return fail(proxy.error(), "fetch");
    auto context = net::make_fetch_context(identity->tls.ca_pem);
    if (!context) return fail(context.error(), "fetch");
    Fetching fetching(options, *address, *std::move(proxy), std::move(*context));
    auto done = fetching.run(stop);
    if (!done) return fail(done.error(), "fetch");
    return done;
}

} // namespace rollcall::uplink
