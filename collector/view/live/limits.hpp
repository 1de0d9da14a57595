#pragma once

#include <chrono>
#include <cstddef>

/// Every limit of the live feed, for the page and for scripts; README.md of this folder explains them to people.
namespace rollcall::live::limits
{

/// At most one message per client in this time; what happens meanwhile goes together into the next.
inline constexpr std::chrono::milliseconds live_interval_ms{100};
/// Devices named in one message; with more it says `all_devices`.
inline constexpr std::size_t live_devices = 100;
/// How often a feed makes sure that its session has not expired or been ended elsewhere.
inline constexpr std::chrono::milliseconds session_check{5000};
/// Changes that are kept for scripts, and devices and customers that they name together. Who comes back after more than
/// that has to ask anew, and a stream that is taken too slowly is cut off.
inline constexpr std::size_t kept_changes = 8192;
inline constexpr std::size_t kept_names = 100'000;
/// Streams of scripts at the same time, in all and of one technician.
inline constexpr std::size_t streams = 1024;
inline constexpr std::size_t streams_per_technician = 16;
/// How long a stream stays silent at most: so whoever is gone is noticed, and no proxy takes it for dead.
inline constexpr std::chrono::milliseconds keep_alive{10'000};
/// After how long a script comes back that lost its stream.
inline constexpr std::chrono::milliseconds come_back{2000};

} // namespace rollcall::live::limits
