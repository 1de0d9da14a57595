#include "collector/view/api/limits.hpp"
#include "collector/view/api/routes.hpp"
#include "common/core/text.hpp"

namespace rollcall::api
{

bool is_customer_name(std::string_view name)
{
    auto const characters = count_characters(name);
    return characters > 0 && characters <= limits::customer_name_characters &&
           name.find_first_not_of(' ') != std::string_view::npos &&
           name.find_first_of("\n\t") == std::string_view::npos && clean_text(name) == name;
}

static Outcome<CustomerList> list_customers(Services& services, Call& call, Nothing const&)
{
    return services.projection.customers(call.scope(), call.arguments.text("search"));
}

static Outcome<CustomerRow> read_customer(Services& services, Call& call, Nothing const&)
{
    auto found = services.projection.customer(call.scope(), call.path[0]);
    if (!found) return not_found("customer");
    return *std::move(found);
}

static Outcome<CustomerRow> add_customer(Services& services, Call& call, NewCustomer const& body)
{
    if (!call.scope().all)
        return problem(403, "refused", "Refused", "You see some customers only, so you cannot add one.", {},
                       "Ask somebody who sees all customers.");
    if (!is_customer_name(body.name))
        return bad_input("name", "This cannot be a customer's name.",
                         "Give 1 to " + std::to_string(limits::customer_name_characters) +
                             " characters, no line breaks.");
    auto const made = services.backend.add_customer(body.name);
    if (!made) return made.error();
    if (auto row = services.projection.customer(call.scope(), made->id)) return *std::move(row);
    return CustomerRow{.id = made->id, .name = made->name, .created_ms = made->created_ms};
}

std::vector<Route> customer_routes()
{
    static constexpr auto pattern = "/api/v1/customers";
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = pattern,
                               .summary = "Customers with their counts",
                               .parameters = {text("search", "The name contains it, whatever the case.")},
                               .needs = access::Permission::customers_read},
                   &list_customers),
        make_route(Declaration{.method = "POST",
                               .pattern = pattern,
                               .summary = "Add a customer",
                               .success = 201,
                               .needs = access::Permission::customers_write},
                   &add_customer),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/customers/{id}",
                               .summary = "One customer",
                               .needs = access::Permission::customers_read},
                   &read_customer),
    };
}

} // namespace rollcall::api
