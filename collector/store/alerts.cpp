#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

static Result<Alert> read_alert(sqlite::Statement& row)
{
    return Alert{.id = row.text(0),
                 .device_id = row.text(1),
                 .customer_id = row.text(2),
                 .item = row.text(3),
                 .subject = row.text(4),
                 .title = row.text(5),
                 .severity = static_cast<Severity>(row.integer(6)),
                 .category = row.text(7),
                 .explanation = row.text(8),
                 .value = row.text(9),
                 .latest = row.text(10),
                 .created_ms = row.integer(11),
                 .resolved_ms = row.optional_integer(12)};
}

Result<> open_alert(sqlite::Database& db, Alert const& alert)
{
    static constexpr char sql[] = "INSERT INTO alert (id, device_id, customer_id, item, subject, title, severity, "
                                  "category, explanation, value, latest, created_ms, resolved_ms) "
                                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    return execute(db, "open_alert", sql, alert.id, alert.device_id, alert.customer_id, alert.item, alert.subject,
                   alert.title, static_cast<int>(alert.severity), alert.category, alert.explanation, alert.value,
                   alert.latest, alert.created_ms, alert.resolved_ms);
}

Result<> resolve_alert(sqlite::Database& db, std::string_view id, std::string_view latest, UnixMs at_ms)
{
    static constexpr char sql[] = "UPDATE alert SET latest = ?, resolved_ms = max(created_ms, ?) "
                                  "WHERE id = ? AND resolved_ms IS NULL";
    return execute(db, "resolve_alert", sql, latest, at_ms, id);
}

Result<> set_alert_latest(sqlite::Database& db, std::string_view id, std::string_view latest)
{
    static constexpr char sql[] = "UPDATE alert SET latest = ? WHERE id = ?";
    return execute(db, "set_alert_latest", sql, latest, id);
}

Result<> move_alerts(sqlite::Database& db, std::string_view device_id, std::string_view customer_id)
{
    static constexpr char sql[] = "UPDATE alert SET customer_id = ? WHERE device_id = ?";
    return execute(db, "move_alerts", sql, customer_id, device_id);
}

Result<std::vector<Alert>> open_alerts(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT id, device_id, customer_id, item, subject, title, severity, category, "
                                  "explanation, value, latest, created_ms, resolved_ms FROM alert "
                                  "WHERE resolved_ms IS NULL ORDER BY id";
    return select_all<Alert>(db, "open_alerts", sql, read_alert);
}

Result<std::vector<Alert>> open_alerts_of(sqlite::Database& db, std::string_view device_id)
{
    static constexpr char sql[] = "SELECT id, device_id, customer_id, item, subject, title, severity, category, "
                                  "explanation, value, latest, created_ms, resolved_ms FROM alert "
                                  "WHERE device_id = ? AND resolved_ms IS NULL ORDER BY id";
    return select_all<Alert>(db, "open_alerts_of", sql, read_alert, device_id);
}

Result<std::vector<Alert>> recent_alerts(sqlite::Database& db, UnixMs since_ms)
{
    static constexpr char sql[] = "SELECT id, device_id, customer_id, item, subject, title, severity, category, "
                                  "explanation, value, latest, created_ms, resolved_ms FROM alert "
                                  "WHERE resolved_ms IS NULL OR resolved_ms >= ? ORDER BY id";
    return select_all<Alert>(db, "recent_alerts", sql, read_alert, since_ms);
}

} // namespace rollcall::store
