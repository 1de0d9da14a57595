#include "collector/view/api/routes.hpp"

#include <iterator>

#include "collector/view/api/openapi.hpp"

namespace rollcall::api
{

std::vector<Route> all_routes()
{
    std::vector<Route> routes;
    for (auto const make :
         {session_routes, account_routes, technician_routes, role_routes, audit_routes, customer_routes, folder_routes,
          contact_routes, device_routes, organisation_routes, alert_routes, filter_routes, csv_routes, view_routes,
          token_routes, update_routes, event_routes, system_routes}) {
        auto some = make();
        routes.insert(routes.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    }
    return routes;
}

boost::json::object document() { return openapi(all_routes()); }

} // namespace rollcall::api
