#include "collector/pipeline/session.hpp"

#include <utility>

#include "collector/store/store.hpp"
#include "common/log/log.hpp"

namespace rollcall::pipeline
{

std::size_t index_of(wire::Lane lane) { return static_cast<std::size_t>(lane); }

wire::Refused refuse_device(std::string_view reason, std::string_view remedy)
{
    return {.reason = std::string(reason), .remedy = std::string(remedy)};
}

void break_off(Session& session, Error const& error)
{
    if (std::exchange(session.broken, true)) return;
    log::error("agent.not_stored", {{"device", session.peer.device_id}, {"error", error}});
    session.socket->refuse(refuse_device(wire::refused_storage,
                                         "The collector cannot store data now. The agent keeps it and tries again."));
}

std::optional<api::HeldBack> held_back(Session const& session)
{
    if (session.numbers_differ) return std::nullopt;
    auto const waiting = [&](wire::Lane lane) {
        auto const promised = session.promised[index_of(lane)];
        auto const stored = session.stored[index_of(lane)];
        return promised > stored ? static_cast<std::int64_t>(promised - stored) : 0;
    };
    return api::HeldBack{.events = waiting(wire::Lane::event), .readings = waiting(wire::Lane::series)};
}

Result<> add_gap(sqlite::Database& db, Counters& counters, Session const& session, wire::Gap const& gap)
{
    ++counters.gaps;
    log::warning("agent.gap", {{"device", session.peer.device_id},
                               {"lane", gap.lane},
                               {"first", gap.first},
                               {"last", gap.last},
                               {"reason", gap.reason}});
    return store::add_gap(db, session.peer.device_id, session.epoch, gap);
}

} // namespace rollcall::pipeline
