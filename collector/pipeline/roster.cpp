#include "collector/pipeline/roster.hpp"

#include <algorithm>
#include <utility>

#include "collector/pipeline/limits.hpp"
#include "collector/pipeline/session.hpp"
#include "collector/store/store.hpp"
#include "collector/view/derive.hpp"
#include "common/log/log.hpp"

namespace rollcall::pipeline
{

namespace
{

/// As it is before anything was read of it.
api::DeviceRow unread_row(store::Device const& device)
{
    api::DeviceRow row{.id = device.id, .name = device.name, .customer_id = device.customer_id};
    view::make_unread(row);
    row.last_seen_ms = device.last_seen_ms;
    row.agent_version = device.agent_version;
    row.enrolled_ms = device.enrolled_ms;
    row.revoked = device.revoked_ms.has_value();
    return row;
}

} // namespace

Roster::Roster(view::Projection& projection, Presence& presence, Judge& judge, Clock const& clock,
               CloseDevice const& close_device)
    : projection_(projection)
    , presence_(presence)
    , judge_(judge)
    , clock_(clock)
    , close_device_(close_device)
{
}

Result<> Roster::load(sqlite::Database& db)
{
    auto const customers = store::all_customers(db);
    if (!customers) return customers.error();
    for (auto const& customer : *customers)
        projection_.put_customer(customer);
    auto const devices = store::all_devices(db);
    if (!devices) return devices.error();
    for (auto const& device : *devices)
        if (auto loaded = load_device(db, device); !loaded) return loaded;
    auto const alerts = judge_.load(db, clock_.now_ms() - resolved_shown_for.count());
    if (!alerts) return alerts.error();
    log::info("pipeline.loaded", {{"customers", customers->size()}, {"devices", devices->size()}, {"alerts", *alerts}});
    return {};
}

Result<> Roster::load_device(sqlite::Database& db, store::Device const& device)
{
    auto row = unread_row(device);
    auto const statuses = store::probe_statuses(db, device.id);
    if (!statuses) return statuses.error();
    auto const& derived = view::derived_state_probes();
    for (auto const& status : *statuses) {
        if (std::ranges::find(derived, status.probe) == derived.end()) continue;
        auto const rows = store::state_snapshot(db, device.id, status.probe);
        if (!rows) return rows.error();
        view::derive_state(row, status, *rows);
    }
    for (auto const probe : view::derived_series_probes()) {
        auto const latest = store::latest_series(db, device.id, probe);
        if (!latest) return latest.error();
        if (*latest) view::derive_series(row, probe, (*latest)->samples, (*latest)->taken_ms);
    }
    if (!device.revoked_ms) judge_.put_device(device.id, device.customer_id, row.device_type.value.value_or(""));
    projection_.put_device(std::move(row));
    presence_.place(device);
    return {};
}

void Roster::install(store::Device const& device, bool again, std::string const& remote)
{
    if (again) {
        warn_of_takeover(device.id, remote);
        disconnect(device.id, "replaced", "This device was enrolled again: its new certificate counts.");
        projection_.update_device(device.id, [&](api::DeviceRow& row) {
            row.enrolled_ms = device.enrolled_ms;
            row.agent_version = device.agent_version;
        });
        return;
    }
    projection_.put_device(unread_row(device));
    judge_.put_device(device.id, device.customer_id, "");
    presence_.place(device);
}

void Roster::retire(std::string const& device_id)
{
    projection_.update_device(device_id, [](api::DeviceRow& row) { row.revoked = true; });
    disconnect(device_id, "revoked", "Ask whoever is in charge; enrol again with a new token.");
    presence_.retire(device_id);
}

/// A machine that is being installed anew is not connected: either somebody enrolled it twice, or somebody else with a
/// valid token gave out its hardware identity as his own.
void Roster::warn_of_takeover(std::string const& device_id, std::string const& remote) const
{
    auto const session = presence_.session_of(device_id);
    if (!session) return;
    log::warning("device.enrolled_while_connected",
                 {{"device", device_id}, {"connected_from", session->peer.remote}, {"remote", remote}});
}

/// Closes the device's connection, if it has one.
void Roster::disconnect(std::string const& device_id, std::string_view reason, std::string_view remedy) const
{
    if (auto const session = presence_.session_of(device_id)) {
        session->broken = true;
        session->socket->refuse(refuse_device(reason, remedy));
    }
    if (close_device_) close_device_(device_id);
}

} // namespace rollcall::pipeline
