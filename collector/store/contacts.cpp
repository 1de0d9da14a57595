#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

static Result<Contact> read_contact(sqlite::Statement& row)
{
    return Contact{.id = row.text(0),
                   .customer_id = row.text(1),
                   .name = row.text(2),
                   .job_title = row.text(3),
                   .email = row.text(4),
                   .phone = row.text(5),
                   .mobile = row.text(6),
                   .device_id = row.text(7),
                   .active = row.integer(8) != 0,
                   .created_ms = row.integer(9),
                   .modified_ms = row.integer(10),
                   .version = row.integer(11)};
}

Result<> add_contact(sqlite::Database& db, Contact const& contact)
{
    static constexpr char sql[] = "INSERT INTO contact (id, customer_id, name, job_title, email, phone, mobile, "
                                  "device_id, active, created_ms, modified_ms, version) "
                                  "VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?)";
    return execute(db, "add_contact", sql, contact.id, contact.customer_id, contact.name, contact.job_title,
                   contact.email, contact.phone, contact.mobile, contact.device_id, std::int64_t(contact.active),
                   contact.created_ms, contact.modified_ms, contact.version);
}

Result<std::optional<Contact>> find_contact(sqlite::Database& db, std::string_view id)
{
    static constexpr char sql[] = "SELECT id, customer_id, name, job_title, email, phone, mobile, device_id, active, "
                                  "created_ms, modified_ms, version FROM contact WHERE id = ?";
    return select_first<Contact>(db, "find_contact", sql, read_contact, id);
}

Result<std::vector<Contact>> contacts_of(sqlite::Database& db, std::string_view customer_id)
{
    static constexpr char sql[] = "SELECT id, customer_id, name, job_title, email, phone, mobile, device_id, active, "
                                  "created_ms, modified_ms, version FROM contact WHERE customer_id = ? ORDER BY id";
    return select_all<Contact>(db, "contacts_of", sql, read_contact, customer_id);
}

Result<> save_contact(sqlite::Database& db, Contact const& contact)
{
    static constexpr char sql[] = "UPDATE contact SET name = ?, job_title = ?, email = ?, phone = ?, mobile = ?, "
                                  "device_id = nullif(?, ''), active = ?, modified_ms = ?, version = ? WHERE id = ?";
    return execute(db, "save_contact", sql, contact.name, contact.job_title, contact.email, contact.phone,
                   contact.mobile, contact.device_id, std::int64_t(contact.active), contact.modified_ms,
                   contact.version, contact.id);
}

Result<> part_from_contacts(sqlite::Database& db, std::string_view device_id)
{
    static constexpr char sql[] = "UPDATE contact SET device_id = NULL, version = version + 1 WHERE device_id = ?";
    return execute(db, "part_from_contacts", sql, device_id);
}

Result<> delete_contact(sqlite::Database& db, std::string_view id)
{
    return execute(db, "delete_contact", "DELETE FROM contact WHERE id = ?", id);
}

} // namespace rollcall::store
