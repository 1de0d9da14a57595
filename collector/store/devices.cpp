#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

/// Without blanks in them, as every digest is.
static std::string joined(std::vector<std::string> const& words) { return fmt::format("{}", fmt::join(words, " ")); }

static std::vector<std::string> words(std::string const& text)
{
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
}

static Result<Device> read_device(sqlite::Statement& row)
{
    return Device{.id = row.text(0),
                  .customer_id = row.text(1),
                  .name = row.text(2),
                  .hardware_id = row.text(3),
                  .fingerprint = row.text(4),
                  .agent_version = row.text(5),
                  .token_id = row.text(6),
                  .enrolled_ms = row.integer(7),
                  .last_seen_ms = row.optional_integer(8),
                  .revoked_ms = row.optional_integer(9),
                  .issued_ms = row.integer(10),
                  .disk_ids = words(row.text(11)),
                  .copied_from = row.text(12),
                  .hardware_told = row.integer(13) != 0,
                  .has_look_alikes = row.integer(14) != 0,
                  .assigned_name = row.text(15),
                  .folder_id = row.text(16),
                  .monitored = row.integer(17) != 0,
                  .remote = row.text(18),
                  .purged_ms = row.optional_integer(19),
                  .version = row.integer(20)};
}

Result<> add_device(sqlite::Database& db, Device const& device)
{
    static constexpr char sql[] = "INSERT INTO device (id, customer_id, name, hardware_id, fingerprint, "
                                  "agent_version, token_id, enrolled_ms, last_seen_ms, revoked_ms, issued_ms, "
                                  "disk_ids, copied_from, hardware_told, has_look_alikes, folder_id, monitored) "
                                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?, nullif(?, ''), ?)";
    return execute(db, "add_device", sql, device.id, device.customer_id, device.name, device.hardware_id,
                   device.fingerprint, device.agent_version, device.token_id, device.enrolled_ms, device.last_seen_ms,
                   device.revoked_ms, device.issued_ms, joined(device.disk_ids), device.copied_from,
                   std::int64_t(device.hardware_told), std::int64_t(device.has_look_alikes), device.folder_id,
                   std::int64_t(device.monitored));
}

Result<std::optional<Device>> find_device(sqlite::Database& db, std::string_view id)
{
    static constexpr char sql[] = "SELECT id, customer_id, name, hardware_id, fingerprint, agent_version, token_id, "
                                  "enrolled_ms, last_seen_ms, revoked_ms, issued_ms, disk_ids, copied_from, "
                                  "hardware_told, has_look_alikes, assigned_name, folder_id, monitored, remote, "
                                  "purged_ms, version FROM device WHERE id = ?";
    return select_first<Device>(db, "find_device", sql, read_device, id);
}

Result<std::optional<Device>> find_device_by_hardware(sqlite::Database& db, std::string_view customer_id,
                                                      std::string_view hardware_id)
{
    static constexpr char sql[] =
        "SELECT id, customer_id, name, hardware_id, fingerprint, agent_version, token_id, "
        "enrolled_ms, last_seen_ms, revoked_ms, issued_ms, disk_ids, copied_from, "
        "hardware_told, has_look_alikes, assigned_name, folder_id, monitored, remote, "
        "purged_ms, version FROM device WHERE customer_id = ? AND hardware_id = ? AND hardware_id <> '' "
        "AND revoked_ms IS NULL ORDER BY enrolled_ms DESC, id LIMIT 1";
    return select_first<Device>(db, "find_device_by_hardware", sql, read_device, customer_id, hardware_id);
}

Result<std::optional<Device>> find_copy(sqlite::Database& db, std::string_view origin_id, std::string_view hardware_id)
{
    static constexpr char sql[] =
        "SELECT id, customer_id, name, hardware_id, fingerprint, agent_version, token_id, "
        "enrolled_ms, last_seen_ms, revoked_ms, issued_ms, disk_ids, copied_from, "
        "hardware_told, has_look_alikes, assigned_name, folder_id, monitored, remote, "
        "purged_ms, version FROM device WHERE copied_from = ? AND hardware_id = ? AND hardware_id <> '' "
        "AND revoked_ms IS NULL ORDER BY enrolled_ms DESC, id LIMIT 1";
    return select_first<Device>(db, "find_copy", sql, read_device, origin_id, hardware_id);
}

// Whether the query finds a row.
template <class... Values>
static Result<bool> is_any(sqlite::Database& db, std::string_view step, std::string_view sql, Values const&... values)
{
    auto const read = [](sqlite::Statement&) -> Result<bool> { return true; };
    auto const found = select_first<bool>(db, step, sql, read, values...);
    if (!found) return found.error();
    return found->has_value();
}

Result<bool> is_copy_revoked(sqlite::Database& db, std::string_view origin_id, std::string_view hardware_id)
{
    static constexpr char sql[] = "SELECT 1 FROM device WHERE revoked_ms IS NOT NULL AND (id = ?1 OR "
                                  "(copied_from = ?1 AND hardware_id = ?2 AND hardware_id <> ''))";
    return is_any(db, "is_copy_revoked", sql, origin_id, hardware_id);
}

