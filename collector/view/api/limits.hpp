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
/// Ids of one answer that has nothing else (about 40 bytes each).
inline constexpr std::size_t list_ids = 200'000;
/// Longest place in a list (`after`): it holds what the line is sorted by.
inline constexpr std::int64_t place_bytes = 8192;
/// Points of one curve that may be asked for, and points of one answer: with many curves it becomes coarser.
inline constexpr std::int64_t curve_points = 2000;
inline constexpr std::int64_t answer_points = 100'000;
/// Longest span of one series answer: what is kept longest fits.
inline constexpr std::int64_t series_span_ms = 5LL * 366 * 24 * 3600 * 1000;
/// Entries of one page of a timeline.
inline constexpr std::int64_t timeline_entries = 2000;
/// Alerts that one request may do something about.
inline constexpr std::size_t chosen_alerts = 1000;
/// Farthest end of a snooze.
inline constexpr std::int64_t snooze_ms = 366LL * 24 * 3600 * 1000;
/// A ticket's number or address, and a note.
inline constexpr std::size_t ticket_characters = 500;
inline constexpr std::size_t note_characters = 4000;
/// An alert's evidence: how long before its hold began and after it was raised the curve goes, its points, and how many
/// of the others that have the same alert are named.
inline constexpr std::int64_t evidence_before_ms = 30LL * 60 * 1000;
inline constexpr std::int64_t evidence_after_ms = 60LL * 60 * 1000;
inline constexpr std::int64_t evidence_points = 500;
inline constexpr std::size_t evidence_others = 5;
/// Longest name of a customer.
inline constexpr std::size_t customer_name_characters = 100;
/// Devices that one request purges: what is lost is counted for each.
inline constexpr std::size_t purged_devices = 100;
/// A file of contacts: its lines with the first one, cells of a line, bytes of a cell.
inline constexpr std::size_t csv_records = 2001;
inline constexpr std::size_t csv_columns = 32;
inline constexpr std::size_t csv_cell_bytes = 4096;
/// Uses and life of an enrolment token.
inline constexpr std::int64_t token_uses = 10'000;
inline constexpr std::int64_t token_min_s = 60;
inline constexpr std::int64_t token_max_s = 365LL * 24 * 3600;
/// How long the probes that a filter asks about are read, and of how many devices before others get their turn.
inline constexpr auto filter_read = std::chrono::seconds(10);
inline constexpr std::size_t filter_devices_at_once = 256;
/// Conditions over probes whose answers are remembered: a byte for each device of each.
inline constexpr std::size_t filter_tests = 64;
/// Requests with a filter over probes that are answered at once, and that may wait: they must not keep others waiting.
inline constexpr std::size_t filter_threads = 2;
inline constexpr std::size_t filter_queue = 64;
/// Lists that are written as CSV at the same time, by how many threads, and lines of a piece.
inline constexpr std::size_t exports = 8;
inline constexpr std::size_t exports_per_technician = 2;
/// How long one is written at most, however slowly it is taken.
inline constexpr auto export_time = std::chrono::minutes(10);
inline constexpr std::size_t export_threads = 1;
inline constexpr std::size_t export_lines = 500;
/// Columns of one file, and their names together.
inline constexpr std::size_t columns = 100;
inline constexpr std::int64_t columns_bytes = 4096;
/// Views of one technician, characters of their names, and bytes of what else is chosen.
inline constexpr std::int64_t views = 100;
inline constexpr std::size_t view_name_characters = 60;
inline constexpr std::size_t view_choices_bytes = 2000;
/// Largest version of a view: every program counts so far without loss.
inline constexpr std::int64_t view_version = (std::int64_t{1} << 53) - 1;
/// Width of a column that a person may choose.
inline constexpr std::int64_t column_least_px = 40;
inline constexpr std::int64_t column_most_px = 1000;
/// What the audit log keeps of one request, and peers whose refusals are counted until they are written down.
inline constexpr std::size_t audit_detail_bytes = 4096;
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
