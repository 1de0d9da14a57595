#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/spool/spool.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/wire/catalogue.hpp"
#include "common/wire/messages.hpp"

/// From what a probe saw to what is told of it. Pure.
namespace rollcall::agent
{

/// A whole snapshot, as a message, stays below this: the wire's limit less what is around the rows.
inline constexpr std::size_t snapshot_bytes = 3'500'000;

struct Observed {
    std::optional<wire::State> change; ///< Nothing: the same as before.
    std::vector<wire::Event> events;
    std::optional<wire::Series> series;
    std::optional<std::string> boot_id; ///< To be remembered.
    Snapshot rows;                      ///< What is there now, for the spool.
};

/// `before` is what the spool remembers of the probe, `boot_id` the last boot it knows.
[[nodiscard]] Observed observe(wire::Probe const& probe, Result<Snapshot> seen,
                               std::optional<spool::Stored> const& before, std::optional<std::string> const& boot_id,
                               UnixMs now_ms);

/// Leaves out rows from the end until a message can carry the rest; how many went.
std::uint64_t fit(Snapshot& rows, std::size_t bytes = snapshot_bytes);

} // namespace rollcall::agent
