#include "collector/pipeline/effect.hpp"

#include <algorithm>

namespace rollcall::pipeline
{

void note(view::Change& change, std::string_view device_id, std::string_view customer_id)
{
    if (std::ranges::find(change.devices, device_id) == change.devices.end()) change.devices.emplace_back(device_id);
    change.customer_ids.emplace(customer_id);
}

void merge(view::Change& into, view::Change const& more)
{
    for (auto const& device : more.devices)
        if (std::ranges::find(into.devices, device) == into.devices.end()) into.devices.push_back(device);
    into.customer_ids.insert(more.customer_ids.begin(), more.customer_ids.end());
    into.all_devices = into.all_devices || more.all_devices;
    into.alerts = into.alerts || more.alerts;
    into.customers = into.customers || more.customers;
    into.tokens = into.tokens || more.tokens;
    into.updates = into.updates || more.updates;
}

bool is_empty(view::Change const& change)
{
    return change.devices.empty() && !change.all_devices && !change.alerts && !change.customers && !change.tokens &&
           !change.updates;
}

} // namespace rollcall::pipeline
