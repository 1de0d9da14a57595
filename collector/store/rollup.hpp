#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/store/precision.hpp"
#include "collector/store/records.hpp"
#include "common/core/result.hpp"

/// What is left of readings when they are old: per bucket of time, how many there were, their mean, least and greatest.
/// Pure.
namespace rollcall::store
{

/// How fine the kept series are. The numbers stand in the store: append only.
enum class Level : std::uint8_t { readings = 0, five_minutes = 1, hours = 2, days = 3 };
inline constexpr std::array rolled_levels{Level::five_minutes, Level::hours, Level::days};

/// Length of a bucket; readings have none.
[[nodiscard]] std::int64_t bucket_ms(Level level);
/// What one block holds: buckets and slots begin at multiples of their length since 1970, UTC.
[[nodiscard]] std::int64_t slot_ms(Level level);
/// The multiple of `length_ms` at or before `at_ms`.
[[nodiscard]] UnixMs floor_to(UnixMs at_ms, std::int64_t length_ms);

/// One column of one key in one bucket.
struct Bucket {
    UnixMs at_ms{};          ///< Where it begins.
    std::int64_t count{};    ///< Readings with a number; 0: the three below say nothing.
    std::int64_t unknowns{}; ///< Readings whose value was unknown.
    double mean{};
    double min{};
    double max{};

    bool operator==(Bucket const&) const = default;
};

/// Buckets by key and place of the column, oldest first.
using Rolled = std::map<std::pair<std::string, std::size_t>, std::vector<Bucket>>;

[[nodiscard]] std::size_t count_buckets(Rolled const& rolled);
/// Readings in any order.
[[nodiscard]] Rolled roll(std::span<StoredSeries const> readings, std::int64_t bucket_ms);
/// As if what led to both had been rolled up together.
void combine(Rolled& into, Rolled const& more);
/// Only the buckets that begin from `from_ms` up to, not including, `to_ms`.
[[nodiscard]] Rolled between(Rolled rolled, UnixMs from_ms, UnixMs to_ms);

/// Format 1, described in README.md. errc::limit_exceeded: more than block_cells buckets.
[[nodiscard]] Result<std::string> encode_rolled(Rolled const& rolled, std::int64_t bucket_ms,
                                                std::span<Precision const> precisions);
/// Safe on any bytes; errc::corrupt where they are not what encode_rolled made.
[[nodiscard]] Result<Rolled> decode_rolled(std::string_view bytes);

} // namespace rollcall::store
