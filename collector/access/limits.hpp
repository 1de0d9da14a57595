#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

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
/// Longest name of a technician, a role or a token.
inline constexpr std::size_t name_characters = 100;
/// Customers that one technician or token may be limited to.
inline constexpr std::size_t customers = 10'000;
/// Folders, likewise, and with all that lie in them when the limits are given.
inline constexpr std::size_t folders = 1'000;
inline constexpr std::size_t folders_below = 20'000;
inline constexpr std::size_t roles = 200;
/// Tokens of one technician, and how long one may live.
inline constexpr std::size_t tokens = 100;
inline constexpr std::int64_t token_min_s = 60;
inline constexpr std::int64_t token_max_s = 366LL * 24 * 3600;
/// What is kept of how a browser or program calls itself.
inline constexpr std::size_t program_bytes = 200;

} // namespace rollcall::access::limits
