#include <algorithm>

#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

static constexpr auto integer = [](sqlite::Statement& row) -> Result<std::int64_t> { return row.integer(0); };

Result<std::vector<std::string>> device_ids_after(sqlite::Database& db, std::string_view after, std::int64_t limit)
{
    static constexpr char sql[] = "SELECT id FROM device WHERE id > ? ORDER BY id LIMIT ?";
    auto const read = [](sqlite::Statement& row) -> Result<std::string> { return row.text(0); };
    return select_all<std::string>(db, "device_ids_after", sql, read, after, limit);
}

Result<std::optional<UnixMs>> newest_trace(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT max(coalesce(last_seen_ms, enrolled_ms)) FROM device";
    auto const read = [](sqlite::Statement& row) -> Result<std::optional<UnixMs>> { return row.optional_integer(0); };
    auto const found = select_first<std::optional<UnixMs>>(db, "newest_trace", sql, read);
    if (!found) return found.error();
    return found->value_or(std::nullopt);
}

Result<std::optional<AgeClock>> age_clock(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT trusted_ms, seen_ms, since_ms FROM upkeep_clock";
    auto const read = [](sqlite::Statement& row) -> Result<AgeClock> {
        return AgeClock{.trusted_ms = row.integer(0), .seen_ms = row.integer(1), .since_ms = row.integer(2)};
    };
    return select_first<AgeClock>(db, "age_clock", sql, read);
}

Result<AgeClock> look_at_age(sqlite::Database& db, UnixMs now_ms)
{
    auto const kept = age_clock(db);
    if (!kept) return kept.error();
    if (*kept) return observe(**kept, now_ms);
    auto const newest = newest_trace(db);
    if (!newest) return newest.error();
    return first_look(*newest, now_ms);
}

Result<> save_age_clock(sqlite::Database& db, AgeClock const& clock)
{
    static constexpr char sql[] = "INSERT INTO upkeep_clock (id, trusted_ms, seen_ms, since_ms) VALUES (1, ?, ?, ?) "
                                  "ON CONFLICT (id) DO UPDATE SET trusted_ms = excluded.trusted_ms, "
                                  "seen_ms = excluded.seen_ms, since_ms = excluded.since_ms";
    return execute(db, "save_age_clock", sql, clock.trusted_ms, clock.seen_ms, clock.since_ms);
}

Result<std::vector<SeriesState>> series_states(sqlite::Database& db, std::string_view device_id)
{
    static constexpr char step[] = "series_states";
    static constexpr char sealed_sql[] = "SELECT probe FROM series_name WHERE device_id = ? ORDER BY probe";
    static constexpr char next_sql[] = "SELECT probe, taken_ms FROM series WHERE device_id = ? AND probe > ? "
                                       "ORDER BY probe, taken_ms LIMIT 1";
    auto const read_sealed = [](sqlite::Statement& row) -> Result<SeriesState> {
        return SeriesState{.probe = row.text(0), .oldest_ms = {}};
    };
    auto const read_next = [](sqlite::Statement& row) -> Result<SeriesState> {
        return SeriesState{.probe = row.text(0), .oldest_ms = row.integer(1)};
    };
    auto states = select_all<SeriesState>(db, step, sealed_sql, read_sealed, device_id);
    if (!states) return states;
    // One seek a probe; DISTINCT would go through every reading.
    std::string after;
    for (;;) {
        auto next = select_first<SeriesState>(db, step, next_sql, read_next, device_id, after);
        if (!next) return next.error();
        if (!*next) return states;
        after = (*next)->probe;
        auto const known = std::ranges::find(*states, after, &SeriesState::probe);
        if (known == states->end())
            states->push_back(*std::move(*next));
        else
            known->oldest_ms = (*next)->oldest_ms;
    }
}

