#include "agent/uplink/proxy.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "common/core/version.hpp"
#include "platform/secret_file.hpp"

namespace rollcall::uplink
{

static constexpr auto file_name = "proxy";

static std::optional<unsigned> hex_digit(char c)
{
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

/// RFC 3986 §2.1; nothing where a percent sign begins no byte.
static std::optional<std::string> percent_decoded(std::string_view text)
{
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        auto const high = hex_digit(text[i + 1]);
        auto const low = hex_digit(text[i + 2]);
        if (!high || !low) return std::nullopt;
        decoded += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    return decoded;
}

Result<Proxy> parse_proxy(std::string_view url)
{
    auto const wrong = [](std::string_view why) {
        return fail(errc::bad_input,
                    fmt::format("proxy: {}; write http://host:port or http://user:password@host:port", why));
    };
    static constexpr std::string_view scheme = "http://";
    auto rest = url;
    if (rest.starts_with(scheme))
        rest.remove_prefix(scheme.size());
    else if (rest.find("://") != std::string_view::npos)
        return wrong("it is spoken to by plain HTTP only (TLS goes through it)");
    if (rest.ends_with('/')) rest.remove_suffix(1);

    Proxy proxy;
    // The last one: a password may hold another.
    if (auto const at = rest.rfind('@'); at != std::string_view::npos) {
        auto const given = rest.substr(0, at);
        auto const colon = given.find(':');
        if (colon == std::string_view::npos || colon == 0) return wrong("before the @ stands no user:password");
        auto const user = percent_decoded(given.substr(0, colon));
        auto const password = percent_decoded(given.substr(colon + 1));
        // RFC 7617 §2: the first colon ends the name.
        if (!user || !password || user->find(':') != std::string::npos)
            return wrong("user or password is not percent-encoded");
        proxy.credentials = *user + ":" + *password;
        rest = rest.substr(at + 1);
    }
    auto address = net::parse_address(rest);
    if (!address) return wrong("host or port is none");
    proxy.address = *std::move(address);
    return proxy;
}

static std::string base64(std::string_view bytes)
{
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0'); // EVP_EncodeBlock ends with a zero.
    auto const size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<unsigned char const*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string tunnel_request(Proxy const& proxy, net::Address const& target)
{
    auto const host = net::to_string(target);
    auto request =
        fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: rollcall-agent/{1}\r\n", host, version());
    if (!proxy.credentials.empty()) request += "Proxy-Authorization: Basic " + base64(proxy.credentials) + "\r\n";
    return request + "\r\n";
}

Result<> check_tunnel(Proxy const& proxy, int status)
{
    if (status >= 200 && status < 300) return {};
    auto const place = net::to_string(proxy.address);
    if (status == 407 && proxy.credentials.empty())
        return fail(errc::refused,
                    fmt::format("proxy {}: it wants a user name and a password: write http://user:password@{} into the "
                                "file proxy of the state folder",
                                place, place));
    if (status == 407)
        return fail(errc::refused,
                    fmt::format("proxy {}: it does not accept user name and password: correct the file proxy of the "
                                "state folder",
                                place));
    // Passes by itself, as while the collector is started again: no reason to stay away for minutes.
    if (status >= 500)
        return fail(errc::io,
                    fmt::format("proxy {}: status {}: it does not reach the collector just now", place, status));
    return fail(errc::refused, fmt::format("proxy {}: it answers with status {}: ask who runs it to let CONNECT "
                                           "through to the collector",
                                           place, status));
}

static std::string lower(std::string_view text)
{
    std::string made(text);
    std::ranges::transform(made, made.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return made;
}

bool goes_direct(std::string_view no_proxy, std::string_view host)
{
    auto const wanted = lower(host);
    while (!no_proxy.empty()) {
        auto const end = std::min(no_proxy.find(','), no_proxy.size());
        auto entry = no_proxy.substr(0, end);
        no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
        while (entry.starts_with(' '))
            entry.remove_prefix(1);
        while (entry.ends_with(' '))
            entry.remove_suffix(1);
        if (entry == "*") return true;
        while (entry.starts_with('.'))
            entry.remove_prefix(1);
        if (entry.empty()) continue;
        auto const name = lower(entry);
        if (wanted == name || wanted.ends_with("." + name)) return true;
    }
    return false;
}

Result<std::optional<Proxy>> load_proxy(std::filesystem::path const& folder)
{
    auto const path = (folder / file_name).string();
    auto const text = platform::read_secret_file(path);
    if (!text && reason(text.error()) == to_string(errc::not_found)) return std::optional<Proxy>();
    if (!text) return text.error();
    auto const end = text->find_last_not_of(" \t\r\n");
    auto proxy = parse_proxy(std::string_view(*text).substr(0, end == std::string::npos ? 0 : end + 1));
    if (!proxy) return fail(proxy.error(), path);
    return std::optional(*std::move(proxy));
}

Result<> save_proxy(std::filesystem::path const& folder, std::string_view url)
{
    return platform::write_secret_file((folder / file_name).string(), std::string(url) + "\n");
}

} // namespace rollcall::uplink
