#include "collector/pipeline/greetings.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "collector/ingest/apply.hpp"
#include "collector/pipeline/limits.hpp"
#include "collector/store/store.hpp"
#include "common/core/text.hpp"
#include "common/log/log.hpp"

namespace rollcall::pipeline
{

namespace
{

constexpr std::size_t epoch_bytes = 64;

} // namespace

/// What the transaction decided.
struct Greetings::Greeted {
    Objection refused;
    wire::Welcome welcome;
    SessionPtr replaced; ///< By which the device was here.
};

Greetings::Greetings(Works& works, Identity& identity, Presence& presence, Judge& judge, Offers& offers,
                     Clock const& clock, Counters& counters)
    : works_(works)
    , identity_(identity)
    , presence_(presence)
    , judge_(judge)
    , offers_(offers)
    , clock_(clock)
    , counters_(counters)
{
}

void Greetings::connected(gateway::AgentPeer const& peer, wire::Hello hello,
                          std::shared_ptr<gateway::AgentSocket> socket)
{
    auto const session = std::make_shared<Session>();
    session->peer = peer;
    session->epoch = hello.epoch;
    session->boot_id = hello.boot_id;
    session->socket = std::move(socket);
    presence_.open(session, hello.sent_ms - clock_.now_ms());
    auto const greeted = std::make_shared<Greeted>();
    auto const job = std::make_shared<Job>();
    auto const version = hello.agent_version;
    job->body = [this, session, greeted, hello = std::move(hello)](sqlite::Database& db, Effect& effect) {
        return greet(db, effect, *session, hello, *greeted);
    };
    job->finish = [this, session, greeted, version](Result<> const& result, Effect&) {
        if (result) {
            welcome(session, *greeted, version);
            return;
        }
        break_off(*session, result.error());
        if (auto const& replaced = greeted->replaced) {
            replaced->broken = false;
            break_off(*replaced, result.error());
        }
    };
    works_.enqueue(job, {});
}

/// On the writer's thread, within the transaction.
Result<> Greetings::greet(sqlite::Database& db, Effect& effect, Session& session, wire::Hello const& hello,
                          Greeted& greeted)
{
    auto const& id = session.peer.device_id;
    greeted = {};
    std::optional<store::Device> device;
    auto refused = recognise(db, effect, session, hello, device);
    if (!refused) return refused.error();
    greeted.refused = *std::move(refused);
    if (greeted.refused) return {};

    auto const at = judge_.now();
    refused = compare_lanes(db, session, hello, at.wall_ms);
    if (!refused) return refused.error();
    greeted.refused = *std::move(refused);
    if (greeted.refused) return {};

    if (auto adopted = Identity::adopt_certificate(db, effect, session.peer, *device); !adopted) return adopted;
    auto& welcome = greeted.welcome;
    welcome.server_ms = at.wall_ms;
    welcome.event = session.marks[index_of(wire::Lane::event)];
    welcome.state = session.marks[index_of(wire::Lane::state)];
    welcome.series = session.marks[index_of(wire::Lane::series)];
    auto const statuses = store::probe_statuses(db, id);
    if (!statuses) return statuses.error();
    welcome.need = ingest::needed(hello.digests, *statuses);
    auto const version = clean_text(hello.agent_version, word_bytes);
    if (auto kept = store::set_last_seen(db, id, at.wall_ms, version); !kept) return kept;
    if (auto kept = store::set_remote(db, id, session.peer.remote); !kept) return kept;
    if (auto judged = judge_.greet(db, effect, *device, hello.digests, welcome.need, at); !judged) return judged;

    session.accepted = true;
    greeted.replaced = presence_.session_of(id);
    // Whatever the old connection still says comes after what the new one has been told is stored.
    if (greeted.replaced) greeted.replaced->broken = true;
    note(effect.change, id, device->location());
    return {};
}

/// Fills in the device whose certificate it shows.
Result<Objection> Greetings::recognise(sqlite::Database& db, Effect& effect, Session const& session,
                                       wire::Hello const& hello, std::optional<store::Device>& device)
{
    auto found = store::find_device(db, session.peer.device_id);
    if (!found) return found.error();
    device = *std::move(found);
    if (auto refused = Identity::admit(session.peer, device)) return refused;
    // Before its certificate is looked at: a copy must not renew the device's.
    auto refused = identity_.recognise(db, effect, session.peer, *device, hello);
    if (!refused || *refused) return refused;
    return unfit(session.peer, hello);
}

/// What keeps a device that may speak from beginning a session.
Objection Greetings::unfit(gateway::AgentPeer const& peer, wire::Hello const& hello) const
{
    if (peer.expires_ms <= clock_.now_ms())
        return refuse_device("certificate_expired",
                             "The agent renews it by itself. If this stays: enrol again with a new token.");
    if (hello.protocol < wire::protocol)
        return refuse_device("protocol", "Install an agent of this collector's version.");
    if (hello.epoch.empty() || hello.epoch.size() > epoch_bytes || !is_utf8(hello.epoch))
        return refuse_device("message", fmt::format("hello.epoch: 1 to {} bytes.", epoch_bytes));
    return std::nullopt;
}

/// What the agent holds beside what is stored. The session knows both then.
Result<Objection> Greetings::compare_lanes(sqlite::Database& db, Session& session, wire::Hello const& hello,
                                           UnixMs now_ms)
{
    session.numbers_differ = false;
    std::array<wire::LaneRange, 3> const ranges{hello.event, hello.state, hello.series};
    for (auto const lane : all_lanes) {
        auto const range = ranges[index_of(lane)];
        if (std::max(range.first, range.next) > static_cast<std::uint64_t>(INT64_MAX) / 2)
            return Objection(refuse_device("message", "hello: a sequence is out of range."));
        if (auto compared = compare_lane(db, session, lane, range, now_ms); !compared) return compared.error();
    }
    session.stored = session.marks;
    return Objection();
}

Result<> Greetings::compare_lane(sqlite::Database& db, Session& session, wire::Lane lane, wire::LaneRange range,
                                 UnixMs now_ms)
{
    auto const& id = session.peer.device_id;
    auto const mark = store::high_water(db, id, session.epoch, lane);
    if (!mark) return mark.error();
    auto const greeting = ingest::greet(lane, *mark, range, now_ms);
    session.numbers_differ = session.numbers_differ || greeting.agent_behind;
    if (greeting.agent_behind)
        log::warning("agent.behind",
                     {{"device", id}, {"lane", wire::to_string(lane)}, {"mark", *mark}, {"next", range.next}});
    if (greeting.missing)
        if (auto kept = add_gap(db, counters_, session, *greeting.missing); !kept) return kept;
    if (greeting.mark != *mark)
        if (auto kept = store::set_high_water(db, id, session.epoch, lane, greeting.mark); !kept) return kept;
    session.marks[index_of(lane)] = greeting.mark;
    session.promised[index_of(lane)] = range.next == 0 ? 0 : range.next - 1;
    return {};
}

/// After the commit.
void Greetings::welcome(SessionPtr const& session, Greeted const& greeted, std::string const& agent_version)
{
    auto const& id = session->peer.device_id;
    if (greeted.refused) {
        log::warning("agent.refused",
                     {{"device", id}, {"remote", session->peer.remote}, {"reason", greeted.refused->reason}});
        session->socket->refuse(*greeted.refused);
        return;
    }
    auto const replaced = presence_.welcome(session, greeted.replaced, agent_version);
    if (replaced && replaced != session) {
        log::warning("agent.replaced", {{"device", id},
                                        {"connection", replaced->peer.connection},
                                        {"by", session->peer.connection},
                                        {"remote", session->peer.remote}});
        replaced->socket->refuse(
            refuse_device("replaced", "Another connection with this device's certificate took over."));
    }
    session->socket->send(greeted.welcome);
    offers_.greeted(id);
}

} // namespace rollcall::pipeline
