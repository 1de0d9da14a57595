#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "collector/store/records.hpp"
#include "collector/store/retention.hpp"
#include "collector/store/rollup.hpp"
#include "collector/view/api/resources.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"
#include "common/wire/catalogue.hpp"

/// Readings and roll-ups as curves. Pure, but for read_curves. Curves beyond limits::answer_points are counted as left
/// out.
namespace rollcall::api
{

/// The words for `resolution`: "reading", "5min", "1h", "1d".
[[nodiscard]] std::vector<std::string> resolutions();
[[nodiscard]] std::string_view to_string(store::Level level);
[[nodiscard]] std::optional<store::Level> level_from(std::string_view word);

/// From one point to the next: of readings, how often the probe is read.
[[nodiscard]] std::int64_t step_ms(wire::Probe const& probe, store::Level level);
/// How many points a span has at most.
[[nodiscard]] std::int64_t count_points(wire::Probe const& probe, store::Level level, UnixMs from_ms, UnixMs to_ms);
/// The finest that makes at most `points` of the span and is still kept at its begin; days where none does.
[[nodiscard]] store::Level choose_level(wire::Probe const& probe, UnixMs from_ms, UnixMs to_ms, UnixMs now_ms,
                                        std::int64_t points, store::Retention const& retention);

/// Each reading is a point of its own; null where one is missing.
[[nodiscard]] SeriesAnswer make_curves(wire::Probe const& probe, std::vector<store::StoredSeries> const& readings,
                                       UnixMs from_ms, UnixMs to_ms);
/// A point for each bucket, in even steps; null where nothing was read.
[[nodiscard]] SeriesAnswer make_curves(wire::Probe const& probe, store::Rolled const& rolled, store::Level level,
                                       UnixMs from_ms, UnixMs to_ms);
/// All curves of a device's series, as the store has them.
[[nodiscard]] Result<SeriesAnswer> read_curves(sqlite::Database& db, std::string_view device_id,
                                               wire::Probe const& probe, store::Level level, UnixMs from_ms,
                                               UnixMs to_ms);

} // namespace rollcall::api
