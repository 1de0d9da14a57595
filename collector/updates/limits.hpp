#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every limit of releases and offers with its name; README.md of this folder explains them to people.
namespace rollcall::updates::limits
{

/// Releases that are looked at; of more the newest count.
inline constexpr std::size_t releases = 32;
/// Devices that are under way to another version at the same time.
inline constexpr std::size_t offers_at_once = 100;
/// A device that was offered a version and has not been heard of it since is offered it again.
inline constexpr std::chrono::milliseconds offer_again{std::chrono::hours(1)};
/// Where a device refused (paused by whoever is there, no space), it is asked again after this time.
inline constexpr std::chrono::milliseconds refused_again{std::chrono::hours(24)};
/// A release stops itself once so many devices failed with it: this number at least, …
inline constexpr std::int64_t failures_least = 2;
/// … and so many of a hundred that came to an end with it.
inline constexpr std::int64_t failures_percent = 10;

} // namespace rollcall::updates::limits

namespace rollcall::updates
{

/// How fast all of it goes: what the config may say otherwise.
struct Pace {
    /// How often the folder of releases is looked at, and whether a wave has opened.
    std::chrono::seconds look_every{60};
    /// A device begins at a random moment within this time, so that not all ask for the same file at once.
    std::chrono::seconds spread{60};
};

} // namespace rollcall::updates
