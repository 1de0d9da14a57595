#include "collector/view/api/arranging.hpp"
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

/// Of a device that may be seen it is told how many alerts it has.
static bool counts_alerts(access::Identity const& identity)
{
    return identity.may(access::Permission::alerts_read) || identity.may(access::Permission::devices_read);
}

/// What is counted tells of devices and alerts: it is for those who may read them.
static CustomerRow without_hidden(CustomerRow row, access::Identity const& identity)
{
    if (!counts_alerts(identity)) row.alerts.reset();
    if (identity.may(access::Permission::devices_read)) return row;
    row.devices.reset();
    row.online.reset();
    row.pending_reboots.reset();
    row.patches.reset();
    return row;
}

/// An order by counts tells of them, too.
static std::optional<Problem> wrong_with_order(access::Identity const& identity, std::string_view sort)
{
    using access::Permission;
    if (sort.starts_with('-')) sort.remove_prefix(1);
    if (sort == "name" || sort == "rank" || sort == "created") return std::nullopt;
    bool const by_alerts = sort == "alerts";
    if (by_alerts ? counts_alerts(identity) : identity.may(Permission::devices_read)) return std::nullopt;
    auto const needed = to_string(by_alerts ? Permission::alerts_read : Permission::devices_read);
    return problem(403, "permission-required", "You may not do this",
                   "To sort by this needs the permission '" + std::string(needed) + "'.", "sort",
                   "Sort by name, rank or created.");
}

static Outcome<CustomerList> list_customers(Services& services, Call& call, Nothing const&)
{
    auto const& given = call.arguments;
    if (auto wrong = wrong_with_order(*call.identity, given.text("sort"))) return *std::move(wrong);
    auto list = services.projection.customers(call.scope(), {.technician_id = asker(call),
                                                             .search = given.text("search"),
                                                             .ranks = given.choices("rank"),
                                                             .favourite = given.boolean("favourite"),
                                                             .sort = given.text("sort")});
    for (auto& row : list.items)
        row = without_hidden(std::move(row), *call.identity);
    return list;
}

static Outcome<CustomerRow> read_customer(Services& services, Call& call, Nothing const&)
{
    auto found = services.projection.customer(call.scope(), call.path[0], asker(call));
    if (!found) return not_found("customer");
    return without_hidden(*std::move(found), *call.identity);
}

static CustomerDetails shown(store::Customer const& customer)
{
    CustomerDetails details{.id = customer.id,
                            .name = customer.name,
                            .rank = customer.rank,
                            .phone = customer.phone,
                            .address = customer.address,
                            .postal_code = customer.postal_code,
                            .fax = customer.fax,
                            .domains = customer.domains,
                            .website = customer.website,
                            .business_id = customer.business_id,
                            .notes = customer.notes,
                            .custom_fields = {},
                            .created_ms = customer.created_ms,
                            .modified_ms = customer.modified_ms,
                            .version = customer.version};
    for (auto const& field : customer.custom_fields)
        details.custom_fields.push_back({.name = field.name, .value = field.value});
    return details;
}

static Outcome<CustomerDetails> read_details(Services& services, Call& call, Nothing const&)
{
    auto const found = services.projection.customer_record(call.scope(), call.path[0]);
    if (!found) return not_found("customer");
    return shown(*found);
}

static Outcome<CustomerDetails> edit_details(Services& services, Call& call, CustomerEdit const& body)
{
    store::Customer customer{.id = call.path[0],
                             .name = body.name,
                             .created_ms = 0,
                             .rank = body.rank,
                             .phone = body.phone,
                             .address = body.address,
                             .postal_code = body.postal_code,
                             .fax = body.fax,
                             .domains = body.domains,
                             .website = body.website,
                             .business_id = body.business_id,
                             .notes = body.notes,
                             .custom_fields = {},
                             .modified_ms = 0,
                             .version = body.version};
    for (auto const& field : body.custom_fields)
        customer.custom_fields.push_back({.name = field.name, .value = field.value});
    auto const done = organise(services, call, EditCustomer{std::move(customer)});
    if (!done)
        return refusal(done.error(), [&]() -> std::optional<CustomerDetails> {
            auto const now = services.projection.customer_record(call.scope(), call.path[0]);
            if (!now) return std::nullopt;
            return shown(*now);
        });
    return read_details(services, call, {});
}

/// What stands above a customer's page where nobody has chosen.
static std::vector<std::string> own_choice() { return {"rank", "phone", "website", "devices", "alerts"}; }

static Outcome<PinnedFields> read_pinned(Services& services, Call&, Nothing const&)
{
    PinnedFields answer;
    auto const done = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto const pinned = store::pinned_fields(db);
        if (!pinned) return pinned.error();
        answer = {.fields = pinned->fields, .version = pinned->version};
        return {};
    });
    if (!done) return from_error(done.error());
    if (answer.version == 0) answer.fields = own_choice();
    return answer;
}

static Outcome<PinnedFields> write_pinned(Services& services, Call& call, PinnedFields const& body)
{
    auto const done = organise(services, call, PinFields{.pinned = {.fields = body.fields, .version = body.version}});
    if (!done)
        return refusal(done.error(), [&]() -> std::optional<PinnedFields> {
            auto now = read_pinned(services, call, {});
            if (!now) return std::nullopt;
            return *std::move(now);
        });
    return read_pinned(services, call, {});
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
    if (auto row = services.projection.customer(call.scope(), made->id))
        return without_hidden(*std::move(row), *call.identity);
    return CustomerRow{.id = made->id, .name = made->name, .created_ms = made->created_ms};
}

std::vector<Route> customer_routes()
{
    static constexpr auto pattern = "/api/v1/customers";
    static constexpr auto details = "/api/v1/customers/{id}/details";
    static constexpr auto pinned = "/api/v1/pinned-fields";
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = pattern,
                               .summary = "Customers with their counts",
                               .parameters = {text("search", "The name contains it, whatever the case."),
                                              choices("rank", {"A", "B", "C", "D", "none"}, "Ranks."),
                                              boolean("favourite", "Is a favourite of who asks."),
                                              order(view::customer_sort_keys(), "name")},
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
        make_route(Declaration{.method = "GET",
                               .pattern = details,
                               .summary = "What people have written down about a customer",
                               .needs = access::Permission::customers_read},
                   &read_details),
        make_route(Declaration{.method = "PUT",
                               .pattern = details,
                               .summary = "Change it, and the customer's name",
                               .needs = access::Permission::customers_write},
                   &edit_details),
        make_route(Declaration{.method = "GET",
                               .pattern = pinned,
                               .summary = "The fields that stand above every customer's page",
                               .needs = access::Permission::customers_read},
                   &read_pinned),
        make_route(Declaration{.method = "PUT",
                               .pattern = pinned,
                               .summary = "Choose them, for all customers",
                               .needs = access::Permission::customers_write},
                   &write_pinned),
    };
}

} // namespace rollcall::api
