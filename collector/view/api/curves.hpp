#pragma once

#include <vector>

#include "collector/store/records.hpp"
#include "collector/view/api/resources.hpp"
#include "common/wire/catalogue.hpp"

namespace rollcall::api
{

/// The readings between `from_ms` and `to_ms` in at most `points` steps of equal length per curve: mean, least and
/// greatest of what was read in each, null where nothing was. One curve per key and column. Pure.
[[nodiscard]] SeriesAnswer make_curves(wire::Probe const& probe, std::vector<store::StoredSeries> const& readings,
                                       UnixMs from_ms, UnixMs to_ms, std::int64_t points);

} // namespace rollcall::api
