#pragma once

#include <chrono>
#include <cstddef>

/// Every limit of the wire, with its name and its default. README.md of this folder explains them to people.
namespace rollcall::wire::limits
{

using namespace std::chrono_literals;

/// Longest message either side accepts; a longer one closes the connection with 1009 (RFC 6455 §7.4.1).
inline constexpr std::size_t message_bytes = 4UL * 1024 * 1024;
/// Deepest nesting of a message.
inline constexpr std::size_t message_depth = 8;
/// Most rows of one probe. A probe that returns more is cut there and says so (Unknown is not an empty list:
/// the message carries `cut_rows`).
inline constexpr std::size_t snapshot_rows = 20'000;
/// Longest row key and longest text of a cell, cut at a character's border.
inline constexpr std::size_t key_bytes = 512;
inline constexpr std::size_t text_bytes = 4096;
/// Records a peer may have sent and not yet seen acknowledged, per lane.
inline constexpr std::size_t unacknowledged_records = 256;
/// Series are acknowledged after so many, or once so long has passed since the last time: an acknowledgement of each
/// tick would cost a third of all bytes. They wait in the spool meanwhile. Events and states are answered at once.
inline constexpr std::uint64_t series_ack_records = 64;
inline constexpr auto series_ack_every = 55s;
/// Longest digest of a machine or of a drive, and most drives that are told.
inline constexpr std::size_t hardware_mark_bytes = 128;
inline constexpr std::size_t hardware_disks = 16;
/// Longest request for a certificate within a `renew` or a `separate`.
inline constexpr std::size_t certificate_request_bytes = 16UL * 1024;
/// No time is later (year 9999), nor a span of time longer.
inline constexpr std::int64_t time_ms = 253'402'300'799'999;
/// Longest request body of the API, enrolment included.
inline constexpr std::size_t request_body_bytes = 256UL * 1024;

/// After so long without a word the agent says one: an unsolicited pong (RFC 6455 §5.5.3) with its clock.
inline constexpr auto heartbeat = 20s;
/// Whatever else it says, its clock is told this often.
inline constexpr auto clock_every = 60s;
/// A connection without a frame for this long is dead: the device is offline, at most 30 s after its last word (the
/// collector looks every 0.5 s, for the last byte and for the end of the limit). The 8 s beyond the heartbeat are for
/// TCP, which repeats a lost segment after 0.2 to 1 s, then after twice that, and twice that: three losses in a row.
inline constexpr auto silence = 28s;
/// The agent gives up a connection over which it heard nothing for this long; at half of it it asks (RFC 6455 ping).
inline constexpr auto agent_idle = 120s;
/// TLS, upgrade and hello together.
inline constexpr auto handshake = 15s;
/// A clock that differs by more is shown.
inline constexpr auto clock_offset = 5s;

} // namespace rollcall::wire::limits
