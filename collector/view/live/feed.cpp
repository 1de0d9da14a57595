#include "collector/view/live/feed.hpp"

#include <algorithm>
#include <utility>

namespace rollcall::live
{

Feed::Feed(store::Scope scope, access::Permissions permissions)
    : scope_(std::move(scope))
    , permissions_(permissions)
{
}

void Feed::note(view::Change const& change)
{
    note_seen(change.of_all);
    for (auto const& [where, happened] : change.places)
        if (scope_.sees(where)) note_seen(happened);
}

void Feed::note_seen(view::Happened const& happened)
{
    using enum access::Permission;
    auto const note_one = [&](bool& waiting, bool changed, access::Permission needed) {
        if (!changed || !permissions_.has(needed)) return;
        waiting = true;
        anything_ = true;
    };
    note_one(waiting_.alerts, happened.alerts, alerts_read);
    note_one(waiting_.customers, happened.customers, customers_read);
    note_one(waiting_.tokens, happened.tokens, devices_enrol);
    note_one(waiting_.updates, happened.updates, updates_read);
    if ((happened.devices.empty() && !happened.all_devices) || !permissions_.has(devices_read)) return;
    anything_ = true;
    if (waiting_.all_devices) return;
    devices_.insert(happened.devices.begin(), happened.devices.end());
    if (!happened.all_devices && devices_.size() <= limits::live_devices) return;
    waiting_.all_devices = true;
    devices_.clear();
}

std::optional<std::chrono::milliseconds> Feed::due(std::chrono::milliseconds now) const
{
    if (!anything_) return std::nullopt;
    if (!last_) return std::chrono::milliseconds(0);
    return std::max(std::chrono::milliseconds(0), *last_ + limits::live_interval_ms - now);
}

std::optional<api::Changed> Feed::take(std::chrono::milliseconds now)
{
    auto const wait = due(now);
    if (!wait || wait->count() > 0) return std::nullopt;
    auto message = std::exchange(waiting_, {});
    message.devices.assign(devices_.begin(), devices_.end());
    devices_.clear();
    anything_ = false;
    last_ = now;
    return message;
}

} // namespace rollcall::live
