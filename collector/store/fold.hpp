#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Texts as people compare them. Pure; any bytes are safe.
namespace rollcall::store
{

/// Lower case for ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic letters; everything else as it is.
[[nodiscard]] std::string fold(std::string_view text);

/// Does `text` contain `sought_folded` (already folded), whatever the case?
[[nodiscard]] bool contains_folded(std::string_view text, std::string_view sought_folded);

/// Longest key of natural_key(): what differs behind it only sorts as equal.
inline constexpr std::size_t natural_key_bytes = 256;

/// A key whose order of bytes is the order of people: "pc2" before "pc10", whatever the case.
[[nodiscard]] std::string natural_key(std::string_view text);

} // namespace rollcall::store
