#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

namespace json = boost::json;

static std::string domains_text(Customer const& customer)
{
    json::array list;
    for (auto const& domain : customer.domains)
        list.emplace_back(domain);
    return json::serialize(list);
}

static std::string fields_text(Customer const& customer)
{
    json::array list;
    for (auto const& field : customer.custom_fields)
        list.push_back(json::array{field.name, field.value});
    return json::serialize(list);
}

/// What somebody else wrote into the file counts as nothing.
static json::array list_of(std::string const& text)
{
    boost::system::error_code failure;
    auto list = json::parse(text, failure);
    return failure || !list.is_array() ? json::array() : std::move(list.get_array());
}

static std::string text_of(json::value const& value)
{
    auto const* const text = value.if_string();
    return text == nullptr ? std::string() : std::string(*text);
}

static Result<Customer> read_customer(sqlite::Statement& row)
{
    Customer customer{.id = row.text(0),
                      .name = row.text(1),
                      .created_ms = row.integer(2),
                      .rank = row.text(3),
                      .phone = row.text(4),
                      .address = row.text(5),
                      .postal_code = row.text(6),
                      .fax = row.text(7),
                      .website = row.text(9),
                      .business_id = row.text(10),
                      .notes = row.text(11),
                      .modified_ms = row.integer(13),
                      .version = row.integer(14)};
    for (auto const& domain : list_of(row.text(8)))
        customer.domains.push_back(text_of(domain));
    for (auto const& field : list_of(row.text(12)))
        if (auto const* const pair = field.if_array(); pair != nullptr && pair->size() == 2)
            customer.custom_fields.push_back({.name = text_of((*pair)[0]), .value = text_of((*pair)[1])});
    return customer;
}

Result<> add_customer(sqlite::Database& db, Customer const& customer)
{
    static constexpr char sql[] = "INSERT INTO customer (id, name, created_ms, modified_ms) VALUES (?1, ?2, ?3, ?3)";
    return execute(db, "add_customer", sql, customer.id, customer.name, customer.created_ms);
}

Result<std::optional<Customer>> find_customer(sqlite::Database& db, std::string_view id)
{
    static constexpr char sql[] = "SELECT id, name, created_ms, rank, phone, address, postal_code, fax, domains, "
                                  "website, business_id, notes, custom_fields, modified_ms, version "
                                  "FROM customer WHERE id = ?";
    return select_first<Customer>(db, "find_customer", sql, read_customer, id);
}

Result<std::optional<Customer>> find_customer_by_name(sqlite::Database& db, std::string_view name)
{
    static constexpr char sql[] = "SELECT id, name, created_ms, rank, phone, address, postal_code, fax, domains, "
                                  "website, business_id, notes, custom_fields, modified_ms, version "
                                  "FROM customer WHERE name = ?";
    return select_first<Customer>(db, "find_customer_by_name", sql, read_customer, name);
}

Result<std::vector<Customer>> all_customers(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT id, name, created_ms, rank, phone, address, postal_code, fax, domains, "
                                  "website, business_id, notes, custom_fields, modified_ms, version "
                                  "FROM customer ORDER BY id";
    return select_all<Customer>(db, "all_customers", sql, read_customer);
}

Result<> save_customer(sqlite::Database& db, Customer const& customer)
{
    static constexpr char sql[] = "UPDATE customer SET name = ?, rank = ?, phone = ?, address = ?, postal_code = ?, "
                                  "fax = ?, domains = ?, website = ?, business_id = ?, notes = ?, custom_fields = ?, "
                                  "modified_ms = ?, version = ? WHERE id = ?";
    return execute(db, "save_customer", sql, customer.name, customer.rank, customer.phone, customer.address,
                   customer.postal_code, customer.fax, domains_text(customer), customer.website, customer.business_id,
                   customer.notes, fields_text(customer), customer.modified_ms, customer.version, customer.id);
}

} // namespace rollcall::store
