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
    bool seen_whole = scope_.all;
    // A release, a policy or the pinned fields of all concern everybody, and say nothing of anybody.
    bool const of_all = (change.updates || change.customers) && change.customer_ids.empty();
    if (!scope_.all && !of_all) {
        auto const sees = [&](std::string const& id) { return scope_.sees(id); };
        if (std::none_of(change.customer_ids.begin(), change.customer_ids.end(), sees)) return;
        seen_whole = std::all_of(change.customer_ids.begin(), change.customer_ids.end(), sees);
    }
    using enum access::Permission;
    auto const note_one = [&](bool& waiting, bool changed, access::Permission needed) {
        if (!changed || !permissions_.has(needed)) return;
        waiting = true;
        anything_ = true;
    };
    note_one(waiting_.alerts, change.alerts, alerts_read);
    note_one(waiting_.customers, change.customers, customers_read);
    note_one(waiting_.tokens, change.tokens, devices_enrol);
    note_one(waiting_.updates, change.updates, updates_read);
    if ((change.devices.empty() && !change.all_devices) || !permissions_.has(devices_read)) return;
    anything_ = true;
    if (waiting_.all_devices) return;
    // A change of several customers does not say whose device is whose: then no id may be told.
    if (seen_whole) devices_.insert(change.devices.begin(), change.devices.end());
    if (seen_whole && !change.all_devices && devices_.size() <= limits::live_devices) return;
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
