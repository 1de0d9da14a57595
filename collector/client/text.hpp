#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Texts from elsewhere on their way to a terminal. Pure.
namespace rollcall::client
{

/// With everything visible that a terminal would obey, or that turns the order of reading: control characters, those of
/// C1 too, as `\x1b` or `\u009b`; bytes that are no UTF-8 as `\xff`. Line breaks and tabs count as control characters
/// unless `keep_lines`.
[[nodiscard]] std::string shown(std::string_view text, bool keep_lines = false);

/// The same text of JSON in which control characters beyond ASCII are escaped as JSON has it.
[[nodiscard]] std::string shown_json(std::string_view json);

/// Places that a shown text takes on a terminal: 2 for wide characters, none for combining ones.
[[nodiscard]] std::size_t display_width(std::string_view text);
/// In exactly so many places: with blanks behind it (or in front), or cut, with an ellipsis as its last character.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t width, bool to_the_right = false);

/// "2026-11-23T12:39:05Z".
[[nodiscard]] std::string iso_time(std::int64_t unix_ms);

} // namespace rollcall::client
