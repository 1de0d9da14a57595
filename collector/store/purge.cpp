#include <string_view>

#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

Result<Loss> loss_of(sqlite::Database& db, std::string_view device_id)
{
    static constexpr char sql[] =
        "SELECT (SELECT count(*) FROM state_row WHERE device_id = ?1), "
        "(SELECT count(*) FROM event WHERE device_id = ?1), "
        "(SELECT count(*) FROM alert WHERE device_id = ?1), "
        "(SELECT count(*) FROM gap WHERE device_id = ?1), "
        "(SELECT count(*) FROM (SELECT probe FROM series_name WHERE device_id = ?1 "
        "UNION SELECT probe FROM series WHERE device_id = ?1)), "
        "(SELECT min(at) FROM (SELECT min(valid_from_ms) AS at FROM state_row WHERE device_id = ?1 "
        "UNION ALL SELECT min(at_ms) FROM event WHERE device_id = ?1 "
        "UNION ALL SELECT min(taken_ms) FROM series WHERE device_id = ?1 "
        "UNION ALL SELECT min(slot_ms) FROM series_block WHERE series_id IN "
        "(SELECT id FROM series_name WHERE device_id = ?1)))";
    auto const read = [](sqlite::Statement& row) -> Result<Loss> {
        return Loss{.states = row.integer(0),
                    .events = row.integer(1),
                    .alerts = row.integer(2),
                    .gaps = row.integer(3),
                    .curves = row.integer(4),
                    .since_ms = row.optional_integer(5)};
    };
    auto const found = select_first<Loss>(db, "loss_of", sql, read, device_id);
    if (!found) return found.error();
    return found->value_or(Loss{});
}

Result<> begin_purge(sqlite::Database& db, std::string_view device_id, UnixMs at_ms)
{
    static constexpr char sql[] = "UPDATE device SET purged_ms = coalesce(purged_ms, ?) WHERE id = ?";
    return execute(db, "begin_purge", sql, at_ms, device_id);
}

/// What refers to a device, children first. ?1: the device, ?2: how many rows at most.
static constexpr char const* belongings[] = {
    "DELETE FROM series_block WHERE (series_id, level, slot_ms, part) IN (SELECT series_id, level, slot_ms, part "
    "FROM series_block WHERE series_id IN (SELECT id FROM series_name WHERE device_id = ?1) LIMIT ?2)",
    "DELETE FROM series_name WHERE id IN (SELECT id FROM series_name WHERE device_id = ?1 LIMIT ?2)",
    "DELETE FROM series WHERE (device_id, probe, taken_ms) IN (SELECT device_id, probe, taken_ms FROM series "
    "WHERE device_id = ?1 LIMIT ?2)",
    "DELETE FROM state_row WHERE id IN (SELECT id FROM state_row WHERE device_id = ?1 LIMIT ?2)",
    "DELETE FROM probe_status WHERE device_id = ?1 AND probe IN "
    "(SELECT probe FROM probe_status WHERE device_id = ?1 LIMIT ?2)",
    "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE device_id = ?1 LIMIT ?2)",
    "DELETE FROM alert_action WHERE id IN (SELECT id FROM alert_action WHERE alert_id IN "
    "(SELECT id FROM alert WHERE device_id = ?1) LIMIT ?2)",
    "DELETE FROM alert WHERE id IN (SELECT id FROM alert WHERE device_id = ?1 LIMIT ?2)",
    "DELETE FROM device_action WHERE id IN (SELECT id FROM device_action WHERE device_id = ?1 LIMIT ?2)",
    "DELETE FROM gap WHERE id IN (SELECT id FROM gap WHERE device_id = ?1 LIMIT ?2)",
    "DELETE FROM lane WHERE (device_id, epoch, lane) IN (SELECT device_id, epoch, lane FROM lane "
    "WHERE device_id = ?1 LIMIT ?2)",
    "DELETE FROM update_attempt WHERE device_id = ?1 AND version IN "
    "(SELECT version FROM update_attempt WHERE device_id = ?1 LIMIT ?2)",
    "DELETE FROM update_policy WHERE owner IN (SELECT owner FROM update_policy WHERE owner = ?1 LIMIT ?2)",
    // Its copies are devices of their own; each begins a family.
    "UPDATE device SET copied_from = NULL WHERE id IN (SELECT id FROM device WHERE copied_from = ?1 LIMIT ?2)",
    "DELETE FROM device WHERE id IN (SELECT id FROM device WHERE id = ?1 LIMIT ?2)",
};

Result<bool> purge_some(sqlite::Database& db, std::string_view device_id, std::int64_t limit)
{
    for (auto const* const sql : belongings) {
        if (auto const done = execute(db, "purge_some", sql, device_id, limit); !done) return done.error();
        if (db.changes() > 0) return true;
    }
    return false;
}

} // namespace rollcall::store
