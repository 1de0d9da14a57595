#include "collector/pipeline/effect.hpp"

namespace rollcall::pipeline
{

view::Happened& note(view::Change& change, std::string_view device_id, store::Location const& where)
{
    auto& happened = change.places[where];
    happened.devices.emplace(device_id);
    return happened;
}

static void merge_into(view::Happened& happened, view::Happened const& more)
{
    happened.devices.insert(more.devices.begin(), more.devices.end());
    happened.all_devices = happened.all_devices || more.all_devices;
    happened.alerts = happened.alerts || more.alerts;
    happened.customers = happened.customers || more.customers;
    happened.tokens = happened.tokens || more.tokens;
    happened.updates = happened.updates || more.updates;
}

void merge(view::Change& into, view::Change const& more)
{
    for (auto const& [where, happened] : more.places)
        merge_into(into.places[where], happened);
    merge_into(into.of_all, more.of_all);
    into.folders = into.folders || more.folders;
}

bool is_empty(view::Change const& change)
{
    return change.places.empty() && change.of_all == view::Happened() && !change.folders;
}

} // namespace rollcall::pipeline
