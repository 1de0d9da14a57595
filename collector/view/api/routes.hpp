#pragma once

#include <vector>

#include "collector/view/api/router.hpp"
#include "collector/view/words.hpp"

/// The API, one file per resource. A new one: a file, its function here and in all_routes(), a line in CMakeLists.txt.
namespace rollcall::api
{

[[nodiscard]] std::vector<Route> session_routes();
[[nodiscard]] std::vector<Route> account_routes();
[[nodiscard]] std::vector<Route> technician_routes();
[[nodiscard]] std::vector<Route> role_routes();
[[nodiscard]] std::vector<Route> audit_routes();
[[nodiscard]] std::vector<Route> customer_routes();
[[nodiscard]] std::vector<Route> folder_routes();
[[nodiscard]] std::vector<Route> contact_routes();
[[nodiscard]] std::vector<Route> device_routes();
[[nodiscard]] std::vector<Route> organisation_routes();
[[nodiscard]] std::vector<Route> filter_routes();
[[nodiscard]] std::vector<Route> csv_routes();
[[nodiscard]] std::vector<Route> view_routes();
[[nodiscard]] std::vector<Route> alert_routes();
[[nodiscard]] std::vector<Route> token_routes();
[[nodiscard]] std::vector<Route> event_routes();
[[nodiscard]] std::vector<Route> system_routes();
[[nodiscard]] std::vector<Route> update_routes();

[[nodiscard]] std::vector<Route> all_routes();

/// What `rollcall-collector openapi` prints and GET /api/v1/openapi.json answers.
[[nodiscard]] boost::json::object document();

/// GET /api/v1/probes: the wire's catalogue, for people and for the page.
[[nodiscard]] Catalogue catalogue();

/// Some characters, not too many, on one line?
[[nodiscard]] bool is_customer_name(std::string_view name);

using view::alert_categories;
using view::alert_statuses;
using view::device_types;
using view::severities;

} // namespace rollcall::api
