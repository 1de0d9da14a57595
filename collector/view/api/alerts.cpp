#include "collector/view/api/lists.hpp"
#include "collector/view/api/places.hpp"
#include "collector/view/api/routes.hpp"
#include "collector/view/list_columns.hpp"

namespace rollcall::api
{

view::AlertQuery alert_query(Arguments const& given)
{
    view::AlertQuery query;
    query.customer_id = given.text("customer");
    query.device_id = given.text("device");
    query.search = given.text("search");
    query.severities = given.choices("severity");
    query.statuses = given.choices("status");
    query.categories = given.choices("category");
    query.types = given.choices("type");
    query.sort = given.text("sort");
    return query;
}

std::vector<Parameter> alert_list_parameters()
{
    return {text("customer", "Id of a customer."),
            text("device", "Id of a device."),
            text("search", "Title, customer, device, severity, category or status contains it."),
            choices("severity", severities(), "Severities."),
            choices("status", alert_statuses(), "States of the alert."),
            choices("category", alert_categories(), "Categories."),
            choices("type", device_types(), "Types of the device."),
            filter_parameter(),
            order(view::alert_sort_keys(), "-created")};
}

static Outcome<AlertList> list_alerts(Services& services, Call& call, Nothing const&)
{
    auto query = alert_query(call.arguments);
    if (auto bad = read_place(call.arguments, query)) return *std::move(bad);
    auto filter = RequestFilter::parse(call, view::alert_subject());
    if (!filter) return filter.error();
    if (auto bad = filter->read(services, call, query)) return *std::move(bad);
    return services.projection.alerts(call.scope(), query, services.clock.now_ms());
}

std::vector<Route> alert_routes()
{
    return {make_route(Declaration{.method = "GET",
                                   .pattern = "/api/v1/alerts",
                                   .summary = "Alerts, open and lately resolved",
                                   .parameters = with_place(alert_list_parameters())},
                       &list_alerts)};
}

} // namespace rollcall::api
