#include "agent/uplink/fetch.hpp"

#include <array>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "agent/uplink/https.hpp"
#include "agent/uplink/identity.hpp"
#include "agent/uplink/proxy.hpp"
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

class Fetching
{
public:
    Fetching(FetchOptions const& options, Https& https)
        : options_(options)
        , https_(https)
    {
    }

    asio::awaitable<Result<>> request()
    {
        std::error_code none;
        auto have = std::filesystem::file_size(options_.part, none);
        if (none) have = 0;
        http::request<http::empty_body> asked(http::verb::get, options_.target, 11);
        asked.set(http::field::host, net::to_string(https_.address()));
        asked.set(http::field::user_agent, "rollcall-agent/" + std::string(version()));
        asked.keep_alive(false);
        if (have > 0) {
            asked.set(http::field::range, fmt::format("bytes={}-", have));
            asked.set(http::field::if_range, fmt::format("\"{}\"", options_.etag));
        }
        https_.stream().next_layer().expires_after(options_.idle);
        auto const [not_sent, sent] = co_await http::async_write(https_.stream(), asked, fetch_token);
        if (not_sent) co_return https_.lost(not_sent, "send");

        beast::flat_buffer buffer;
        http::response_parser<http::buffer_body> parser;
        parser.body_limit(options_.bytes);
        auto const [no_head, read] = co_await http::async_read_header(https_.stream(), buffer, parser, fetch_token);
        if (no_head == http::error::body_limit) co_return too_long();
        if (no_head) co_return https_.lost(no_head, "receive");
        auto const& head = parser.get();
        auto const begin = answer_begins(static_cast<int>(head.result_int()),
                                         std::string(head[http::field::content_range]), have, options_.bytes);
        if (!begin) co_return begin.error();
        auto const received = co_await receive(buffer, parser, *begin);
        co_return received;
    }

private:
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
            https_.stream().next_layer().expires_after(options_.idle);
            auto [failed, read] = co_await http::async_read(https_.stream(), buffer, parser, fetch_token);
            if (failed == http::error::need_buffer) failed = {};
            auto const got = piece.size() - parser.get().body().size;
            if (have + got > options_.bytes || failed == http::error::body_limit) {
                file.close(); // What is open stays on some systems.
                co_return too_long();
            }
            file.write(piece.data(), static_cast<std::streamsize>(got));
            file.flush();
            if (!file) co_return fail(errc::io, options_.part.string() + ": cannot be written: is the disk full?");
            have += got;
            if (got > 0 && options_.written) options_.written(have);
            if (failed) co_return https_.lost(failed, "receive");
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

    FetchOptions const& options_;
    Https& https_;
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
    Https https(*address, *std::move(proxy), std::move(*context), wire::limits::handshake, "our collector");
    Fetching fetching(options, https);
    auto done = https.run([&fetching] { return fetching.request(); }, &stop);
    if (!done) return fail(done.error(), "fetch");
    return done;
}

} // namespace rollcall::uplink
