#include "agent/snapshot/diff.hpp"

namespace rollcall::snapshot
{

Change diff(Snapshot const& before, Snapshot const& after)
{
    Change change;
    for (auto const& [key, row] : after) {
        auto const old = before.find(key);
        if (old == before.end() || old->second != row) change.rows.emplace(key, row);
    }
    for (auto const& [key, row] : before)
        if (!after.contains(key)) change.removed.push_back(key);
    return change;
}

Snapshot apply(Change const& change, Snapshot before)
{
    for (auto const& key : change.removed)
        before.erase(key);
    for (auto const& [key, row] : change.rows)
        before.insert_or_assign(key, row);
    return before;
}

} // namespace rollcall::snapshot
