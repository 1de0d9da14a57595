#include "collector/view/api/routes.hpp"

#include <iterator>

#include "collector/view/api/openapi.hpp"

namespace rollcall::api
{

std::vector<Route> all_routes()
{
    std::vector<Route> routes;
    for (auto const make : {session_routes, account_routes, technician_routes, role_routes, audit_routes,
                            customer_routes, device_routes, alert_routes, token_routes, update_routes, system_routes}) {
        auto some = make();
        routes.insert(routes.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    }
    return routes;
}

boost::json::object document() { return openapi(all_routes()); }

std::vector<std::string> device_types() { return {"PC", "Server", "Mac", "Linux", "SNMP", "TCP", "HTTP", "Generic"}; }

std::vector<std::string> severities() { return {"information", "warning", "critical"}; }

std::vector<std::string> alert_categories()
{
    return {"Hardware", "Disk",    "Availability", "Performance", "Exchange",
            "General",  "Network", "Apps",         "Script-based"};
}

} // namespace rollcall::api
