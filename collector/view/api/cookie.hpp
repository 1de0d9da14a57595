#pragma once

#include <string>
#include <string_view>

#include "collector/gateway/ports.hpp"

/// The session's cookie and the checks that keep other sites from using it. Pure.
namespace rollcall::api
{

/// The `__Host-` prefix makes the browser insist on Secure, Path=/ and no Domain (RFC 6265bis §4.1.3.2).
inline constexpr std::string_view cookie_name = "__Host-rollcall";

/// The header's text (names in lower case); "" = none.
[[nodiscard]] std::string_view header(gateway::HttpRequest const& request, std::string_view name);
/// The cookie's value in the request; "" = none.
[[nodiscard]] std::string cookie_of(gateway::HttpRequest const& request);
[[nodiscard]] std::string set_cookie(std::string_view value, std::int64_t seconds);
[[nodiscard]] std::string clear_cookie();

/// Does the Origin header (RFC 6454 §7) name the very host and port that the Host header names, by https?
[[nodiscard]] bool same_origin(gateway::HttpRequest const& request);

} // namespace rollcall::api
