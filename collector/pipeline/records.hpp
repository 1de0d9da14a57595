#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "collector/gateway/ports.hpp"
#include "collector/pipeline/acks.hpp"
#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/figures.hpp"
#include "collector/pipeline/judge.hpp"
#include "collector/pipeline/offers.hpp"
#include "collector/pipeline/presence.hpp"
#include "collector/pipeline/works.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::pipeline
{

/// What devices say, lane by lane: placed by its numbers, stored, judged and shown; what is missing or can never be
/// stored becomes a gap.
///
/// Owns: nothing but the names that it has logged once.  Threads: any.  Blocks: no.
class Records
{
public:
    Records(Works& works, Presence& presence, Judge& judge, Acks& acks, Offers& offers, view::Projection& projection,
            Clock const& clock, Counters& counters);

    /// False: the store's queue is full, or too much of it is this device's. The message has been taken all the same
    /// and is kept in order; read no further from this socket until `resume` is called (any thread).
    bool received(gateway::AgentPeer const& peer, wire::FromAgent message, std::function<void()> resume);

private:
    struct Record;

    Result<> take(sqlite::Database& db, Effect& effect, Record& record);
    Result<> take_content(sqlite::Database& db, Effect& effect, Record& record);
    Result<> take_state(sqlite::Database& db, Effect& effect, Record const& record, wire::State const& state);
    Result<> take_series(sqlite::Database& db, Effect& effect, Record const& record, wire::Series& series);
    Result<> take_event(sqlite::Database& db, Effect& effect, Record const& record, wire::Event& event);
    Result<> take_gap(sqlite::Database& db, Record const& record, wire::Gap gap);
    Result<> take_checked(sqlite::Database& db, Effect& effect, Record const& record, wire::Checked const& checked);
    Result<> spoilt(sqlite::Database& db, Record const& record, std::string_view error);
    Result<> foreign(Record const& record, std::string_view name);
    void touch(Effect& effect, Record const& record, std::function<void(api::DeviceRow&)> change) const;

    Works& works_;
    Presence& presence_;
    Judge& judge_;
    Acks& acks_;
    Offers& offers_;
    view::Projection& projection_;
    Clock const& clock_;
    Counters& counters_;

    // The writer's thread only:
    std::unordered_set<std::string> told_foreign_; ///< Probes and events of newer agents, each logged once.
};

} // namespace rollcall::pipeline
