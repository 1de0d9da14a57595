#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

static Result<Customer> read_customer(sqlite::Statement& row)
{
    return Customer{.id = row.text(0), .name = row.text(1), .created_ms = row.integer(2)};
}

Result<> add_customer(sqlite::Database& db, Customer const& customer)
{
    static constexpr char sql[] = "INSERT INTO customer (id, name, created_ms) VALUES (?, ?, ?)";
    return execute(db, "add_customer", sql, customer.id, customer.name, customer.created_ms);
}

Result<std::optional<Customer>> find_customer(sqlite::Database& db, std::string_view id)
{
    static constexpr char sql[] = "SELECT id, name, created_ms FROM customer WHERE id = ?";
    return select_first<Customer>(db, "find_customer", sql, read_customer, id);
}

Result<std::optional<Customer>> find_customer_by_name(sqlite::Database& db, std::string_view name)
{
    static constexpr char sql[] = "SELECT id, name, created_ms FROM customer WHERE name = ?";
    return select_first<Customer>(db, "find_customer_by_name", sql, read_customer, name);
}

Result<std::vector<Customer>> all_customers(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT id, name, created_ms FROM customer ORDER BY id";
    return select_all<Customer>(db, "all_customers", sql, read_customer);
}

} // namespace rollcall::store
