#include <algorithm>

#include "collector/view/api/arranging.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/routes.hpp"

namespace rollcall::api
{

static Outcome<DeviceRow> edit_device(Services& services, Call& call, DeviceEdit const& body)
{
    auto const now = [&] { return services.projection.device(call.scope(), call.path[0], asker(call)); };
    auto const done = organise(services, call,
                               EditDevice{.id = call.path[0],
                                          .assigned_name = body.assigned_name,
                                          .folder_id = body.folder_id.value_or(""),
                                          .monitored = body.monitored,
                                          .version = body.version});
    if (!done) return refusal(done.error(), now);
    auto row = now();
    if (!row) return not_found("device");
    return *std::move(row);
}

static Outcome<BulkAnswer> shown(Outcome<Ordered> const& done)
{
    if (!done) return done.error();
    BulkAnswer answer;
    for (auto const& verdict : done->verdicts) {
        answer.items.push_back({.id = verdict.id, .done = verdict.refused.empty(), .reason = verdict.refused});
        answer.done += verdict.refused.empty() ? 1 : 0;
    }
    return answer;
}

static Outcome<BulkAnswer> move_devices(Services& services, Call& call, DeviceMove const& body)
{
    return shown(organise(
        services, call,
        MoveDevices{.ids = body.ids, .customer_id = body.customer_id, .folder_id = body.folder_id.value_or("")}));
}

static Outcome<BulkAnswer> monitor_devices(Services& services, Call& call, DeviceMonitoring const& body)
{
    return shown(organise(services, call, MonitorDevices{.ids = body.ids, .monitored = body.monitored}));
}

static Outcome<BulkAnswer> retire_devices(Services& services, Call& call, DeviceIds const& body)
{
    return shown(organise(services, call, RetireDevices{body.ids}));
}

static Outcome<BulkAnswer> restore_devices(Services& services, Call& call, DeviceIds const& body)
{
    return shown(organise(services, call, RestoreDevices{body.ids}));
}

/// What would be lost with each. What may not be seen is not there.
static Result<> tell_losses(Services& services, Call const& call, std::vector<std::string> const& ids,
                            PurgeAnswer& answer)
{
    return services.store.read([&](sqlite::Database& db) -> Result<> {
        answer.items.clear();
        for (auto const& id : ids) {
            auto& item = answer.items.emplace_back();
            item.id = id;
            auto const row = services.projection.device(call.scope(), id);
            if (!row) {
                item.reason = "There is no such device.";
                continue;
            }
            item.name = row->name;
            if (!row->revoked) item.reason = "Retire it first.";
            auto const loss = store::loss_of(db, id);
            if (!loss) return loss.error();
            item.states = loss->states;
            item.events = loss->events;
            item.alerts = loss->alerts;
            item.gaps = loss->gaps;
            item.curves = loss->curves;
            item.since_ms = loss->since_ms;
        }
        return {};
    });
}

static Outcome<PurgeAnswer> purge_devices(Services& services, Call& call, DevicePurge const& body)
{
    if (body.ids.empty() || body.ids.size() > limits::purged_devices)
        return bad_input("ids", std::to_string(body.ids.size()) + " devices are named.",
                         "Name 1 to " + std::to_string(limits::purged_devices) + " in one request.");
    PurgeAnswer answer{.dry_run = body.dry_run, .items = {}};
    if (auto const told = tell_losses(services, call, body.ids, answer); !told) return from_error(told.error());
    if (body.dry_run) return answer;
    auto const done = organise(services, call, PurgeDevices{body.ids});
    if (!done) return done.error();
    for (std::size_t place = 0; place < answer.items.size(); ++place) {
        answer.items[place].reason = done->verdicts[place].refused;
        answer.items[place].done = answer.items[place].reason.empty();
    }
    return answer;
}

template <class Star>
static Outcome<Nothing> star(Services& services, Call const& call, bool starred)
{
    auto const done = organise(
        services, call, Star{.favourite = {.technician_id = asker(call), .id = call.path[0]}, .starred = starred});
    if (!done) return done.error();
    return Nothing{};
}

static Outcome<Nothing> star_device(Services& services, Call& call, Nothing const&)
{
    return star<StarDevice>(services, call, true);
}

static Outcome<Nothing> unstar_device(Services& services, Call& call, Nothing const&)
{
    return star<StarDevice>(services, call, false);
}

static Outcome<Nothing> star_customer(Services& services, Call& call, Nothing const&)
{
    return star<StarCustomer>(services, call, true);
}

static Outcome<Nothing> unstar_customer(Services& services, Call& call, Nothing const&)
{
    return star<StarCustomer>(services, call, false);
}

std::vector<Route> organisation_routes()
{
    static constexpr auto device = "/api/v1/devices/{id}/favourite";
    static constexpr auto customer = "/api/v1/customers/{id}/favourite";
    return {
        make_route(Declaration{.method = "PUT",
                               .pattern = "/api/v1/devices/{id}",
                               .summary = "Change a device's name, folder, and whether it is monitored",
                               .needs = access::Permission::devices_write},
                   &edit_device),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/devices/move",
                               .summary = "Move devices to a customer and a folder of it",
                               .needs = access::Permission::devices_write},
                   &move_devices),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/devices/monitor",
                               .summary = "Monitor devices, or do not: then they raise no alerts",
                               .needs = access::Permission::devices_write},
                   &monitor_devices),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/devices/retire",
                               .summary = "End devices' right to connect; their past stays",
                               .needs = access::Permission::devices_write},
                   &retire_devices),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/devices/restore",
                               .summary = "Take retired devices back: they may connect again",
                               .needs = access::Permission::devices_write},
                   &restore_devices),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/devices/purge",
                               .summary = "Delete retired devices for ever, or say what would be lost",
                               .needs = access::Permission::devices_write},
                   &purge_devices),
        make_route(Declaration{.method = "PUT",
                               .pattern = device,
                               .summary = "Make a device one's favourite",
                               .guard = Guard::person,
                               .success = 204,
                               .needs = access::Permission::devices_read},
                   &star_device),
        make_route(Declaration{.method = "DELETE",
                               .pattern = device,
                               .summary = "Make a device no favourite of one's own",
                               .guard = Guard::person,
                               .success = 204,
                               .needs = access::Permission::devices_read},
                   &unstar_device),
        make_route(Declaration{.method = "PUT",
                               .pattern = customer,
                               .summary = "Make a customer one's favourite",
                               .guard = Guard::person,
                               .success = 204,
                               .needs = access::Permission::customers_read},
                   &star_customer),
        make_route(Declaration{.method = "DELETE",
                               .pattern = customer,
                               .summary = "Make a customer no favourite of one's own",
                               .guard = Guard::person,
                               .success = 204,
                               .needs = access::Permission::customers_read},
                   &unstar_customer),
    };
}

} // namespace rollcall::api
