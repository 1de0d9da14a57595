#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

/// What read_alert reads, of the alerts that fulfil the condition.
static std::string alerts_where(std::string_view condition)
{
    static constexpr std::string_view columns =
        "SELECT a.id, a.device_id, a.customer_id, a.item, a.subject, a.title, a.severity, a.category, a.explanation, "
        "a.value, a.latest, a.created_ms, a.resolved_ms, a.version, a.status_by, a.snoozed_ms, a.snoozed_until_ms, "
        "a.reopened_ms, a.lingers, a.kept_open, coalesce(a.assigned_id, ''), coalesce(t.name, ''), a.ticket, a.notes "
        "FROM alert AS a LEFT JOIN technician AS t ON t.id = a.assigned_id WHERE ";
    return std::string(columns).append(condition).append(" ORDER BY a.id");
}

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
                 .resolved_ms = row.optional_integer(12),
                 .version = row.integer(13),
                 .status_by = row.text(14),
                 .snoozed_ms = row.optional_integer(15),
                 .snoozed_until_ms = row.optional_integer(16),
                 .reopened_ms = row.optional_integer(17),
                 .lingers = row.integer(18) != 0,
                 .kept_open = row.integer(19) != 0,
                 .assigned_id = row.text(20),
                 .assigned_name = row.text(21),
                 .ticket = row.text(22),
                 .notes = row.integer(23)};
}

static Result<AlertAction> read_action(sqlite::Statement& row)
{
    return AlertAction{.alert_id = row.text(0),
                       .version = row.integer(1),
                       .at_ms = row.integer(2),
                       .technician_id = row.text(3),
                       .technician = row.text(4),
                       .what = row.text(5),
                       .text = row.text(6),
                       .until_ms = row.optional_integer(7)};
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

Result<> update_alert(sqlite::Database& db, Alert const& alert)
{
    static constexpr char sql[] =
        "UPDATE alert SET latest = ?, resolved_ms = max(created_ms, ?), version = ?, status_by = ?, snoozed_ms = ?, "
        "snoozed_until_ms = ?, reopened_ms = ?, lingers = ?, kept_open = ?, assigned_id = nullif(?, ''), ticket = ? "
        "WHERE id = ?";
    return execute(db, "update_alert", sql, alert.latest, alert.resolved_ms, alert.version, alert.status_by,
                   alert.snoozed_ms, alert.snoozed_until_ms, alert.reopened_ms, alert.lingers ? 1 : 0,
                   alert.kept_open ? 1 : 0, alert.assigned_id, alert.ticket, alert.id);
}

Result<> set_alert_latest(sqlite::Database& db, std::string_view id, std::string_view latest)
{
    static constexpr char sql[] = "UPDATE alert SET latest = ? WHERE id = ?";
    return execute(db, "set_alert_latest", sql, latest, id);
}

Result<std::optional<Alert>> find_alert(sqlite::Database& db, std::string_view id)
{
    static std::string const sql = alerts_where("a.id = ?");
    return select_first<Alert>(db, "find_alert", sql, read_alert, id);
}

Result<> move_alerts(sqlite::Database& db, std::string_view device_id, std::string_view customer_id)
{
    static constexpr char sql[] = "UPDATE alert SET customer_id = ? WHERE device_id = ?";
    return execute(db, "move_alerts", sql, customer_id, device_id);
}

Result<std::vector<Alert>> open_alerts(sqlite::Database& db)
{
    static std::string const sql = alerts_where("a.resolved_ms IS NULL");
    return select_all<Alert>(db, "open_alerts", sql, read_alert);
}

Result<std::vector<Alert>> judged_alerts_of(sqlite::Database& db, std::string_view device_id)
{
    static std::string const sql = alerts_where("a.device_id = ? AND (a.resolved_ms IS NULL OR a.lingers = 1)");
    return select_all<Alert>(db, "judged_alerts_of", sql, read_alert, device_id);
}

Result<std::optional<Alert>> find_judged_alert(sqlite::Database& db, std::string_view device_id, std::string_view item,
                                               std::string_view subject)
{
    static std::string const sql = alerts_where("a.device_id = ? AND a.item = ? AND a.subject = ? "
                                                "AND (a.resolved_ms IS NULL OR a.lingers = 1)");
    return select_first<Alert>(db, "find_judged_alert", sql, read_alert, device_id, item, subject);
}

Result<std::vector<Alert>> recent_alerts(sqlite::Database& db, UnixMs since_ms)
{
    static std::string const sql = alerts_where("a.resolved_ms IS NULL OR a.resolved_ms >= ? OR a.lingers = 1");
    return select_all<Alert>(db, "recent_alerts", sql, read_alert, since_ms);
}

Result<> add_alert_action(sqlite::Database& db, AlertAction const& action)
{
    static constexpr char step[] = "add_alert_action";
    static constexpr char sql[] =
        "INSERT INTO alert_action (alert_id, version, at_ms, technician_id, technician, what, text, until_ms, "
        "device_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
        "coalesce((SELECT device_id FROM alert WHERE id = ?1), ''))";
    auto added = execute(db, step, sql, action.alert_id, action.version, action.at_ms, action.technician_id,
                         action.technician, action.what, action.text, action.until_ms);
    if (!added) return added;
    if (action.what == "note")
        return execute(db, step, "UPDATE alert SET notes = notes + 1 WHERE id = ?", action.alert_id);
    // A script may do as much as it likes.
    static constexpr char trim[] =
        "DELETE FROM alert_action WHERE id IN (SELECT id FROM alert_action WHERE alert_id = ?1 AND what <> 'note' "
        "ORDER BY id DESC LIMIT -1 OFFSET ?2)";
    return execute(db, step, trim, action.alert_id, alert_actions_kept);
}

Result<std::vector<AlertAction>> alert_actions(sqlite::Database& db, std::string_view alert_id, std::int64_t version)
{
    static constexpr char sql[] = "SELECT alert_id, version, at_ms, technician_id, technician, what, text, until_ms "
                                  "FROM alert_action WHERE alert_id = ? AND (version > ? OR what = 'note') ORDER BY id";
    return select_all<AlertAction>(db, "alert_actions", sql, read_action, alert_id, version);
}

} // namespace rollcall::store
