#include "collector/pipeline/acks.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "common/wire/limits.hpp"

namespace rollcall::pipeline
{

Acks::Acks(Presence& presence, Clock const& clock, Counters& counters)
    : presence_(presence)
    , clock_(clock)
    , counters_(counters)
{
}

void Acks::later(SessionPtr const& session)
{
    if (std::ranges::find(waiting_, session) == waiting_.end()) waiting_.push_back(session);
}

void Acks::send(view::Change& change)
{
    for (auto const& session : std::exchange(waiting_, {})) {
        show_held_back(session, change);
        for (auto const lane : all_lanes) {
            auto& mark = session->acknowledge[index_of(lane)];
            if (!mark || (lane == wire::Lane::series && may_wait(*session, *mark))) continue;
            session->socket->send(wire::Ack{.lane = std::string(wire::to_string(lane)), .sequence = *mark});
            mark.reset();
        }
        if (!session->resync.empty()) {
            auto probes = std::exchange(session->resync, {});
            counters_.resyncs += probes.size();
            session->socket->send(wire::Resync{.probes = {probes.begin(), probes.end()}});
        }
    }
}

/// The first of a session is answered at once, since it tells the agent that all is well.
bool Acks::may_wait(Session& session, std::uint64_t mark) const
{
    auto const steady = clock_.steady();
    if (session.series_answered_at && mark - session.series_answered < wire::limits::series_ack_records &&
        steady - *session.series_answered_at < wire::limits::series_ack_every)
        return true;
    session.series_answered = mark;
    session.series_answered_at = steady;
    return false;
}

void Acks::show_held_back(SessionPtr const& session, view::Change& change)
{
    auto const held = held_back(*session);
    if (held == session->held_back) return;
    session->held_back = held;
    presence_.set_held_back(session, held, change);
}

} // namespace rollcall::pipeline
