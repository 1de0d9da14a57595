#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

Result<> add_device_action(sqlite::Database& db, DeviceAction const& action)
{
    static constexpr char step[] = "add_device_action";
    static constexpr char sql[] = "INSERT INTO device_action (device_id, at_ms, technician_id, technician, what, was, "
                                  "became) VALUES (?, ?, ?, ?, ?, ?, ?)";
    auto added = execute(db, step, sql, action.device_id, action.at_ms, action.technician_id, action.technician,
                         action.what, action.was, action.became);
    if (!added) return added;
    static constexpr char trim[] = "DELETE FROM device_action WHERE id IN (SELECT id FROM device_action "
                                   "WHERE device_id = ?1 ORDER BY at_ms DESC, id DESC LIMIT -1 OFFSET ?2)";
    return execute(db, step, trim, action.device_id, device_actions_kept);
}

Result<> forget_moves(sqlite::Database& db, std::string_view device_id)
{
    static constexpr char sql[] = "DELETE FROM device_action WHERE device_id = ? AND what = 'moved'";
    return execute(db, "forget_moves", sql, device_id);
}

} // namespace rollcall::store
