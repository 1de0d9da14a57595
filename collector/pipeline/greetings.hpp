#pragma once

#include <memory>
#include <optional>
#include <string>

#include "collector/gateway/ports.hpp"
#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/figures.hpp"
#include "collector/pipeline/identity.hpp"
#include "collector/pipeline/judge.hpp"
#include "collector/pipeline/offers.hpp"
#include "collector/pipeline/presence.hpp"
#include "collector/pipeline/session.hpp"
#include "collector/pipeline/works.hpp"
#include "collector/store/records.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::pipeline
{

/// From a device's hello to its welcome: may it speak, what does it hold that we lack, what do we hold that it lost.
///
/// Owns: nothing.  Threads: any.  Blocks: no: the socket is answered after the commit.
class Greetings
{
public:
    Greetings(Works& works, Identity& identity, Presence& presence, Judge& judge, Offers& offers, Clock const& clock,
              Counters& counters);

    void connected(gateway::AgentPeer const& peer, wire::Hello hello, std::shared_ptr<gateway::AgentSocket> socket);

private:
    struct Greeted;

    Result<> greet(sqlite::Database& db, Effect& effect, Session& session, wire::Hello const& hello, Greeted& greeted);
    Result<Objection> recognise(sqlite::Database& db, Effect& effect, Session const& session, wire::Hello const& hello,
                                std::optional<store::Device>& device);
    [[nodiscard]] Objection unfit(gateway::AgentPeer const& peer, wire::Hello const& hello) const;
    Result<Objection> compare_lanes(sqlite::Database& db, Session& session, wire::Hello const& hello, UnixMs now_ms);
    Result<> compare_lane(sqlite::Database& db, Session& session, wire::Lane lane, wire::LaneRange range,
                          UnixMs now_ms);
    void welcome(SessionPtr const& session, Greeted const& greeted, std::string const& agent_version);

    Works& works_;
    Identity& identity_;
    Presence& presence_;
    Judge& judge_;
    Offers& offers_;
    Clock const& clock_;
    Counters& counters_;
};

} // namespace rollcall::pipeline
