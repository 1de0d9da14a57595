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
    api::DeviceRow row{.id = device.id, .name = device.shown_name(), .customer_id = device.customer_id};
    view::make_unread(row);
    row.assigned_name = device.assigned_name;
    if (!device.folder_id.empty()) row.folder_id = device.folder_id;
    row.monitored = device.monitored;
    row.version = device.version;
    row.last_seen_ms = device.last_seen_ms;
    row.agent_version = device.agent_version;
    row.enrolled_ms = device.enrolled_ms;
    row.revoked = device.revoked_ms.has_value();
    return row;
}

} // namespace

Roster::Roster(view::Projection& projection, Presence& presence, Judge& judge, Purges& purges, Clock const& clock,
               CloseDevice const& close_device)
    : projection_(projection)
    , presence_(presence)
    , judge_(judge)
    , purges_(purges)
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
    auto const folders = store::all_folders(db);
    if (!folders) return folders.error();
    for (auto const& folder : *folders)
        projection_.put_folder(folder);
    auto const devices = store::all_devices(db);
    if (!devices) return devices.error();
    for (auto const& device : *devices) {
        if (device.purged_ms) {
            purges_.add(device.id);
            continue;
        }
        if (auto loaded = load_device(db, device); !loaded) return loaded;
    }
    if (auto starred = load_favourites(db); !starred) return starred;
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
    if (!device.revoked_ms && device.monitored)
        judge_.put_device(device.id, device.customer_id, row.device_type.value.value_or(""));
    projection_.put_device(std::move(row));
    presence_.place(device);
    return {};
}

Result<> Roster::load_favourites(sqlite::Database& db)
{
    auto const devices = store::favourite_devices(db);
    if (!devices) return devices.error();
    for (auto const& favourite : *devices)
        projection_.set_favourite_device(favourite, true);
    auto const customers = store::favourite_customers(db);
    if (!customers) return customers.error();
    for (auto const& favourite : *customers)
        projection_.set_favourite_customer(favourite, true);
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
    if (device.monitored) judge_.put_device(device.id, device.customer_id, "");
    presence_.place(device);
}

void Roster::retire(std::string const& device_id)
{
    projection_.update_device(device_id, [](api::DeviceRow& row) {
        row.revoked = true;
        ++row.version;
    });
    disconnect(device_id, "revoked", "Ask whoever is in charge; enrol again with a new token.");
    presence_.retire(device_id);
}

void Roster::restore(std::string const& device_id)
{
    projection_.update_device(device_id, [](api::DeviceRow& row) {
        row.revoked = false;
        ++row.version;
    });
    presence_.restore(device_id);
}

void Roster::place(store::Device const& device)
{
    projection_.update_device(device.id, [&](api::DeviceRow& row) {
        row.customer_id = device.customer_id;
        row.name = device.shown_name();
        row.assigned_name = device.assigned_name;
        row.folder_id.reset();
        if (!device.folder_id.empty()) row.folder_id = device.folder_id;
        row.monitored = device.monitored;
        row.version = device.version;
    });
    presence_.move(device.id, device.customer_id);
    judge_.look_again(device.id);
}

void Roster::remove(std::string const& device_id)
{
    presence_.remove(device_id);
    projection_.remove_device(device_id);
    purges_.add(device_id);
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
