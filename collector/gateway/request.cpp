#include "collector/gateway/request.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "common/core/text.hpp"
#include "common/log/log.hpp"
#include "common/net/address.hpp"

namespace rollcall::gateway
{

namespace
{

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_control(char c)
{
    auto const byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

Result<std::string> decode(std::string_view text, bool plus_is_space)
{
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%') {
            int const high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
            int const low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
            if (high < 0 || low < 0)
                return fail(errc::bad_input, "after % the address must have two hexadecimal digits");
            c = static_cast<char>(high * 16 + low);
            at += 2;
        }
        plain += c;
    }
    if (!is_utf8(plain)) return fail(errc::bad_input, "the address must be UTF-8 once it is decoded");
    return plain;
}

Result<std::string> decode_path(std::string_view text)
{
    if (text.empty() || text.front() != '/') return fail(errc::bad_input, "the address must begin with /");
    std::string path;
    while (!text.empty()) {
        text.remove_prefix(1); // the slash
        auto const end = std::min(text.find('/'), text.size());
        auto segment = decode(text.substr(0, end), false);
        if (!segment) return segment;
        if (*segment == "." || *segment == "..")
            return fail(errc::bad_input, "the address must not have . or .. between slashes");
        if (segment->find_first_of("/\\") != std::string::npos)
            return fail(errc::bad_input, "the path must not have an encoded slash or a backslash");
        if (std::any_of(segment->begin(), segment->end(), is_control))
            return fail(errc::bad_input, "the path must not have control characters");
        (path += '/') += *segment;
        text.remove_prefix(end);
    }
    return path;
}

std::string_view reason_phrase(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 206:
        return "Partial Content";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 416:
        return "Range Not Satisfiable";
    case 415:
        return "Unsupported Media Type";
    case 422:
        return "Unprocessable Content";
    case 426:
        return "Upgrade Required";
    case 428:
        return "Precondition Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "";
    }
}

/// RFC 9110 §5.6.7, "Sun, 06 Nov 1994 08:49:37 GMT"; the program's locale plays no part.
std::string http_date()
{
    static constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days.at(static_cast<std::size_t>(parts.tm_wday)),
                       parts.tm_mday, months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                       parts.tm_hour, parts.tm_min, parts.tm_sec);
}

bool same_word(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? x + 32 : x) == (y >= 'A' && y <= 'Z' ? y + 32 : y);
    });
}

bool may_be_header(std::pair<std::string, std::string> const& header)
{
    auto const bad_in_name = [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_');
    };
    return !header.first.empty() && std::none_of(header.first.begin(), header.first.end(), bad_in_name) &&
           std::none_of(header.second.begin(), header.second.end(), [](char c) { return is_control(c) && c != '\t'; });
}

/// The gateway's own business, whatever a handler says.
bool is_ours(std::string_view name)
{
    static constexpr std::array<std::string_view, 6> ours{"content-length",    "connection", "date",
                                                          "transfer-encoding", "server",     "x-request-id"};
    return std::any_of(ours.begin(), ours.end(), [name](std::string_view one) { return same_word(name, one); });
}

/// A full name with a dot, and no address: README.md, Decisions.
bool wants_transport_security(std::string_view host)
{
    if (host.find('.') == std::string_view::npos || host.front() == '[') return false;
    auto const name = std::string(host.substr(0, host.find(':')));
    return !net::is_ip_literal(name);
}

/// Every response has these unless its handler has set one of them otherwise.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> security_headers{{
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
                           "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"},
    // What is no page needs nothing; a page's own policy comes from whoever serves it.
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
}};

} // namespace

Result<Target> parse_target(std::string_view target)
{
    if (auto const scheme = target.find("://"); target.starts_with("http") && scheme != std::string_view::npos) {
        auto const slash = target.find_first_of("/?", scheme + 3);
        if (slash == std::string_view::npos || target[slash] == '?')
            return fail(errc::bad_input, "the address must have a path");
        target.remove_prefix(slash);
    }
    auto const question = std::min(target.find('?'), target.size());
    auto path = decode_path(target.substr(0, question));
    if (!path) return path.error();

    Target parsed{.path = std::move(*path), .query = {}};
    auto rest = target.substr(std::min(question + 1, target.size()));
    while (!rest.empty()) {
        auto const end = std::min(rest.find('&'), rest.size());
        auto const pair = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (pair.empty()) continue;
        auto const equals = std::min(pair.find('='), pair.size());
        auto key = decode(pair.substr(0, equals), true);
        if (!key) return key.error();
        auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
        if (!value) return value.error();
        parsed.query.insert_or_assign(std::move(*key), std::move(*value));
    }
    return parsed;
}

HttpResponse make_problem(int status, std::string_view word, std::string_view title, std::string_view detail,
                          std::string_view remedy, std::string_view request_id)
{
    boost::json::object const problem{{"type", fmt::format("urn:rollcall:problem:{}", word)},
                                      {"title", title},
                                      {"status", status},
                                      {"detail", detail},
                                      {"field", ""},
                                      {"remedy", remedy},
                                      {"request_id", request_id}};
    HttpResponse response;
    response.status = status;
    response.headers.emplace_back("Content-Type", "application/problem+json");
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body = boost::json::serialize(problem);
    return response;
}

std::string write_head(HttpResponse const& response, std::string_view request_id, std::string_view host,
                       bool keep_alive)
{
    auto head =
        fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_phrase(response.status), http_date());
    // RFC 9110 §8.6: no length where there can be no content. 304 has none of ours either.
    if (response.status >= 200 && response.status != 204 && response.status != 304) {
        auto const size = response.stream ? response.stream->size() : body_of(response).size();
        head += size ? fmt::format("Content-Length: {}\r\n", *size) : "Transfer-Encoding: chunked\r\n";
    }
    if (!request_id.empty()) head += fmt::format("X-Request-Id: {}\r\n", request_id);
    if (!keep_alive) head += "Connection: close\r\n";
    for (auto const& header : response.headers) {
        if (is_ours(header.first)) continue;
        if (!may_be_header(header)) {
            log::error("http.bad_header", {{"request", request_id}, {"name", header.first}});
            continue;
        }
        head += fmt::format("{}: {}\r\n", header.first, header.second);
    }
    for (auto const& [name, value] : security_headers) {
        bool const set = std::any_of(response.headers.begin(), response.headers.end(),
                                     [wanted = name](auto const& header) { return same_word(header.first, wanted); });
        if (!set) head += fmt::format("{}: {}\r\n", name, value);
    }
    if (!host.empty() && wants_transport_security(host)) head += "Strict-Transport-Security: max-age=31536000\r\n";
    return head += "\r\n";
}

std::string_view body_of(HttpResponse const& response)
{
    return response.shared_body ? std::string_view(*response.shared_body) : std::string_view(response.body);
}

} // namespace rollcall::gateway
