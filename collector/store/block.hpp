#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/precision.hpp"
#include "collector/store/records.hpp"
#include "common/core/result.hpp"

/// Many readings of one series as one compressed block (format 1, described in README.md). Pure.
namespace rollcall::store
{

/// Cells (for each reading its keys and their columns) of one block; what has more becomes several.
inline constexpr std::size_t block_cells = 1'000'000;
/// Bytes of one block before compression: a damaged one cannot make us reserve more.
inline constexpr std::size_t block_bytes = 32UL * 1024 * 1024;

/// How many cells these readings have.
[[nodiscard]] std::size_t count_cells(std::span<StoredSeries const> readings);

/// The readings, oldest first. A number that its column's precision cannot hold makes that column exact for that key.
/// Of a key that stands twice in a reading, the first counts. errc::limit_exceeded: more than one block can hold.
[[nodiscard]] Result<std::string> encode_block(std::span<StoredSeries const> readings,
                                               std::span<Precision const> precisions);
/// Samples come in the order of their keys. errc::corrupt where the bytes are not what encode_block made; safe on any.
[[nodiscard]] Result<std::vector<StoredSeries>> decode_block(std::string_view bytes);

/// zstd, with the size in front of it checked against block_bytes.
[[nodiscard]] std::string compress(std::string_view bytes);
[[nodiscard]] Result<std::string> decompress(std::string_view bytes);

} // namespace rollcall::store
