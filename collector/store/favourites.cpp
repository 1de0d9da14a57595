#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

static Result<Favourite> read_favourite(sqlite::Statement& row)
{
    return Favourite{.technician_id = row.text(0), .id = row.text(1)};
}

Result<> set_favourite_device(sqlite::Database& db, Favourite const& favourite, bool starred)
{
    static constexpr char add[] = "INSERT OR IGNORE INTO favourite_device (device_id, technician_id) VALUES (?, ?)";
    static constexpr char remove[] = "DELETE FROM favourite_device WHERE device_id = ? AND technician_id = ?";
    return execute(db, "set_favourite_device", starred ? add : remove, favourite.id, favourite.technician_id);
}

Result<> set_favourite_customer(sqlite::Database& db, Favourite const& favourite, bool starred)
{
    static constexpr char add[] = "INSERT OR IGNORE INTO favourite_customer (customer_id, technician_id) VALUES (?, ?)";
    static constexpr char remove[] = "DELETE FROM favourite_customer WHERE customer_id = ? AND technician_id = ?";
    return execute(db, "set_favourite_customer", starred ? add : remove, favourite.id, favourite.technician_id);
}

Result<std::vector<Favourite>> favourite_devices(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT technician_id, device_id FROM favourite_device ORDER BY device_id";
    return select_all<Favourite>(db, "favourite_devices", sql, read_favourite);
}

Result<std::vector<Favourite>> favourite_customers(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT technician_id, customer_id FROM favourite_customer ORDER BY customer_id";
    return select_all<Favourite>(db, "favourite_customers", sql, read_favourite);
}

} // namespace rollcall::store
