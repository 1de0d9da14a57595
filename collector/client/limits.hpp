#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every limit of the command-line client; README.md of this folder explains them to people.
namespace rollcall::client::limits
{

/// Until TCP and TLS are there, each.
inline constexpr std::chrono::milliseconds connect{15'000};
/// The collector answers, or sends the next part of an answer, within this time: filters over probes may take a while.
inline constexpr std::chrono::milliseconds answer{120'000};
/// A stream of events says at least this often that it is alive; otherwise it is opened again.
inline constexpr std::chrono::milliseconds silence{30'000};
/// Longest pause before a stream is opened again; the first one is what the collector says.
inline constexpr std::chrono::milliseconds longest_pause{30'000};
/// Largest answer that is kept in memory, and largest event of a stream.
inline constexpr std::size_t answer_bytes = 64UL * 1024 * 1024;
inline constexpr std::size_t event_bytes = 1024UL * 1024;
/// Lines of a list where nobody says how many, and of one request.
inline constexpr std::int64_t shown_lines = 100;
inline constexpr std::int64_t page_lines = 500;
/// Alerts of one request that does something about them.
inline constexpr std::size_t chosen_alerts = 1000;
/// Alerts that --watch compares, and how often at most it asks for them.
inline constexpr std::int64_t watched_alerts = 5000;
inline constexpr std::chrono::milliseconds watch_every{1000};
/// Largest file with a token, a certificate, or a stored log-in; largest file of --data.
inline constexpr std::size_t small_file_bytes = 1024UL * 1024;
inline constexpr std::size_t data_bytes = 16UL * 1024 * 1024;
/// Narrowest that a column becomes on a terminal that is too small for all of them.
inline constexpr std::size_t column_least = 6;

} // namespace rollcall::client::limits
