#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// What may be asked for, and how long something is remembered, where more than one file or a test must know.
namespace rollcall::pipeline
{

/// A device whose certificate ran out no longer ago than this may still renew it, and do nothing else: the way back
/// for one that was switched off for a year. Later it has to be enrolled again.
inline constexpr std::chrono::hours renewal_grace{24 * 730};
/// So many machines a day may become devices because they run from a copy of one device's disk.
inline constexpr std::int64_t copies_a_day = 1000;
/// And so many in all that are not revoked.
inline constexpr std::int64_t copies_in_all = 10'000;
/// Two machines that look alike are told apart when, within this time, each said hello again after the other.
inline constexpr std::chrono::minutes turns_window{30};

/// Of a device, a machine or a customer.
inline constexpr std::size_t name_characters = 200;
/// Of an agent's version, and of words of an agent that are only shown.
inline constexpr std::size_t word_bytes = 64;
/// Snoozes that one work ends; those beyond it have their turn at the next tick.
inline constexpr std::size_t snoozes_ended_at_once = 500;
/// Resolved alerts that the lists still show.
inline constexpr std::chrono::milliseconds resolved_shown_for = std::chrono::hours(30 * 24);

} // namespace rollcall::pipeline