namespace
{

/// How to find what is too old, and how to delete some of it. ?1: before when (of blocks: their slot's begin at the
/// latest), ?2: the device, ?3: the probe, ?4: how many at most, ?5: the level of the blocks.
struct Statements {
    char const* any;
    char const* remove;
};

Statements statements_of(Expiring kind)
{
    switch (kind) {
    case Expiring::state_changes:
        return {"SELECT 1 FROM state_row WHERE valid_to_ms < ?1 LIMIT ?4",
                "DELETE FROM state_row WHERE id IN (SELECT id FROM state_row WHERE valid_to_ms < ?1 "
                "ORDER BY valid_to_ms LIMIT ?4)"};
    case Expiring::alerts:
        return {"SELECT 1 FROM alert WHERE resolved_ms < ?1 LIMIT ?4",
                "DELETE FROM alert WHERE id IN (SELECT id FROM alert WHERE resolved_ms < ?1 "
                "ORDER BY resolved_ms LIMIT ?4)"};
    case Expiring::events:
        return {"SELECT 1 FROM event WHERE device_id = ?2 AND at_ms < ?1 LIMIT ?4",
                "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE device_id = ?2 AND at_ms < ?1 "
                "ORDER BY at_ms LIMIT ?4)"};
    case Expiring::gaps:
        return {"SELECT 1 FROM gap WHERE device_id = ?2 AND at_ms < ?1 LIMIT ?4",
                "DELETE FROM gap WHERE id IN (SELECT id FROM gap WHERE device_id = ?2 AND at_ms < ?1 "
                "ORDER BY at_ms LIMIT ?4)"};
    case Expiring::actions:
        return {"SELECT 1 FROM device_action WHERE device_id = ?2 AND at_ms < ?1 LIMIT ?4",
                "DELETE FROM device_action WHERE id IN (SELECT id FROM device_action WHERE device_id = ?2 "
                "AND at_ms < ?1 ORDER BY at_ms LIMIT ?4)"};
    case Expiring::readings:
    case Expiring::five_minutes:
    case Expiring::hours:
    case Expiring::days:
        return {"SELECT 1 FROM series_block WHERE series_id = "
                "(SELECT id FROM series_name WHERE device_id = ?2 AND probe = ?3) "
                "AND level = ?5 AND slot_ms <= ?1 LIMIT ?4",
                "DELETE FROM series_block WHERE (series_id, level, slot_ms, part) IN ("
                "SELECT series_id, level, slot_ms, part FROM series_block WHERE series_id = "
                "(SELECT id FROM series_name WHERE device_id = ?2 AND probe = ?3) "
                "AND level = ?5 AND slot_ms <= ?1 ORDER BY slot_ms, part LIMIT ?4)"};
    }
    return {};
}

} // namespace

/// Which blocks a kind means; nothing: it is no kind of blocks.
static std::optional<Level> level_of(Expiring kind)
{
    switch (kind) {
    case Expiring::readings:
        return Level::readings;
    case Expiring::five_minutes:
        return Level::five_minutes;
    case Expiring::hours:
        return Level::hours;
    case Expiring::days:
        return Level::days;
    case Expiring::state_changes:
    case Expiring::alerts:
    case Expiring::events:
    case Expiring::gaps:
    case Expiring::actions:
        break;
    }
    return std::nullopt;
}

Result<bool> has_expired(sqlite::Database& db, Expired const& what)
{
    auto const sql = statements_of(what.kind).any;
    auto const level = level_of(what.kind);
    auto const found =
        level ? select_first<std::int64_t>(db, "has_expired", sql, integer, what.before_ms - slot_ms(*level),
                                           what.device_id, what.probe, 1, static_cast<int>(*level))
              : select_first<std::int64_t>(db, "has_expired", sql, integer, what.before_ms, what.device_id, what.probe,
                                           1);
    if (!found) return found.error();
    return found->has_value();
}

Result<std::int64_t> delete_expired(sqlite::Database& db, Expired const& what, std::int64_t limit)
{
    auto const sql = statements_of(what.kind).remove;
    auto const level = level_of(what.kind);
    auto const done = level ? execute(db, "delete_expired", sql, what.before_ms - slot_ms(*level), what.device_id,
                                      what.probe, limit, static_cast<int>(*level))
                            : execute(db, "delete_expired", sql, what.before_ms, what.device_id, what.probe, limit);
    if (!done) return done.error();
    return db.changes();
}

std::string_view to_string(Expiring kind)
{
    switch (kind) {
    case Expiring::state_changes:
        return "state_changes";
    case Expiring::alerts:
        return "alerts";
    case Expiring::events:
        return "events";
    case Expiring::gaps:
        return "gaps";
    case Expiring::actions:
        return "actions";
    case Expiring::readings:
        return "readings";
    case Expiring::five_minutes:
        return "five_minutes";
    case Expiring::hours:
        return "hours";
    case Expiring::days:
        return "days";
    }
    return "";
}

} // namespace rollcall::store
