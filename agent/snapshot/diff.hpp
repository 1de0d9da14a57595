#pragma once

#include <string>
#include <vector>

#include "common/core/value.hpp"

/// What changed between two looks. Pure.
namespace rollcall::snapshot
{

/// From one snapshot to the next: rows that are new or differ, each whole, and keys that vanished.
struct Change {
    Snapshot rows;
    std::vector<std::string> removed; ///< In order.
    [[nodiscard]] bool empty() const { return rows.empty() && removed.empty(); }
    bool operator==(Change const&) const = default;
};

[[nodiscard]] Change diff(Snapshot const& before, Snapshot const& after);

/// apply(diff(before, after), before) == after.
[[nodiscard]] Snapshot apply(Change const& change, Snapshot before);

} // namespace rollcall::snapshot