Result<bool> has_look_alikes(sqlite::Database& db, std::string_view customer_id, std::string_view hardware_id)
{
    static constexpr char sql[] = "SELECT 1 FROM device WHERE customer_id = ? AND hardware_id = ? "
                                  "AND hardware_id <> '' AND has_look_alikes";
    return is_any(db, "has_look_alikes", sql, customer_id, hardware_id);
}

Result<Copies> count_copies(sqlite::Database& db, std::string_view origin_id, UnixMs since_ms)
{
    static constexpr char sql[] = "SELECT count(*) FILTER (WHERE enrolled_ms > ?2), "
                                  "count(*) FILTER (WHERE revoked_ms IS NULL) FROM device WHERE copied_from = ?1";
    auto const read = [](sqlite::Statement& row) -> Result<Copies> {
        return Copies{.since = row.integer(0), .not_revoked = row.integer(1)};
    };
    auto const found = select_first<Copies>(db, "count_copies", sql, read, origin_id, since_ms);
    if (!found) return found.error();
    return found->value_or(Copies{});
}

Result<> set_hardware(sqlite::Database& db, std::string_view id, std::string_view hardware_id,
                      std::vector<std::string> const& disk_ids)
{
    static constexpr char sql[] = "UPDATE device SET has_look_alikes = has_look_alikes AND hardware_id = ?1, "
                                  "hardware_id = ?1, disk_ids = ?2, hardware_told = 1 WHERE id = ?3";
    return execute(db, "set_hardware", sql, hardware_id, joined(disk_ids), id);
}

Result<> set_look_alikes(sqlite::Database& db, std::string_view id)
{
    static constexpr char sql[] = "UPDATE device SET has_look_alikes = 1 WHERE id = ?";
    return execute(db, "set_look_alikes", sql, id);
}

Result<std::vector<Device>> all_devices(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT id, customer_id, name, hardware_id, fingerprint, agent_version, token_id, "
                                  "enrolled_ms, last_seen_ms, revoked_ms, issued_ms, disk_ids, copied_from, "
                                  "hardware_told, has_look_alikes, assigned_name, folder_id, monitored, remote, "
                                  "purged_ms, version FROM device ORDER BY id";
    return select_all<Device>(db, "all_devices", sql, read_device);
}

Result<> replace_certificate(sqlite::Database& db, std::string_view id, std::string_view fingerprint, UnixMs issued_ms,
                             std::string_view token_id, std::string_view agent_version, UnixMs enrolled_ms)
{
    static constexpr char sql[] = "UPDATE device SET fingerprint = ?, issued_ms = max(issued_ms, ?), token_id = ?, "
                                  "agent_version = ?, enrolled_ms = ? WHERE id = ?";
    return execute(db, "replace_certificate", sql, fingerprint, issued_ms, token_id, agent_version, enrolled_ms, id);
}

Result<> adopt_certificate(sqlite::Database& db, std::string_view id, std::string_view fingerprint, UnixMs issued_ms)
{
    static constexpr char sql[] = "UPDATE device SET fingerprint = ?, issued_ms = ? WHERE id = ?";
    return execute(db, "adopt_certificate", sql, fingerprint, issued_ms, id);
}

Result<> set_last_seen(sqlite::Database& db, std::string_view id, UnixMs seen_ms, std::string_view agent_version)
{
    static constexpr char sql[] = "UPDATE device SET last_seen_ms = ?1, "
                                  "agent_version = CASE WHEN ?2 = '' THEN agent_version ELSE ?2 END WHERE id = ?3";
    return execute(db, "set_last_seen", sql, seen_ms, agent_version, id);
}

Result<> revoke_device(sqlite::Database& db, std::string_view id, UnixMs at_ms)
{
    static constexpr char sql[] = "UPDATE device SET revoked_ms = coalesce(revoked_ms, ?), version = version + 1 "
                                  "WHERE id = ?";
    return execute(db, "revoke_device", sql, at_ms, id);
}

Result<> restore_device(sqlite::Database& db, std::string_view id)
{
    static constexpr char sql[] = "UPDATE device SET revoked_ms = NULL, version = version + 1 WHERE id = ?";
    return execute(db, "restore_device", sql, id);
}

Result<> set_remote(sqlite::Database& db, std::string_view id, std::string_view remote)
{
    static constexpr char sql[] = "UPDATE device SET remote = ?1 WHERE id = ?2 AND remote <> ?1";
    return execute(db, "set_remote", sql, remote, id);
}

Result<> set_place(sqlite::Database& db, Device const& device)
{
    static constexpr char sql[] = "UPDATE device SET customer_id = ?, folder_id = nullif(?, ''), assigned_name = ?, "
                                  "monitored = ?, version = ? WHERE id = ?";
    return execute(db, "set_place", sql, device.customer_id, device.folder_id, device.assigned_name,
                   std::int64_t(device.monitored), device.version, device.id);
}

} // namespace rollcall::store
