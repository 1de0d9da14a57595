#include "collector/pipeline/pipeline.hpp"

#include <utility>

#include "collector/pipeline/acks.hpp"
#include "collector/pipeline/alert_work.hpp"
#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/greetings.hpp"
#include "collector/pipeline/identity.hpp"
#include "collector/pipeline/judge.hpp"
#include "collector/pipeline/offers.hpp"
#include "collector/pipeline/organisation.hpp"
#include "collector/pipeline/presence.hpp"
#include "collector/pipeline/purges.hpp"
#include "collector/pipeline/records.hpp"
#include "collector/pipeline/renewals.hpp"
#include "collector/pipeline/requests.hpp"
#include "collector/pipeline/roster.hpp"
#include "collector/pipeline/rounds.hpp"
#include "collector/pipeline/separations.hpp"
#include "collector/pipeline/works.hpp"

namespace rollcall::pipeline
{

/// In the order in which they are made; each may call those above it.
struct Pipeline::Parts {
    explicit Parts(Options given)
        : options(std::move(given))
    {
    }

    /// After each group of works.
    void answer()
    {
        auto change = works.take_change();
        acks.send(change);
        if (!is_empty(change)) options.projection.announce(change);
    }

    Options options;
    Counters counters;
    Presence presence{options.projection, options.clock};
    Judge judge{options.profile, options.projection, presence, options.clock, counters};
    Works works{options.store, judge, counters};
    Acks acks{presence, options.clock, counters};
    Purges purges{works};
    Roster roster{options.projection, presence, judge, purges, options.clock, options.close_device};
    Identity identity{presence, options.clock};
    Offers offers{works, presence, options.projection, options.board, options.clock, options.pace};
    Greetings greetings{works, identity, presence, judge, offers, options.clock, counters};
    Renewals renewals{works, identity, options.sign};
    Separations separations{works, identity, presence, roster, options.sign, options.clock};
    Records records{works, presence, judge, acks, offers, options.projection, options.clock, counters};
    AlertWork alert_work{judge, options.clock};
    Requests requests{works, roster, offers, alert_work, options.projection, options.sign, options.clock};
    Organisation organisation{works, judge, roster, options.projection, options.clock};
    Rounds rounds{options.store, works, judge, presence, offers, purges, options.projection, options.clock};
    bool stopped = false;
};

Pipeline::Pipeline(std::shared_ptr<Parts> parts)
    : parts_(std::move(parts))
{
}

Pipeline::~Pipeline() { stop(); }

Result<std::unique_ptr<Pipeline>> Pipeline::start(Options options)
{
    auto parts = std::make_shared<Parts>(std::move(options));
    parts->works.belong_to(parts);
    // On the writer, since alerts of items that the profile no longer has are resolved here.
    auto const loaded = parts->options.store.write([parts](sqlite::Database& db) -> Result<> {
        if (auto known = parts->roster.load(db); !known) return known;
        return parts->offers.load(db);
    });
    if (!loaded) return fail(loaded.error(), "pipeline");
    parts->options.store.on_group_done([parts] { parts->answer(); });
    if (parts->options.tick_every.count() > 0) parts->rounds.start(parts->options.tick_every);
    return std::unique_ptr<Pipeline>(new Pipeline(std::move(parts)));
}

void Pipeline::stop()
{
    if (std::exchange(parts_->stopped, true)) return;
    parts_->purges.stop();
    parts_->rounds.stop();
    parts_->options.store.on_group_done({});
    // What waits was never acknowledged: the agents send it again.
    parts_->works.drop_backlog();
}

void Pipeline::connected(gateway::AgentPeer const& peer, wire::Hello hello,
                         std::shared_ptr<gateway::AgentSocket> socket)
{
    parts_->greetings.connected(peer, std::move(hello), std::move(socket));
}

void Pipeline::renew(gateway::AgentPeer const& peer, wire::Renew renew, std::shared_ptr<gateway::AgentSocket> socket)
{
    parts_->renewals.renew(peer, std::move(renew), std::move(socket));
}

void Pipeline::separate(gateway::AgentPeer const& peer, wire::Separate separate,
                        std::shared_ptr<gateway::AgentSocket> socket)
{
    parts_->separations.separate(peer, std::move(separate), std::move(socket));
}

bool Pipeline::received(gateway::AgentPeer const& peer, wire::FromAgent message, std::function<void()> resume)
{
    return parts_->records.received(peer, std::move(message), std::move(resume));
}

void Pipeline::heard(gateway::AgentPeer const& peer, UnixMs peer_clock_ms)
{
    parts_->presence.heard(peer, peer_clock_ms);
}

void Pipeline::closed(gateway::AgentPeer const& peer, std::string_view reason)
{
    auto const change = parts_->presence.close(peer, reason);
    if (!change) return;
    parts_->options.projection.announce(*change);
    parts_->rounds.tell_presence(false);
}

void Pipeline::enrol(wire::EnrolRequest request, std::string remote, Done<wire::EnrolAnswer> done)
{
    parts_->requests.enrol(std::move(request), std::move(remote), std::move(done));
}

void Pipeline::add_customer(std::string const& name, Done<store::Customer> done)
{
    parts_->requests.add_customer(name, std::move(done));
}

void Pipeline::add_token(std::string customer_id, std::int64_t uses, std::int64_t expires_in_s, Done<MadeToken> done)
{
    parts_->requests.add_token(std::move(customer_id), uses, expires_in_s, std::move(done));
}

void Pipeline::revoke_token(std::string id, Done<store::EnrolmentToken> done)
{
    parts_->requests.revoke_token(std::move(id), std::move(done));
}

void Pipeline::organise(api::Order order, Done<api::Ordered> done)
{
    parts_->organisation.organise(std::move(order), std::move(done));
}

void Pipeline::set_update_policy(store::Scope scope, std::string owner, store::UpdatePolicy policy,
                                 Done<store::UpdatePolicy> done)
{
    parts_->requests.set_update_policy(std::move(scope), std::move(owner), std::move(policy), std::move(done));
}

void Pipeline::let_release_go_on(std::string version, Done<store::ReleaseNote> done)
{
    parts_->requests.let_release_go_on(std::move(version), std::move(done));
}

void Pipeline::retry_update(store::Scope scope, std::string device_id, Done<store::Device> done)
{
    parts_->requests.retry_update(std::move(scope), std::move(device_id), std::move(done));
}

void Pipeline::look_at_name(std::string technician_id) { parts_->requests.look_at_name(std::move(technician_id)); }

void Pipeline::work_on_alerts(std::vector<rules::AlertTarget> targets, rules::AlertWish wish, rules::AlertWorker worker,
                              Done<std::vector<rules::AlertResult>> done)
{
    parts_->requests.work_on_alerts(std::move(targets), std::move(wish), std::move(worker), std::move(done));
}

void Pipeline::use_releases(std::shared_ptr<updates::Shelf const> shelf)
{
    parts_->offers.use_releases(std::move(shelf));
}

void Pipeline::tick() { parts_->rounds.tick(); }

rules::Profile const& Pipeline::profile() const { return parts_->judge.profile(); }

Figures Pipeline::figures() const
{
    auto const& counters = parts_->counters;
    return {.connected_devices = parts_->presence.count_connected(),
            .records_stored = counters.records_stored,
            .records_repeated = counters.records_repeated,
            .series_values_stored = counters.series_values_stored,
            .gaps = counters.gaps,
            .resyncs = counters.resyncs,
            .alerts_opened = counters.alerts_opened,
            .alerts_resolved = counters.alerts_resolved,
            .commits_failed = counters.commits_failed,
            .backlog = parts_->works.backlog()};
}

} // namespace rollcall::pipeline
