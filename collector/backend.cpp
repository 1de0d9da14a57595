#include "collector/backend.hpp"

#include <future>
#include <memory>
#include <utility>

namespace rollcall::collector
{

/// Starts something that ends with Done, and waits for it.
template <class T, class Start>
static api::Outcome<T> wait_for(Start start)
{
    auto const promise = std::make_shared<std::promise<pipeline::Outcome<T>>>();
    auto future = promise->get_future();
    start([promise](pipeline::Outcome<T> outcome) { promise->set_value(std::move(outcome)); });
    auto outcome = future.get();
    if (auto const* refusal = std::get_if<pipeline::Refusal>(&outcome))
        return api::from_code(refusal->code, refusal->detail, refusal->field, refusal->remedy);
    return std::get<T>(std::move(outcome));
}

PipelineBackend::PipelineBackend(DataFolder const& folder, store::Store& store, Clock const& clock)
    : folder_(folder)
    , store_(store)
    , write_check_(store, clock)
{
}

api::Outcome<store::Customer> PipelineBackend::add_customer(std::string name)
{
    return wait_for<store::Customer>([&](auto done) { pipeline_.load()->add_customer(name, std::move(done)); });
}

api::Outcome<api::MadeToken> PipelineBackend::add_token(std::string customer_id, std::int64_t uses,
                                                        std::int64_t expires_in_s)
{
    auto made = wait_for<pipeline::MadeToken>(
        [&](auto done) { pipeline_.load()->add_token(std::move(customer_id), uses, expires_in_s, std::move(done)); });
    if (!made) return made.error();
    return api::MadeToken{.token = std::move(made->token), .secret = std::move(made->secret)};
}

api::Outcome<store::EnrolmentToken> PipelineBackend::revoke_token(std::string id)
{
    return wait_for<store::EnrolmentToken>(
        [&](auto done) { pipeline_.load()->revoke_token(std::move(id), std::move(done)); });
}

api::Outcome<api::Ordered> PipelineBackend::organise(api::Order order)
{
    return wait_for<api::Ordered>([&](auto done) { pipeline_.load()->organise(std::move(order), std::move(done)); });
}

api::Outcome<store::UpdatePolicy> PipelineBackend::set_update_policy(store::Scope scope, std::string owner,
                                                                     store::UpdatePolicy policy)
{
    return wait_for<store::UpdatePolicy>([&](auto done) {
        pipeline_.load()->set_update_policy(std::move(scope), std::move(owner), std::move(policy), std::move(done));
    });
}

api::Outcome<store::ReleaseNote> PipelineBackend::let_release_go_on(std::string version)
{
    return wait_for<store::ReleaseNote>(
        [&](auto done) { pipeline_.load()->let_release_go_on(std::move(version), std::move(done)); });
}

api::Outcome<store::Device> PipelineBackend::retry_update(store::Scope scope, std::string device_id)
{
    return wait_for<store::Device>(
        [&](auto done) { pipeline_.load()->retry_update(std::move(scope), std::move(device_id), std::move(done)); });
}

void PipelineBackend::look_at_name(std::string technician_id)
{
    pipeline_.load()->look_at_name(std::move(technician_id));
}

api::Outcome<std::vector<rules::AlertResult>> PipelineBackend::work_on_alerts(std::vector<rules::AlertTarget> targets,
                                                                              rules::AlertWish wish,
                                                                              rules::AlertWorker worker)
{
    return wait_for<std::vector<rules::AlertResult>>([&](auto done) {
        pipeline_.load()->work_on_alerts(std::move(targets), std::move(wish), std::move(worker), std::move(done));
    });
}

api::Outcome<wire::EnrolAnswer> PipelineBackend::enrol(wire::EnrolRequest request, std::string remote)
{
    return wait_for<wire::EnrolAnswer>(
        [&](auto done) { pipeline_.load()->enrol(std::move(request), std::move(remote), std::move(done)); });
}

/// A damaged page does not count: it does not heal, and all that lies elsewhere can be stored and read. The log and
/// rollcall_store_damaged tell of it.
Result<> PipelineBackend::ready()
{
    if (!gateway_) return fail(errc::not_yet_read, "the collector is starting or stopping");
    if (auto const enough = folder_.check_space(); !enough) return enough.error();
    if (auto const written = write_check_.answer(); !written) return fail(written.error(), "the store takes nothing");
    return {};
}

std::vector<api::Figure> PipelineBackend::figures() const
{
    std::vector<api::Figure> all;
    auto const add = [&](std::string_view name, std::string_view type, std::string_view help, std::uint64_t value) {
        all.push_back({name, type, help, static_cast<double>(value)});
    };
    auto const flow = pipeline_.load()->figures();
    add("rollcall_devices_connected", "gauge", "Devices with an open connection.", flow.connected_devices);
    add("rollcall_records_stored_total", "counter", "Records of devices, after their commit.", flow.records_stored);
    add("rollcall_records_repeated_total", "counter", "Records that had been stored before.", flow.records_repeated);
    add("rollcall_series_values_stored_total", "counter", "Values of series, after their commit.",
        flow.series_values_stored);
    add("rollcall_gaps_total", "counter", "Ranges of records that were lost.", flow.gaps);
    add("rollcall_resyncs_total", "counter", "Changes that did not fit what was stored.", flow.resyncs);
    add("rollcall_alerts_opened_total", "counter", "Alerts opened.", flow.alerts_opened);
    add("rollcall_alerts_resolved_total", "counter", "Alerts resolved.", flow.alerts_resolved);
    add("rollcall_commits_failed_total", "counter", "Works that the store could not keep.", flow.commits_failed);
    add("rollcall_backlog", "gauge", "Records that wait because the store's queue is full.", flow.backlog);
    if (auto const* upkeep = upkeep_.load()) {
        auto const kept = upkeep->figures();
        auto const deleted = [&](store::Expiring kind) { return kept.deleted[static_cast<std::size_t>(kind)]; };
        add("rollcall_deleted_state_changes_total", "counter", "Past state rows deleted for their age.",
            deleted(store::Expiring::state_changes));
        add("rollcall_deleted_alerts_total", "counter", "Resolved alerts deleted for their age.",
            deleted(store::Expiring::alerts));
        add("rollcall_deleted_events_total", "counter", "Events deleted for their age.",
            deleted(store::Expiring::events));
        add("rollcall_deleted_gaps_total", "counter", "Gaps deleted for their age.", deleted(store::Expiring::gaps));
        add("rollcall_deleted_actions_total", "counter", "What people did to devices, deleted for its age.",
            deleted(store::Expiring::actions));
        add("rollcall_deleted_reading_blocks_total", "counter", "Blocks of readings deleted for their age.",
            deleted(store::Expiring::readings));
        add("rollcall_deleted_rollup_blocks_total", "counter", "Blocks of roll-ups deleted for their age.",
            deleted(store::Expiring::five_minutes) + deleted(store::Expiring::hours) + deleted(store::Expiring::days));
        add("rollcall_sealed_readings_total", "counter", "Readings of series sealed into blocks.",
            kept.sealed_readings);
        add("rollcall_sealed_values_total", "counter", "Values of these readings.", kept.sealed_values);
        add("rollcall_upkeep_waiting", "gauge", "Works of the upkeep that are known and not done.", kept.waiting);
        // Negative where it shrinks; left out while it is not known.
        if (kept.bytes_per_day)
            all.push_back(
                {"rollcall_store_growth_bytes_per_day", "gauge", "How fast the database grows.", *kept.bytes_per_day});
        add("rollcall_upkeep_failures_total", "counter", "Steps of the upkeep that failed.", kept.failures);
        add("rollcall_upkeep_clock_ahead", "gauge", "1: the clock leapt ahead, so nothing is deleted for its age.",
            kept.clock_ahead ? 1 : 0);
    }
    add("rollcall_store_damaged", "gauge", "1: something in the database could not be read since the start.",
        store_.damage() ? 0 : 1);
    if (auto const ends_ms = browser_certificate_ends_ms_.load(); ends_ms != 0)
        add("rollcall_browser_certificate_expires_seconds", "gauge", "End of the browsers' certificate, Unix time.",
            static_cast<std::uint64_t>(ends_ms / 1000));
    if (auto const* gateway = gateway_.load()) {
        auto const wire = gateway->counters();
        add("rollcall_connections_accepted_total", "counter", "Connections accepted.", wire.accepted);
        add("rollcall_connections_refused_total", "counter", "Connections refused for their number.",
            wire.refused_total + wire.refused_per_address);
        add("rollcall_handshakes_open", "gauge", "Connections that are being set up.", wire.open_handshakes);
        add("rollcall_agents_open", "gauge", "Open connections of agents.", wire.open_agents);
        add("rollcall_browsers_open", "gauge", "Open connections of browsers and programs.", wire.open_browsers);
        add("rollcall_live_open", "gauge", "Open live feeds.", wire.open_live);
        add("rollcall_agent_messages_in_total", "counter", "Messages of agents.", wire.agent_messages_in);
        add("rollcall_agent_messages_out_total", "counter", "Messages to agents.", wire.agent_messages_out);
        add("rollcall_agent_messages_refused_total", "counter", "Messages malformed or too long.",
            wire.agent_messages_refused);
        add("rollcall_live_messages_total", "counter", "Messages on live feeds.", wire.live_messages_out);
        add("rollcall_http_requests_total", "counter", "HTTP requests.", wire.http_requests);
        add("rollcall_bytes_in_total", "counter", "TLS bytes received.", wire.bytes_in);
        add("rollcall_bytes_out_total", "counter", "TLS bytes sent.", wire.bytes_out);
    }
    return all;
}

} // namespace rollcall::collector
