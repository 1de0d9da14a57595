#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/result.hpp"
#include "common/net/address.hpp"

namespace rollcall::uplink
{

/// Longest head of a proxy's answer that is read.
inline constexpr std::size_t proxy_head_bytes = 16UL * 1024;

/// An HTTP proxy on the way to the collector. It forwards bytes (CONNECT, RFC 9110 §9.3.6): TLS goes through it from
/// end to end, so that it learns the collector's address and nothing else.
struct Proxy {
    net::Address address;
    std::string credentials; ///< "user:password"; "" = none. Never log them.
};

/// "http://host:port" or "http://user:password@host:port", percent-encoded; http:// may be left out.
/// errc::bad_input with what is wrong, without repeating what may be a password.
[[nodiscard]] Result<Proxy> parse_proxy(std::string_view url);

/// What is sent to the proxy for a tunnel to `target`.
[[nodiscard]] std::string tunnel_request(Proxy const& proxy, net::Address const& target);
/// What its status means: errc::refused, with what to do, where there is no tunnel.
[[nodiscard]] Result<> check_tunnel(Proxy const& proxy, int status);

/// Does NO_PROXY (names and addresses with commas between, a name also for what ends with it, * for all) say that
/// this host is reached without the proxy?
[[nodiscard]] bool goes_direct(std::string_view no_proxy, std::string_view host);

/// The file `proxy` of a state folder: the URL on one line, readable by its owner only. No file: no proxy.
[[nodiscard]] Result<std::optional<Proxy>> load_proxy(std::filesystem::path const& folder);
Result<> save_proxy(std::filesystem::path const& folder, std::string_view url);

} // namespace rollcall::uplink
