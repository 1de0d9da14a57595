#pragma once

#include <chrono>
#include <cstddef>

/// Every limit of log-ins and sessions with its name; README.md of this folder explains them to people.
namespace rollcall::access::limits
{

inline constexpr std::chrono::milliseconds session_life = std::chrono::hours(12);
/// Without any request.
inline constexpr std::chrono::milliseconds session_idle = std::chrono::hours(2);
/// How often use is written down: between that, used_ms lags.
inline constexpr std::chrono::milliseconds session_touch = std::chrono::minutes(1);
inline constexpr std::chrono::milliseconds first_password_life = std::chrono::hours(24);
/// More of a password than this is not looked at; longer ones cannot be set.
inline constexpr std::size_t password_bytes = 1024;
inline constexpr std::size_t cookie_bytes = 128;

} // namespace rollcall::access::limits
