#include "collector/gateway/http_session.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <fmt/format.h>

#include "collector/gateway/raw_request.hpp"
#include "collector/gateway/request.hpp"
#include "common/core/ids.hpp"
#include "common/core/text.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::gateway
{

namespace
{

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::string_view agent_path = "/agent";
constexpr std::string_view live_path = "/api/v1/live";
/// A device's one request is small.
constexpr std::uint32_t agent_header_bytes = 8 * 1024;
constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t read_bytes = 4096;
/// Head and body up to this leave as one TLS record.
constexpr std::size_t joined_bytes = 16'384;
constexpr std::size_t logged_path_bytes = 256;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

std::string new_request_id() { return make_uuid(SystemClock().now_ms()); }

/// What is said about a request that could not be read; an I/O error has no status.
struct Complaint {
    int status = 0;
    std::string_view word;
    std::string_view title;
    std::string detail;
    std::string_view remedy;
};

Complaint complain(error_code const& error, Limits const& limits)
{
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return {431, "limit-exceeded", "The request's headers are too long",
                fmt::format("Request line and headers together may have {} bytes.", limits.header_bytes),
                "Shorten the address or the cookies."};
    if (error == http::error::body_limit)
        return {413, "limit-exceeded", "The request is too long",
                fmt::format("A request's body may have {} bytes.", limits.body_bytes), "Send less at once."};
    if (error.category() == make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
        return {400, "bad-input", "The request is not HTTP/1.1", error.message() + ".", "Use an HTTP/1.1 client."};
    return {};
}

/// A client's address in its own words may hold anything.
std::string for_log(std::string_view path) { return clean_text(path, logged_path_bytes); }

/// Fills what the handlers see. The error is a sentence about the request.
Result<HttpRequest> take_apart(http::request<http::string_body> const& message, Link const& link)
{
    HttpRequest request;
    request.id = new_request_id();
    request.remote = link.remote;
    request.method = view(message.method_string());
    if (request.method == "HEAD") request.method = "GET"; // The same answer; its body is not sent.
    auto target = parse_target(view(message.target()));
    if (!target) return target.error();
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    for (auto const& field : message) {
        std::string name(view(field.name_string()));
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        auto const value = view(field.value());
        auto const [place, fresh] = request.headers.try_emplace(std::move(name), value);
        if (fresh) continue;
        if (place->first == "host") return fail(errc::bad_input, "the request has two Host headers");
        (place->second += place->first == "cookie" ? "; " : ", ") += value;
    }
    if (message.version() >= 11 && !request.headers.contains("host"))
        return fail(errc::bad_input, "the request has no Host header");
    return request;
}

std::string_view host_of(HttpRequest const& request)
{
    auto const found = request.headers.find("host");
    return found == request.headers.end() ? std::string_view() : std::string_view(found->second);
}

/// Waits for the handler's answer on the link's loop.
struct Exchange {
    explicit Exchange(asio::any_io_executor const& executor)
        : answered(executor)
    {
    }
    Signal answered;
    std::optional<HttpResponse> response;
};

/// What `done` holds: it may be called on any thread, and long after the connection or the gateway is gone.
class Reply
{
public:
    Reply(std::shared_ptr<Loop> loop, std::weak_ptr<Exchange> exchange, std::string id)
        : loop_(std::move(loop))
        , exchange_(std::move(exchange))
        , id_(std::move(id))
    {
    }
    void give(HttpResponse response)
    {
        if (given_.exchange(true)) return log::error("http.answered_twice", {{"request", id_}});
        auto shared = std::make_shared<HttpResponse>(std::move(response));
        loop_->post([exchange = exchange_, shared] {
            auto const waiting = exchange.lock();
            if (!waiting) return;
            waiting->response = std::move(*shared);
            waiting->answered.set();
        });
    }

private:
    std::shared_ptr<Loop> loop_;
    std::weak_ptr<Exchange> exchange_;
    std::string id_;
    std::atomic<bool> given_{false};
};

class BrowserSession final : public Session
{
public:
    explicit BrowserSession(Link& link)
        : link_(link)
    {
        link_.session = this;
    }
    ~BrowserSession() override { release(); }

    /// An idle connection ends at once; one with a request ends after its answer.
    void end(std::uint16_t, std::string_view) override
    {
        ending = true;
        if (!busy) link_.stream.close();
    }
    void cut() override
    {
        if (exchange) exchange->answered.set();
        if (awaits != nullptr) awaits->set();
    }
    void release()
    {
        if (link_.session == this) link_.session = nullptr;
    }

    bool busy = false;
    bool ending = false;
    std::shared_ptr<Exchange> exchange;
    Signal* awaits = nullptr; ///< For a piece of a body.

private:
    Link& link_;
};

asio::awaitable<bool> write_all(Link& link, std::string_view bytes)
{
    link.set_deadline(link.hub->options.limits.send, "send", Progress::sent);
    auto const [error, size] = co_await asio::async_write(link.stream, asio::buffer(bytes), as_result);
    co_return !error;
}

/// Answers what could not be read, or is not wanted here, and ends the connection.
Work turn_away(Link& link, HttpRequest const& request, Complaint const& complaint)
{
    if (link.hub->noise.allow("http.turned_away"))
        log::info("http.turned_away", {{"request", request.id},
                                       {"remote", link.remote},
                                       {"status", complaint.status},
                                       {"detail", complaint.detail}});
    auto response =
        make_problem(complaint.status, complaint.word, complaint.title, complaint.detail, complaint.remedy, request.id);
    co_await respond(link, request, std::move(response), false, false);
}

/// The handler's answer; nothing where the connection ended before.
asio::awaitable<std::optional<HttpResponse>> ask_handler(Link& link, BrowserSession& session, HttpRequest request)
{
    link.set_deadline(link.hub->options.limits.answer, "answer");
    auto exchange = std::make_shared<Exchange>(link.stream.get_executor());
    session.exchange = exchange;
    auto reply = std::make_shared<Reply>(link.loop, exchange, request.id);
    link.hub->http.handle(std::move(request), [reply](HttpResponse response) { reply->give(std::move(response)); });
    co_await exchange->answered.wait();
    session.exchange = nullptr;
    co_return std::move(exchange->response);
}

/// Waits for a piece of a body on the link's loop.
struct Piece {
    explicit Piece(asio::any_io_executor const& executor)
        : come(executor)
    {
    }
    Signal come;
    std::optional<Result<std::string>> bytes;
};

/// Nothing where it could not be read, or the connection ended before it came.
asio::awaitable<std::optional<std::string>> next_piece(Link& link, BrowserSession& session, HttpBody& body)
{
    link.set_deadline(link.hub->options.limits.answer, "answer");
    auto const piece = std::make_shared<Piece>(link.stream.get_executor());
    session.awaits = &piece->come;
    body.next([loop = link.loop, waiting = std::weak_ptr<Piece>(piece)](Result<std::string> bytes) {
        auto const shared = std::make_shared<Result<std::string>>(std::move(bytes));
        loop->post([waiting, shared] {
            auto const asked = waiting.lock();
            if (!asked) return;
            asked->bytes = std::move(*shared);
            asked->come.set();
        });
    });
    co_await piece->come.wait();
    session.awaits = nullptr;
    if (!piece->bytes) co_return std::nullopt;
    if (!*piece->bytes) {
        log::warning("http.body", {{"remote", link.remote}, {"error", piece->bytes->error()}});
        co_return std::nullopt;
    }
    co_return std::move(**piece->bytes);
}

/// Of a body whose size nobody knows (RFC 9112 §7.1): the last chunk says that nothing is missing.
asio::awaitable<bool> write_chunks(Link& link, BrowserSession& session, HttpBody& body)
{
    for (;;) {
        auto const piece = co_await next_piece(link, session, body);
        if (!piece) co_return false;
        auto const chunk =
            piece->empty() ? std::string("0\r\n\r\n") : fmt::format("{:x}\r\n{}\r\n", piece->size(), *piece);
        bool const sent = co_await write_all(link, chunk);
        if (!sent || piece->empty()) co_return sent;
    }
}

/// One piece in memory at a time, however large the body is and however slowly the peer reads.
asio::awaitable<bool> write_stream(Link& link, BrowserSession& session, HttpBody& body)
{
    auto const size = body.size();
    if (!size) co_return co_await write_chunks(link, session, body);
    for (auto left = *size; left > 0;) {
        auto const piece = co_await next_piece(link, session, body);
        if (!piece || piece->empty() || piece->size() > left) co_return false;
        left -= piece->size();
        bool const sent = co_await write_all(link, *piece);
        if (!sent) co_return false;
    }
    co_return true;
}

bool continue_is_expected(http::request<http::string_body> const& message)
{
    return message.version() >= 11 && beast::iequals(message[http::field::expect], "100-continue");
}

} // namespace

asio::awaitable<bool> respond(Link& link, HttpRequest const& request, HttpResponse response, bool keep_alive,
                              bool without_body)
{
    auto bytes = write_head(response, request.id, host_of(request), keep_alive);
    bool const has_body = !without_body && response.status != 204 && response.status != 304;
    bool const streams = has_body && response.stream;
    auto const body = has_body && !streams ? body_of(response) : std::string_view();
    bool const joined = body.size() <= joined_bytes;
    if (joined) bytes += body;
    bool sent = co_await write_all(link, bytes);
    if (sent && !joined) sent = co_await write_all(link, body);
    if (streams) co_return sent;
    if (sent && !keep_alive) co_await link.stream.async_linger(as_result);
    co_return sent&& keep_alive;
}

asio::awaitable<std::shared_ptr<Upgrade>> read_agent_upgrade(Link& link)
{
    beast::flat_buffer buffer;
    http::request_parser<http::string_body> parser;
    parser.header_limit(agent_header_bytes);
    parser.body_limit(0);
    auto const [error, size] = co_await http::async_read(link.stream, buffer, parser, as_result);
    HttpRequest nobody;
    nobody.id = new_request_id();
    if (error) {
        auto const complaint = complain(error, link.hub->options.limits);
        if (complaint.status != 0) co_await turn_away(link, nobody, complaint);
        co_return nullptr;
    }
    auto raw = std::make_shared<RawRequest>();
    raw->message = parser.release();
    auto request = take_apart(raw->message, link);
    Complaint complaint;
    if (!request) {
        complaint = {400, "bad-input", "The request makes no sense", request.error().trace, ""};
    } else if (request->path != agent_path || !beast::websocket::is_upgrade(raw->message) || buffer.size() > 0) {
        complaint = {404, "not-found", "Devices have one address",
                     "A connection with a device certificate speaks WebSocket on /agent and nothing else.",
                     "Connect without ALPN rollcall-agent/1 for everything else."};
    } else if (!http::token_list(raw->message[http::field::sec_websocket_protocol])
                    .exists(beast::string_view(wire::subprotocol.data(), wire::subprotocol.size()))) {
        complaint = {400, "bad-input", "The subprotocol is missing",
                     fmt::format("Sec-WebSocket-Protocol must offer {}.", wire::subprotocol), "Update the agent."};
    }
    if (complaint.status != 0) {
        co_await turn_away(link, nobody, complaint);
        co_return nullptr;
    }
    auto upgrade = std::make_shared<Upgrade>();
    upgrade->raw = std::move(raw);
    upgrade->request = std::move(*request);
    upgrade->offers_subprotocol = true;
    co_return upgrade;
}

Work serve_browser(std::shared_ptr<Link> link)
{
    auto const& limits = link->hub->options.limits;
    BrowserSession session(*link);
    beast::flat_buffer buffer;
    bool keep_alive = true;
    while (keep_alive && !session.ending) {
        // The clock of a request starts with its first byte.
        if (buffer.size() == 0) {
            buffer.shrink_to_fit();
            link->set_deadline(limits.idle, "idle");
            auto const space = buffer.prepare(read_bytes);
            auto const [error, size] = co_await link->stream.async_read_some(space, as_result);
            if (error) break;
            buffer.commit(size);
        }
        session.busy = true;
        link->set_deadline(limits.request, "request");
        std::optional<http::request_parser<http::string_body>> parser(std::in_place);
        parser->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
        parser->body_limit(limits.body_bytes);
        HttpRequest nobody;
        nobody.id = new_request_id();

        auto [error, header_size] = co_await http::async_read_header(link->stream, buffer, *parser, as_result);
        if (!error && continue_is_expected(parser->get())) {
            if (!co_await write_all(*link, continue_head)) break;
            link->set_deadline(limits.request, "request");
        }
        if (!error && !parser->is_done()) {
            auto const [body_error, body_size] = co_await http::async_read(link->stream, buffer, *parser, as_result);
            error = body_error;
        }
        if (error) {
            auto const complaint = complain(error, limits);
            if (complaint.status != 0) co_await turn_away(*link, nobody, complaint);
            break;
        }
        ++link->hub->http_requests;
        auto raw = std::make_shared<RawRequest>();
        keep_alive = parser->keep_alive();
        raw->message = parser->release();
        parser.reset();
        bool const head_only = raw->message.method() == http::verb::head;
        bool const knows_chunks = raw->message.version() >= 11;
        auto request = take_apart(raw->message, *link);
        if (!request) {
            Complaint const complaint{400, "bad-input", "The request makes no sense", request.error().trace,
                                      "Correct the address."};
            co_await turn_away(*link, nobody, complaint);
            break;
        }

        if (beast::websocket::is_upgrade(raw->message)) {
            if (request->path != live_path || buffer.size() > 0) {
                Complaint const complaint{404, "not-found", "There is no WebSocket here",
                                          "Browsers open one on /api/v1/live.", ""};
                co_await turn_away(*link, *request, complaint);
                break;
            }
            auto upgrade = std::make_shared<Upgrade>();
            upgrade->raw = std::move(raw);
            upgrade->request = std::move(*request);
            session.release();
            co_await serve_live(link, std::move(upgrade));
            co_return;
        }
        HttpRequest shown;
        shown.id = request->id;
        shown.headers.emplace("host", host_of(*request));
        auto const started = Steady::now();
        std::string const method = request->method;
        std::string const path = for_log(request->path);
        request->body = std::move(raw->message.body());
        raw.reset();

        std::optional<HttpResponse> response;
        if (path == live_path) {
            response = make_problem(426, "bad-input", "This is a WebSocket", "The live feed is a WebSocket (RFC 6455).",
                                    "Ask for an upgrade.", shown.id);
            response->headers.emplace_back("Upgrade", "websocket");
        } else {
            response = co_await ask_handler(*link, session, std::move(*request));
        }
        if (!response) break;
        if (response->stream && !response->stream->size() && !knows_chunks)
            response =
                make_problem(505, "bad-input", "The version of HTTP is too old",
                             "The answer comes in chunks, which HTTP/1.0 does not know.", "Ask by HTTP/1.1.", shown.id);
        auto const took = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - started);
        log::write(response->status >= 500 ? log::Level::warning : log::Level::debug, "http.request",
                   {{"request", shown.id},
                    {"remote", link->remote},
                    {"method", method},
                    {"path", path},
                    {"status", response->status},
                    {"took_ms", took.count()}});
        keep_alive = keep_alive && !session.ending;
        auto const stream = head_only ? nullptr : response->stream;
        bool const goes_on = co_await respond(*link, shown, std::move(*response), keep_alive, head_only);
        if (stream && goes_on) {
            bool const whole = co_await write_stream(*link, session, *stream);
            if (whole && !keep_alive) co_await link->stream.async_linger(as_result);
            keep_alive = whole && keep_alive;
        } else {
            keep_alive = goes_on;
        }
        session.busy = false;
    }
    if (link->overdue() == "answer") log::error("http.unanswered", {{"remote", link->remote}});
    if (link->overdue() == "request" && link->hub->noise.allow("http.request_timed_out"))
        log::info("http.request_timed_out", {{"remote", link->remote}});
    link->set_deadline(limits.closing, "closing");
    co_await link->stream.async_shutdown(as_result);
    link->stream.close();
}

} // namespace rollcall::gateway
