#include "collector/store/query.hpp"
#include "collector/store/samples.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

/// Readings that may share one millisecond, after a clock was set back, before one is dropped.
static constexpr int same_moment_limit = 1000;

Result<> add_series(sqlite::Database& db, std::string_view device_id, wire::Series const& series)
{
    static constexpr char sql[] = "INSERT INTO series (device_id, probe, taken_ms, samples) VALUES (?, ?, ?, ?) "
                                  "ON CONFLICT (device_id, probe, taken_ms) DO NOTHING";
    auto const blob = encode_samples(series.samples);
    auto taken_ms = series.taken_ms;
    for (int i = 0; i < same_moment_limit; ++i, ++taken_ms) {
        auto done = execute(db, "add_series", sql, device_id, series.probe, taken_ms, sqlite::Blob{blob});
        if (!done || db.changes() > 0) return done;
    }
    return fail(errc::conflict, "add_series: too many readings of one moment");
}

Result<std::vector<StoredSeries>> series_between(sqlite::Database& db, std::string_view device_id,
                                                 std::string_view probe, UnixMs from_ms, UnixMs to_ms)
{
    static constexpr char sql[] = "SELECT taken_ms, samples FROM series "
                                  "WHERE device_id = ? AND probe = ? AND taken_ms >= ? AND taken_ms < ? "
                                  "ORDER BY taken_ms";
    auto const read = [](sqlite::Statement& row) -> Result<StoredSeries> {
        auto samples = decode_samples(row.bytes(1));
        if (!samples) return samples.error();
        return StoredSeries{.taken_ms = row.integer(0), .samples = std::move(*samples)};
    };
    return select_all<StoredSeries>(db, "series_between", sql, read, device_id, probe, from_ms, to_ms);
}

Result<std::optional<StoredSeries>> latest_series(sqlite::Database& db, std::string_view device_id,
                                                  std::string_view probe)
{
    static constexpr char sql[] = "SELECT taken_ms, samples FROM series WHERE device_id = ? AND probe = ? "
                                  "ORDER BY taken_ms DESC LIMIT 1";
    auto const read = [](sqlite::Statement& row) -> Result<StoredSeries> {
        auto samples = decode_samples(row.bytes(1));
        if (!samples) return samples.error();
        return StoredSeries{.taken_ms = row.integer(0), .samples = std::move(*samples)};
    };
    return select_first<StoredSeries>(db, "latest_series", sql, read, device_id, probe);
}

} // namespace rollcall::store
