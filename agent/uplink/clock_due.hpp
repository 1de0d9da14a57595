#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "common/wire/limits.hpp"

namespace rollcall::uplink
{

/// So many more times a clock that was set is told soon: the collector goes by the greatest of three measurements, for
/// a frame can only come too late.
inline constexpr int told_again = 2;

/// When the agent's clock is to be told next: after so long without a word, every `clock_every` whatever else was said,
/// and where it was set (`set_at`) at the distance of heartbeats until it was measured often enough. Pure.
[[nodiscard]] inline std::chrono::steady_clock::time_point
clock_due(std::chrono::steady_clock::time_point sent_at, std::chrono::steady_clock::time_point told_at,
          std::optional<std::chrono::steady_clock::time_point> set_at, std::chrono::milliseconds heartbeat)
{
    std::chrono::milliseconds every = wire::limits::clock_every;
    if (set_at && told_at < *set_at + told_again * heartbeat) every = std::min(every, heartbeat);
    return std::min(sent_at + heartbeat, told_at + every);
}

} // namespace rollcall::uplink
