#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every limit of the API with its name; README.md of this folder explains them to people.
namespace rollcall::api::limits
{

/// Most rows of one answer, and the farthest offset.
inline constexpr std::int64_t list_rows = 500;
inline constexpr std::int64_t offset = 10'000'000;
/// Points of one curve that may be asked for, and points of one answer: with many curves it becomes coarser.
inline constexpr std::int64_t curve_points = 2000;
inline constexpr std::int64_t answer_points = 100'000;
/// Longest span of one series answer: what is kept longest fits.
inline constexpr std::int64_t series_span_ms = 5LL * 366 * 24 * 3600 * 1000;
/// Entries of one page of a timeline.
inline constexpr std::int64_t timeline_entries = 2000;
/// Longest name of a customer.
inline constexpr std::size_t customer_name_characters = 100;
/// Uses and life of an enrolment token.
inline constexpr std::int64_t token_uses = 10'000;
inline constexpr std::int64_t token_min_s = 60;
inline constexpr std::int64_t token_max_s = 365LL * 24 * 3600;
/// What the audit log keeps of one request, and peers whose refusals are counted until they are written down.
inline constexpr std::size_t audit_detail_bytes = 4096;
/// Devices, and customers, that one row names; of further ones it has the number.
inline constexpr std::size_t audit_subjects = 1000;
inline constexpr std::size_t refused_peers = 1000;
inline constexpr std::chrono::milliseconds refusals_every{60'000};
inline constexpr std::int64_t audit_rows = 500;
/// Longest Idempotency-Key, and largest answer that is kept for one.
inline constexpr std::size_t idempotency_key_bytes = 200;
inline constexpr std::size_t kept_answer_bytes = 256UL * 1024;
/// Threads that answer, and requests that may wait for them.
inline constexpr std::size_t handler_threads = 4;
inline constexpr std::size_t handler_queue = 256;
/// Passwords that are hashed at once (19 MiB and 0.1 s of a core each), and requests that may wait for that.
inline constexpr std::size_t password_threads = 2;
inline constexpr std::size_t password_queue = 32;
/// Files of releases that are fetched at the same time, in all and by one address; a piece of each is in memory.
inline constexpr std::size_t downloads = 256;
inline constexpr std::size_t downloads_per_address = 32;
inline constexpr std::size_t download_piece_bytes = 128UL * 1024;
/// Threads that read them, and seconds after which whoever found no place may ask again.
inline constexpr std::size_t download_threads = 2;
inline constexpr std::int64_t download_again_s = 30;
/// Largest file of the page, and all of them together: they are kept in memory.
inline constexpr std::uintmax_t file_bytes = 16UL * 1024 * 1024;
inline constexpr std::uintmax_t files_bytes = 64UL * 1024 * 1024;

} // namespace rollcall::api::limits
