#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

/// Growth is measured over at most this long: what was before says little about the days to come.
static constexpr std::int64_t growth_span_ms = 7LL * 24 * 3600 * 1000;
/// Over less than this, one transaction or one round of the upkeep would count for a day's growth.
static constexpr std::int64_t growth_least_ms = 6LL * 3600 * 1000;
static constexpr std::int64_t samples_kept_ms = 400LL * 24 * 3600 * 1000;

Result<> add_size_sample(sqlite::Database& db, UnixMs at_ms, std::int64_t bytes)
{
    static constexpr char insert_sql[] = "INSERT INTO size_sample (at_ms, bytes) VALUES (?, ?) "
                                         "ON CONFLICT (at_ms) DO UPDATE SET bytes = excluded.bytes";
    static constexpr char delete_sql[] = "DELETE FROM size_sample WHERE at_ms < ?";
    auto done = execute(db, "add_size_sample", insert_sql, at_ms, bytes);
    if (!done) return done;
    return execute(db, "add_size_sample", delete_sql, at_ms - samples_kept_ms);
}

Result<std::optional<Growth>> growth(sqlite::Database& db, UnixMs now_ms, std::int64_t bytes)
{
    static constexpr char sql[] = "SELECT at_ms, bytes FROM size_sample WHERE at_ms >= ? AND at_ms <= ? "
                                  "ORDER BY at_ms LIMIT 1";
    auto const read = [&](sqlite::Statement& row) -> Result<Growth> {
        auto const days = static_cast<double>(now_ms - row.integer(0)) / (24.0 * 3600 * 1000);
        return Growth{.since_ms = row.integer(0), .bytes_per_day = static_cast<double>(bytes - row.integer(1)) / days};
    };
    return select_first<Growth>(db, "growth", sql, read, now_ms - growth_span_ms, now_ms - growth_least_ms);
}

} // namespace rollcall::store
