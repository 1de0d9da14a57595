#include "agent/spool/merge.hpp"

#include <algorithm>

namespace rollcall::spool
{

std::optional<wire::State> merge(wire::State const& older, wire::State const& newer)
{
    if (older.probe != newer.probe) return std::nullopt;
    // A whole one needs nothing of what was before; a newer reason takes the place of an older one.
    if (newer.unknown.empty() && newer.base.empty()) return newer;
    if (!older.unknown.empty() && !newer.unknown.empty()) return newer;
    if (!older.unknown.empty() || !newer.unknown.empty() || newer.base != older.digest) return std::nullopt;

    wire::State merged = newer;
    merged.base = older.base;
    merged.rows = older.rows;
    for (auto const& [key, row] : newer.rows)
        merged.rows.insert_or_assign(key, row);
    for (auto const& key : newer.removed)
        merged.rows.erase(key);
    if (older.base.empty()) {
        merged.removed.clear(); // Whole: what is not in its rows is not there.
        return merged;
    }
    merged.removed.insert(merged.removed.end(), older.removed.begin(), older.removed.end());
    std::sort(merged.removed.begin(), merged.removed.end());
    merged.removed.erase(std::unique(merged.removed.begin(), merged.removed.end()), merged.removed.end());
    std::erase_if(merged.removed, [&](std::string const& key) { return merged.rows.contains(key); });
    return merged;
}

} // namespace rollcall::spool
