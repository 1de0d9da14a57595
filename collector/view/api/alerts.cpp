#include "collector/view/api/limits.hpp"
#include "collector/view/api/routes.hpp"

namespace rollcall::api
{

static Outcome<AlertList> list_alerts(Services& services, Call& call, Nothing const&)
{
    auto const& given = call.arguments;
    view::AlertQuery query;
    query.customer_id = given.text("customer");
    query.device_id = given.text("device");
    query.search = given.text("search");
    query.severities = given.choices("severity");
    query.statuses = given.choices("status");
    query.categories = given.choices("category");
    query.types = given.choices("type");
    query.sort = given.text("sort");
    query.offset = given.integer("offset");
    query.limit = given.integer("limit");
    return services.projection.alerts(call.scope(), query, services.clock.now_ms());
}

std::vector<Route> alert_routes()
{
    return {make_route(
        Declaration{.method = "GET",
                    .pattern = "/api/v1/alerts",
                    .summary = "Alerts, open and lately resolved",
                    .parameters = {text("customer", "Id of a customer."), text("device", "Id of a device."),
                                   text("search", "Title, customer, device, severity, category or status contains it."),
                                   choices("severity", severities(), "Severities."),
                                   choices("status", {"open", "snoozed", "resolved"}, "States of the alert."),
                                   choices("category", alert_categories(), "Categories."),
                                   choices("type", device_types(), "Types of the device."),
                                   order(view::alert_sort_keys(), "-created"),
                                   integer("offset", 0, limits::offset, "0", "Rows to skip."),
                                   integer("limit", 0, limits::list_rows, "100", "Rows to return.")},
                    .needs = access::Permission::alerts_read},
        &list_alerts)};
}

} // namespace rollcall::api
