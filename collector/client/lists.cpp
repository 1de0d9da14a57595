#include <algorithm>
#include <ostream>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "collector/client/api.hpp"
#include "collector/client/limits.hpp"
#include "collector/client/output.hpp"
#include "collector/client/runs.hpp"
#include "collector/client/text.hpp"

namespace rollcall::client
{

namespace json = boost::json;

Exit run_devices(Invocation const& asked, Surroundings& around)
{
    auto api = Api::open(around);
    if (!api) return complain(around, api.error());
    Query query;
    add_options(query, asked, {"search", "filter", "availability", "sort"});
    if (asked.has("customer")) {
        auto const customer = customer_id(*api, asked.text("customer"));
        if (!customer) return complain(around, customer.error());
        query.emplace_back("customer", *customer);
    }
    auto const done =
        show_list(*api, asked, around, "/api/v1/devices", query, device_columns(), usual_device_columns());
    return done ? Exit::done : complain(around, done.error());
}

Exit run_customers(Invocation const& asked, Surroundings& around)
{
    auto api = Api::open(around);
    if (!api) return complain(around, api.error());
    auto const columns =
        choose(customer_columns(), asked.has("columns") ? asked.text("columns") : usual_customer_columns());
    if (!columns) return complain(around, columns.error());
    Query query;
    add_options(query, asked, {"search", "rank", "sort"});
    auto const found = list_whole(*api, "/api/v1/customers", query);
    if (!found) return complain(around, found.error());
    if (asked.has("json")) {
        json::array items(found->begin(), found->end());
        print_json(around, json::object{{"items", std::move(items)}, {"total", found->size()}});
    } else {
        print_table(around, *columns, *found);
    }
    return Exit::done;
}

Exit run_device(Invocation const& asked, Surroundings& around)
{
    auto api = Api::open(around);
    if (!api) return complain(around, api.error());
    auto const id = device_id(*api, asked.arguments[0]);
    if (!id) return complain(around, id.error());
    auto const device = api->get("/api/v1/devices/" + *id);
    if (!device) return complain(around, device.error());
    if (asked.has("json")) {
        print_json(around, *device);
        return Exit::done;
    }
    auto const alerts =
        list(*api, "/api/v1/alerts", {{"device", *id}, {"status", "open,snoozed"}}, limits::shown_lines);
    if (!alerts) return complain(around, alerts.error());
    std::size_t width = 0;
    for (auto const& column : device_columns())
        width = std::max(width, column.name.size());
    for (auto const& column : device_columns())
        around.out << fmt::format("{:<{}}  {}\n", column.name, width, shown(column.read(*device)));
    if (alerts->items.empty()) return Exit::done;
    auto const columns = choose(alert_columns(), "id,severity,status,title,subject,latest,created,assigned");
    if (!columns) return complain(around, columns.error());
    around.out << '\n';
    print_table(around, *columns, alerts->items);
    return Exit::done;
}

} // namespace rollcall::client
