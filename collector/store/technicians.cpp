#include "collector/store/query.hpp"
#include "collector/store/scope_text.hpp"
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
                      .created_ms = row.integer(5),
                      .role_id = row.text(6),
                      .scope = scope_from(row.integer(7) != 0, row.text(8), row.text(14)),
                      .disabled_ms = row.optional_integer(9),
                      .version = row.integer(10),
                      .totp_secret = row.text(11),
                      .totp_pending = row.text(12),
                      .totp_step = row.integer(13)};
}

static constexpr std::string_view technician_columns =
    "id, name, password_hash, must_change_password, password_expires_ms, created_ms, role_id, all_customers, "
    "customers, disabled_ms, version, totp_secret, totp_pending, totp_step, "
    "(SELECT group_concat(f.customer_id || ' ' || f.id, ' ') FROM technician_folder AS t "
    "JOIN folder AS f ON f.id = t.folder_id WHERE t.technician_id = technician.id)";

static Result<WebSession> read_session(sqlite::Statement& row)
{
    return WebSession{.secret_sha256 = row.text(0),
                      .id = row.text(1),
                      .technician_id = row.text(2),
                      .csrf_token = row.text(3),
                      .created_ms = row.integer(4),
                      .used_ms = row.integer(5),
                      .expires_ms = row.integer(6),
                      .remote = row.text(7),
                      .program = row.text(8),
                      .awaits_code = row.integer(9) != 0};
}

/// NULL in the database is "" here.
static std::optional<std::string_view> null_if_empty(std::string_view text)
{
    return text.empty() ? std::nullopt : std::optional(text);
}

Result<> save_technician(sqlite::Database& db, Technician const& technician)
{
    static constexpr char sql[] =
        "INSERT INTO technician (id, name, password_hash, must_change_password, password_expires_ms, created_ms, "
        "role_id, all_customers, customers, disabled_ms, version, totp_secret, totp_pending, totp_step) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
        "password_hash = excluded.password_hash, must_change_password = excluded.must_change_password, "
        "password_expires_ms = excluded.password_expires_ms, role_id = excluded.role_id, "
        "all_customers = excluded.all_customers, customers = excluded.customers, disabled_ms = excluded.disabled_ms, "
        "version = excluded.version, totp_secret = excluded.totp_secret, totp_pending = excluded.totp_pending, "
        "totp_step = excluded.totp_step";
    auto saved = execute(db, "save_technician", sql, technician.id, technician.name, technician.password_hash,
                         technician.must_change_password ? 1 : 0, technician.password_expires_ms, technician.created_ms,
                         technician.role_id, technician.scope.all ? 1 : 0, customers_text(technician.scope),
                         technician.disabled_ms, technician.version, null_if_empty(technician.totp_secret),
                         null_if_empty(technician.totp_pending), technician.totp_step);
    static constexpr char clear[] = "DELETE FROM technician_folder WHERE technician_id = ?";
    if (saved) saved = execute(db, "save_technician", clear, technician.id);
    static constexpr char limit[] = "INSERT INTO technician_folder (technician_id, folder_id) VALUES (?, ?)";
    for (auto const& [customer_id, ids] : technician.scope.folders)
        for (auto const& id : ids)
            if (saved) saved = execute(db, "save_technician", limit, technician.id, id);
    return saved;
}

static Result<std::optional<Technician>> technician_where(sqlite::Database& db, std::string_view step,
                                                          std::string_view column, std::string_view value)
{
    auto const sql = std::string("SELECT ")
                         .append(technician_columns)
                         .append(" FROM technician WHERE ")
                         .append(column)
                         .append(" = ?");
    return select_first<Technician>(db, step, sql, read_technician, value);
}

Result<std::optional<Technician>> find_technician(sqlite::Database& db, std::string_view id)
{
    return technician_where(db, "find_technician", "id", id);
}

Result<std::optional<Technician>> find_technician_by_name(sqlite::Database& db, std::string_view name)
{
    return technician_where(db, "find_technician_by_name", "name", name);
}

Result<std::int64_t> count_technicians(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT count(*) FROM technician";
    auto const count = [](sqlite::Statement& row) -> Result<std::int64_t> { return row.integer(0); };
    auto const found = select_first<std::int64_t>(db, "count_technicians", sql, count);
    if (!found) return found.error();
    return found->value_or(0);
}

Result<std::vector<Technician>> all_technicians(sqlite::Database& db)
{
    auto const sql =
        std::string("SELECT ").append(technician_columns).append(" FROM technician ORDER BY name COLLATE NOCASE");
    return select_all<Technician>(db, "all_technicians", sql, read_technician);
}

Result<> save_session(sqlite::Database& db, WebSession const& session)
{
    static constexpr char sql[] =
        "INSERT INTO web_session (secret_sha256, id, technician_id, csrf_token, created_ms, used_ms, expires_ms, "
        "remote, program, awaits_code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (secret_sha256) DO UPDATE SET csrf_token = excluded.csrf_token, used_ms = excluded.used_ms, "
        "expires_ms = excluded.expires_ms, awaits_code = excluded.awaits_code";
    return execute(db, "save_session", sql, session.secret_sha256, session.id, session.technician_id,
                   session.csrf_token, session.created_ms, session.used_ms, session.expires_ms, session.remote,
                   session.program, session.awaits_code ? 1 : 0);
}

Result<std::optional<WebSession>> find_session(sqlite::Database& db, std::string_view secret_sha256)
{
    static constexpr char sql[] = "SELECT secret_sha256, id, technician_id, csrf_token, created_ms, used_ms, "
                                  "expires_ms, remote, program, awaits_code FROM web_session WHERE secret_sha256 = ?";
    return select_first<WebSession>(db, "find_session", sql, read_session, secret_sha256);
}

Result<std::vector<WebSession>> sessions_of(sqlite::Database& db, std::string_view technician_id)
{
    static constexpr char sql[] = "SELECT secret_sha256, id, technician_id, csrf_token, created_ms, used_ms, "
                                  "expires_ms, remote, program, awaits_code FROM web_session WHERE technician_id = ? "
                                  "ORDER BY created_ms DESC, id";
    return select_all<WebSession>(db, "sessions_of", sql, read_session, technician_id);
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
