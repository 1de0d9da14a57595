#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "collector/gateway/ports.hpp"
#include "collector/pipeline/clock_offset.hpp"
#include "collector/pipeline/figures.hpp"
#include "collector/pipeline/throttle.hpp"
#include "collector/view/api/resources.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::pipeline
{

inline constexpr std::array all_lanes{wire::Lane::event, wire::Lane::state, wire::Lane::series};
/// Its place in an array with one entry per lane.
[[nodiscard]] std::size_t index_of(wire::Lane lane);

/// A device's connection, from its hello to its end and the end of what it said.
///
/// Owns: its socket.  Threads: as each group of members says.  Blocks: no.
struct Session {
    // Set before anybody else knows it:
    gateway::AgentPeer peer;
    std::string epoch;
    std::string boot_id;
    std::shared_ptr<gateway::AgentSocket> socket;

    // Any thread:
    Throttle throttle;

    // Under the lock of Presence:
    bool closed = false;
    bool welcomed = false; ///< The device was here by it.
    ClockOffset offset;

    // The writer's thread only:
    bool accepted = false; ///< The greeting has gone through.
    bool broken = false;   ///< Replaced, or a record could not be stored: nothing after it may be.
    std::array<std::uint64_t, 3> marks{};
    std::array<std::uint64_t, 3> promised{}; ///< Of each lane the last number that the hello spoke of.
    std::array<std::uint64_t, 3> stored{};   ///< The marks as they are committed.
    bool numbers_differ = false;             ///< The agent begins a new epoch: its numbers say nothing.
    std::optional<api::HeldBack> held_back;  ///< As it is shown.
    std::array<std::optional<std::uint64_t>, 3> acknowledge{};
    std::set<std::string> resync;
    std::uint64_t series_answered = 0; ///< The last acknowledgement of that lane, and when.
    std::optional<std::chrono::milliseconds> series_answered_at;
};
using SessionPtr = std::shared_ptr<Session>;

[[nodiscard]] wire::Refused refuse_device(std::string_view reason, std::string_view remedy);

/// The store could not keep what it said: nothing after it is taken, the agent keeps it and comes again. Once per
/// session. The writer's thread only.
void break_off(Session& session, Error const& error);

/// What the device held when it said hello and has not come yet. The writer's thread only.
[[nodiscard]] std::optional<api::HeldBack> held_back(Session const& session);

/// Records that were lost: noted, counted and logged. On the writer's thread, within the transaction.
Result<> add_gap(sqlite::Database& db, Counters& counters, Session const& session, wire::Gap const& gap);

} // namespace rollcall::pipeline
