#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

static Result<OwnedUpdatePolicy> read_policy(sqlite::Statement& row)
{
    auto const paused = row.optional_integer(3);
    return OwnedUpdatePolicy{.owner = row.text(0),
                             .policy = {.channel = row.optional_text(1),
                                        .pinned = row.optional_text(2),
                                        .paused = paused ? std::optional(*paused != 0) : std::optional<bool>()}};
}

static Result<UpdateAttempt> read_attempt(sqlite::Statement& row)
{
    return UpdateAttempt{.device_id = row.text(0),
                         .version = row.text(1),
                         .from_version = row.text(2),
                         .state = row.text(3),
                         .reason = row.text(4),
                         .offered_ms = row.integer(5),
                         .at_ms = row.integer(6)};
}

static Result<ReleaseNote> read_note(sqlite::Statement& row)
{
    return ReleaseNote{.version = row.text(0),
                       .first_seen_ms = row.integer(1),
                       .stopped_ms = row.optional_integer(2),
                       .stopped_why = row.text(3),
                       .forgiven_ms = row.integer(4)};
}

Result<std::vector<OwnedUpdatePolicy>> all_update_policies(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT owner, channel, pinned, paused FROM update_policy";
    return select_all<OwnedUpdatePolicy>(db, "all_update_policies", sql, read_policy);
}

Result<> set_update_policy(sqlite::Database& db, std::string_view owner, UpdatePolicy const& policy)
{
    if (policy == UpdatePolicy{})
        return execute(db, "set_update_policy", "DELETE FROM update_policy WHERE owner = ?", owner);
    static constexpr char sql[] = "INSERT OR REPLACE INTO update_policy (owner, channel, pinned, paused) "
                                  "VALUES (?, ?, ?, ?)";
    auto const paused =
        policy.paused ? std::optional<std::int64_t>(*policy.paused ? 1 : 0) : std::optional<std::int64_t>();
    return execute(db, "set_update_policy", sql, owner, policy.channel, policy.pinned, paused);
}

Result<std::vector<UpdateAttempt>> all_update_attempts(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT device_id, version, from_version, state, reason, offered_ms, at_ms "
                                  "FROM update_attempt";
    return select_all<UpdateAttempt>(db, "all_update_attempts", sql, read_attempt);
}

Result<> save_update_attempt(sqlite::Database& db, UpdateAttempt const& attempt)
{
    static constexpr char sql[] =
        "INSERT INTO update_attempt (device_id, version, from_version, state, reason, offered_ms, at_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (device_id, version) DO UPDATE SET "
        "from_version = excluded.from_version, state = excluded.state, reason = excluded.reason, "
        "at_ms = excluded.at_ms, "
        "offered_ms = iif(excluded.state IN ('offered', 'offered_again'), excluded.offered_ms, offered_ms)";
    auto saved = execute(db, "save_update_attempt", sql, attempt.device_id, attempt.version, attempt.from_version,
                         attempt.state, attempt.reason, attempt.offered_ms, attempt.at_ms);
    if (!saved) return saved;
    // A device may name as many versions as it likes.
    static constexpr char trim[] =
        "DELETE FROM update_attempt WHERE device_id = ?1 AND version IN (SELECT version FROM update_attempt "
        "WHERE device_id = ?1 ORDER BY at_ms DESC LIMIT -1 OFFSET ?2)";
    return execute(db, "save_update_attempt", trim, attempt.device_id, update_attempts_kept);
}

Result<UpdateResults> update_results(sqlite::Database& db, std::string_view version, UnixMs since_ms)
{
    static constexpr char sql[] = "SELECT count(*) FILTER (WHERE state IN ('confirmed', 'failed', 'rolled_back')), "
                                  "count(*) FILTER (WHERE state IN ('failed', 'rolled_back')) "
                                  "FROM update_attempt WHERE version = ? AND at_ms > ?";
    auto const results = [](sqlite::Statement& row) -> Result<UpdateResults> {
        return UpdateResults{.tried = row.integer(0), .failed = row.integer(1)};
    };
    auto const found = select_first<UpdateResults>(db, "update_results", sql, results, version, since_ms);
    if (!found) return found.error();
    return found->value_or(UpdateResults{});
}

Result<std::vector<ReleaseNote>> all_release_notes(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT version, first_seen_ms, stopped_ms, stopped_why, forgiven_ms "
                                  "FROM release_note";
    return select_all<ReleaseNote>(db, "all_release_notes", sql, read_note);
}

Result<> save_release_note(sqlite::Database& db, ReleaseNote const& note)
{
    static constexpr char sql[] = "INSERT OR REPLACE INTO release_note (version, first_seen_ms, stopped_ms, "
                                  "stopped_why, forgiven_ms) VALUES (?, ?, ?, ?, ?)";
    return execute(db, "save_release_note", sql, note.version, note.first_seen_ms, note.stopped_ms, note.stopped_why,
                   note.forgiven_ms);
}

} // namespace rollcall::store
