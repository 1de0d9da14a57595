#pragma once

#include <vector>

#include <boost/json/object.hpp>

#include "collector/view/api/router.hpp"

namespace rollcall::api
{

/// The API's contract (OpenAPI 3.1), made from the table of routes and from the described structs.
[[nodiscard]] boost::json::object openapi(std::vector<Route> const& routes);

} // namespace rollcall::api
