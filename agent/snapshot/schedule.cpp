#include "agent/snapshot/schedule.hpp"

#include <algorithm>
#include <utility>

namespace rollcall::snapshot
{

Schedule::Schedule(std::vector<Entry> entries, Random random, Time now)
    : random_(std::move(random))
{
    for (auto& entry : entries)
        items_.emplace(std::move(entry.probe),
                       Item{.every = entry.every, .gap = entry.gap, .together = entry.together, .due = now});
}

std::vector<Schedule::Entry> Schedule::entries_for(std::span<wire::Probe const> probes)
{
    std::vector<Entry> entries;
    for (auto const& probe : probes)
        entries.push_back({.probe = std::string(probe.name),
                           .every = probe.every,
                           .gap = probe.name == "patches" ? costly_gap : usual_gap,
                           .together = probe.kind == wire::Kind::series});
    return entries;
}

Schedule::Time Schedule::earliest(Item const& item, Time wanted) const
{
    return item.begun ? std::max(wanted, *item.begun + item.gap) : wanted;
}

void Schedule::notice(std::string_view probe, Time now)
{
    auto const found = items_.find(probe);
    if (found == items_.end()) return;
    auto& item = found->second;
    if (item.running)
        item.noticed = true;
    else
        item.due = std::min(item.due, earliest(item, now + gather));
}

std::vector<std::string> Schedule::take_due(Time now)
{
    std::vector<std::pair<Time, std::string>> due;
    std::map<Time, double> ticks; ///< What is read together is off by the same.
    bool const tick =
        std::ranges::any_of(items_, [now](auto const& one) { return one.second.together && one.second.due <= now; });
    for (auto& [name, item] : items_) {
        // Rather a little early with the others than alone.
        auto const early = tick && item.together ? item.every * 3 / 10 : Time(0);
        if (item.running || item.due > now + early) continue;
        due.emplace_back(item.due, name);
        // Off the cadence by -10 to +10 %, anew each time.
        auto factor = 1.0 + jitter * (2.0 * random_() - 1.0);
        if (item.together) factor = ticks.emplace(item.every, factor).first->second;
        item.begun = now;
        item.running = true;
        item.noticed = false;
        item.due = now + std::chrono::duration_cast<Time>(item.every * factor);
    }
    std::stable_sort(due.begin(), due.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
    std::vector<std::string> names;
    names.reserve(due.size());
    for (auto& [time, name] : due)
        names.push_back(std::move(name));
    return names;
}

void Schedule::finished(std::string_view probe, Time now)
{
    auto const found = items_.find(probe);
    if (found == items_.end() || !found->second.running) return;
    auto& item = found->second;
    item.running = false;
    if (item.noticed) item.due = std::min(item.due, earliest(item, now + gather));
    item.noticed = false;
}

void Schedule::not_started(std::string_view probe, Time now)
{
    auto const found = items_.find(probe);
    if (found == items_.end() || !found->second.running) return;
    auto& item = found->second;
    item.running = false;
    item.noticed = false;
    if (!item.together) item.due = now + item.gap;
}

std::optional<Schedule::Time> Schedule::next() const
{
    std::optional<Time> soonest;
    for (auto const& [name, item] : items_)
        if (!item.running) soonest = soonest ? std::min(*soonest, item.due) : item.due;
    return soonest;
}

} // namespace rollcall::snapshot
