#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rollcall::net
{

/// Where the collector can be reached.
struct Address {
    std::string host; ///< A name, an IPv4 address, or an IPv6 address without its brackets.
    std::uint16_t port = 0;
    bool operator==(Address const&) const = default;
};

/// Longest name that DNS carries (RFC 1035 §2.3.4).
inline constexpr std::size_t host_bytes = 253;

/// "host:port", "192.0.2.1:8443" or "[2001:db8::1]:8443". errc::bad_input with what is wrong.
[[nodiscard]] Result<Address> parse_address(std::string_view text);
[[nodiscard]] std::string to_string(Address const& address);

/// What people type into a browser: "https://host" (then the port is 443) or "https://host:port", and nothing behind
/// it but a slash. errc::bad_input with what is wrong.
[[nodiscard]] Result<Address> parse_https_url(std::string_view text);
/// In its shortest form: without the port where that is 443.
[[nodiscard]] std::string to_https_url(Address const& address);

/// An IPv4 or IPv6 address rather than a name?
[[nodiscard]] bool is_ip_literal(std::string const& host);

} // namespace rollcall::net
