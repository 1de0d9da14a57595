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

/// A device that left without a goodbye is unreachable, not offline, when devices of its customer at its address are
/// still here after this time: by then a network that failed has been noticed of all of them.
inline constexpr std::chrono::seconds unreachable_after{90};
/// … or when so many of its connections ended before a session began, within this time.
inline constexpr std::size_t unreachable_tries = 3;
inline constexpr std::chrono::minutes unreachable_tries_within{10};

/// Of a device, a machine or a customer.
inline constexpr std::size_t name_characters = 200;
/// Of an agent's version, and of words of an agent that are only shown.
inline constexpr std::size_t word_bytes = 64;
/// Snoozes that one work ends; those beyond it have their turn at the next tick.
inline constexpr std::size_t snoozes_ended_at_once = 500;
/// Folders: how deep they lie in each other, and how many a customer has.
inline constexpr std::size_t folder_depth = 8;
inline constexpr std::size_t folders_per_customer = 500;
inline constexpr std::size_t folder_name_characters = 100;
/// Devices that one request moves, retires, …
inline constexpr std::size_t bulk_devices = 1000;
/// What is said of a customer and of its people: one line, several, how many of what.
inline constexpr std::size_t line_characters = 200;
inline constexpr std::size_t notes_characters = 20'000;
inline constexpr std::size_t domains_per_customer = 50;
inline constexpr std::size_t custom_fields_per_customer = 30;
inline constexpr std::size_t contacts_per_customer = 5000;
/// Fields that stand above every customer's page.
inline constexpr std::size_t pinned_fields_least = 3;
inline constexpr std::size_t pinned_fields_most = 6;
/// Rows that one step of a purge deletes, so that nobody waits for it.
inline constexpr std::int64_t purge_rows = 500;
/// Resolved alerts that the lists still show.
inline constexpr std::chrono::milliseconds resolved_shown_for = std::chrono::hours(30 * 24);

} // namespace rollcall::pipeline
