#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

static Result<Technician> read_technician(sqlite::Statement& row)
{
    return Technician{.id = row.text(0),
                      .name = row.text(1),
                      .password_hash = row.text(2),
                      .must_change_password = row.integer(3) != 0,
                      .password_expires_ms = row.optional_integer(4),
                      .created_ms = row.integer(5)};
}

static Result<WebSession> read_session(sqlite::Statement& row)
{
    return WebSession{.secret_sha256 = row.text(0),
                      .technician_id = row.text(1),
                      .csrf_token = row.text(2),
                      .created_ms = row.integer(3),
                      .used_ms = row.integer(4),
                      .expires_ms = row.integer(5)};
}

Result<> save_technician(sqlite::Database& db, Technician const& technician)
{
    static constexpr char sql[] =
        "INSERT INTO technician (id, name, password_hash, must_change_password, password_expires_ms, created_ms) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
        "password_hash = excluded.password_hash, must_change_password = excluded.must_change_password, "
        "password_expires_ms = excluded.password_expires_ms";
    return execute(db, "save_technician", sql, technician.id, technician.name, technician.password_hash,
                   technician.must_change_password ? 1 : 0, technician.password_expires_ms, technician.created_ms);
}

Result<std::optional<Technician>> find_technician(sqlite::Database& db, std::string_view id)
{
    static constexpr char sql[] = "SELECT id, name, password_hash, must_change_password, password_expires_ms, "
                                  "created_ms FROM technician WHERE id = ?";
    return select_first<Technician>(db, "find_technician", sql, read_technician, id);
}

Result<std::optional<Technician>> find_technician_by_name(sqlite::Database& db, std::string_view name)
{
    static constexpr char sql[] = "SELECT id, name, password_hash, must_change_password, password_expires_ms, "
                                  "created_ms FROM technician WHERE name = ?";
    return select_first<Technician>(db, "find_technician_by_name", sql, read_technician, name);
}

Result<std::vector<Technician>> all_technicians(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT id, name, password_hash, must_change_password, password_expires_ms, "
                                  "created_ms FROM technician ORDER BY name";
    return select_all<Technician>(db, "all_technicians", sql, read_technician);
}

Result<std::int64_t> count_technicians(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT count(*) FROM technician";
    auto const count = [](sqlite::Statement& row) -> Result<std::int64_t> { return row.integer(0); };
    auto const found = select_first<std::int64_t>(db, "count_technicians", sql, count);
    if (!found) return found.error();
    return found->value_or(0);
}

Result<> save_session(sqlite::Database& db, WebSession const& session)
{
    static constexpr char sql[] =
        "INSERT INTO web_session (secret_sha256, technician_id, csrf_token, created_ms, used_ms, expires_ms) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (secret_sha256) DO UPDATE SET csrf_token = excluded.csrf_token, "
        "used_ms = excluded.used_ms, expires_ms = excluded.expires_ms";
    return execute(db, "save_session", sql, session.secret_sha256, session.technician_id, session.csrf_token,
                   session.created_ms, session.used_ms, session.expires_ms);
}

Result<std::optional<WebSession>> find_session(sqlite::Database& db, std::string_view secret_sha256)
{
    static constexpr char sql[] = "SELECT secret_sha256, technician_id, csrf_token, created_ms, used_ms, expires_ms "
                                  "FROM web_session WHERE secret_sha256 = ?";
    return select_first<WebSession>(db, "find_session", sql, read_session, secret_sha256);
}

Result<> delete_session(sqlite::Database& db, std::string_view secret_sha256)
{
    static constexpr char sql[] = "DELETE FROM web_session WHERE secret_sha256 = ?";
    return execute(db, "delete_session", sql, secret_sha256);
}

Result<> delete_sessions_of(sqlite::Database& db, std::string_view technician_id)
{
    static constexpr char sql[] = "DELETE FROM web_session WHERE technician_id = ?";
    return execute(db, "delete_sessions_of", sql, technician_id);
}

Result<> delete_expired_sessions(sqlite::Database& db, UnixMs now_ms)
{
    static constexpr char sql[] = "DELETE FROM web_session WHERE expires_ms <= ?";
    return execute(db, "delete_expired_sessions", sql, now_ms);
}

} // namespace rollcall::store
