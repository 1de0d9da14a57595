#include "collector/rules/snoozes.hpp"

#include <algorithm>

namespace rollcall::rules
{

void Snoozes::put(store::Alert const& alert, Now now)
{
    if (status_of(alert) != store::AlertStatus::snoozed || !alert.snoozed_until_ms) return forget(alert.id);
    auto const known = entries_.find(alert.id);
    if (known != entries_.end() && known->second.since_ms == *alert.snoozed_ms &&
        known->second.until_ms == *alert.snoozed_until_ms)
        return;
    forget(alert.id);
    auto const whole = std::max<UnixMs>(*alert.snoozed_until_ms - *alert.snoozed_ms, 0);
    auto const left = std::clamp<UnixMs>(*alert.snoozed_until_ms - now.wall_ms, 0, whole);
    Entry const entry{.since_ms = *alert.snoozed_ms,
                      .until_ms = *alert.snoozed_until_ms,
                      .deadline = now.steady + std::chrono::milliseconds(left)};
    by_wall_.emplace(entry.until_ms, alert.id);
    by_steady_.emplace(entry.deadline, alert.id);
    entries_.emplace(alert.id, entry);
}

void Snoozes::forget(std::string_view alert_id)
{
    auto const known = entries_.find(std::string(alert_id));
    if (known == entries_.end()) return;
    by_wall_.erase({known->second.until_ms, known->first});
    by_steady_.erase({known->second.deadline, known->first});
    entries_.erase(known);
}

std::vector<Snoozes::Due> Snoozes::due(Now now, std::size_t limit) const
{
    std::set<std::string> ids;
    for (auto at = by_wall_.begin(); at != by_wall_.end() && at->first <= now.wall_ms && ids.size() < limit; ++at)
        ids.insert(at->second);
    for (auto at = by_steady_.begin(); at != by_steady_.end() && at->first <= now.steady && ids.size() < limit; ++at)
        ids.insert(at->second);
    std::vector<Due> all;
    all.reserve(ids.size());
    for (auto const& id : ids)
        all.push_back({.alert_id = id, .until_ms = entries_.at(id).until_ms});
    return all;
}

} // namespace rollcall::rules
