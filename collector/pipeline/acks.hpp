#pragma once

#include <cstdint>
#include <vector>

#include "collector/pipeline/figures.hpp"
#include "collector/pipeline/presence.hpp"
#include "collector/pipeline/session.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"

namespace rollcall::pipeline
{

/// Tells devices after each group of works what of them is stored: one acknowledgement per lane, and what they have to
/// send anew.
///
/// Owns: the list of sessions that wait for it.  Threads: the writer's only.  Blocks: no.
class Acks
{
public:
    Acks(Presence& presence, Clock const& clock, Counters& counters);

    /// Something of it was committed.
    void later(SessionPtr const& session);
    /// To all of them; notes what changed for people. Acknowledgements of series may wait for the next time.
    void send(view::Change& change);

private:
    [[nodiscard]] bool may_wait(Session& session, std::uint64_t mark) const;
    void show_held_back(SessionPtr const& session, view::Change& change);

    Presence& presence_;
    Clock const& clock_;
    Counters& counters_;
    std::vector<SessionPtr> waiting_;
};

} // namespace rollcall::pipeline
