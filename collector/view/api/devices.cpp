#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "collector/view/api/arranging.hpp"
#include "collector/view/api/curves.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/lists.hpp"
#include "collector/view/api/places.hpp"
#include "collector/view/api/routes.hpp"
#include "collector/view/list_columns.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::api
{

static constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

Outcome<view::DeviceQuery> device_query(Call const& call)
{
    auto const& given = call.arguments;
    view::DeviceQuery query;
    query.customer_id = given.text("customer");
    query.technician_id = asker(call);
    query.folder = given.text("folder");
    query.search = given.text("search");
    query.types = given.choices("type");
    query.availabilities = given.choices("availability");
    query.severities = given.choices("severity");
    query.categories = given.choices("category");
    // The counts come with the devices; which alerts they are does not.
    if ((!query.severities.empty() || !query.categories.empty()) &&
        !call.identity->may(access::Permission::alerts_read))
        return problem(403, "permission-required", "You may not do this",
                       "To choose devices by their alerts needs the permission 'alerts.read'.",
                       query.severities.empty() ? "category" : "severity", "Leave it out.");
    query.pending_reboot = given.boolean("pending_reboot");
    query.monitored = given.boolean("monitored");
    query.favourite = given.boolean("favourite");
    query.sort = given.text("sort");
    return query;
}

std::vector<Parameter> device_list_parameters()
{
    return {text("customer", "Id of a customer."),
            text("folder", "Id of a folder: the device lies in it or below it; none: in none."),
            text("search", "Device name, machine name or an address contains it."),
            choices("type", device_types(), "Types of the device."),
            choices("availability", {"online", "offline", "unreachable", "retired", "unknown"},
                    "Availability; where absent, all but the retired."),
            choices("severity", severities(), "Has an open alert of one of them."),
            choices("category", alert_categories(), "Has an open alert of one of them."),
            boolean("pending_reboot", "Waits for a reboot; unknown satisfies neither."),
            boolean("monitored", "Raises alerts."),
            boolean("favourite", "Is a favourite of who asks."),
            filter_parameter(),
            order(view::device_sort_keys(), "name")};
}

static Outcome<DeviceList> list_devices(Services& services, Call& call, Nothing const&)
{
    auto query = device_query(call);
    if (!query) return query.error();
    if (auto bad = read_place(call.arguments, *query)) return *std::move(bad);
    auto filter = RequestFilter::parse(call, view::device_subject());
    if (!filter) return filter.error();
    if (auto bad = filter->read(services, call, *query)) return *std::move(bad);
    auto list = services.projection.devices(call.scope(), *query, services.clock.now_ms());
    if (auto bad = filter->wrong_with_time()) return *std::move(bad);
    return list;
}

Outcome<IdList> as_answer(view::Projection::Ids found, UnixMs now_ms)
{
    if (found.total > limits::list_ids)
        return problem(400, "limit-exceeded", "A limit is reached",
                       fmt::format("{} lines match, and one answer holds {} ids.", found.total, limits::list_ids), {},
                       "Choose fewer, or walk through the list with 'after'.");
    return IdList{.ids = std::move(found.ids), .as_of_ms = now_ms};
}

static Outcome<IdList> list_device_ids(Services& services, Call& call, Nothing const&)
{
    auto query = device_query(call);
    if (!query) return query.error();
    auto filter = RequestFilter::parse(call, view::device_subject());
    if (!filter) return filter.error();
    if (auto bad = filter->read(services, call, *query)) return *std::move(bad);
    auto const now_ms = services.clock.now_ms();
    auto ids = services.projection.device_ids(call.scope(), *query, now_ms, limits::list_ids);
    if (auto bad = filter->wrong_with_time()) return *std::move(bad);
    return as_answer(std::move(ids), now_ms);
}

static Outcome<DeviceRow> read_device(Services& services, Call& call, Nothing const&)
{
    auto found = services.projection.device(call.scope(), call.path[0], asker(call));
    if (!found) return not_found("device");
    return *std::move(found);
}

/// The device must be one that may be seen and the probe one of this kind.
static Outcome<wire::Probe const*> probe_of(Services& services, Call const& call, bool series)
{
    if (!services.projection.device(call.scope(), call.path[0])) return not_found("device");
    auto const* const probe = wire::find_probe(call.path[1]);
    if (!probe || (probe->kind == wire::Kind::series) != series)
        return problem(404, "not-found", "Not found",
                       series ? "There is no series of this name." : "There is no table of this name.", "probe",
                       "GET /api/v1/probes lists all probes and their kinds.");
    return probe;
}

static Outcome<ProbeTable> table(Services& services, Call& call, Nothing const&)
{
    auto const probe = probe_of(services, call, false);
    if (!probe) return probe.error();
    auto const& given = call.arguments;
    ProbeTable answer;
    answer.probe = call.path[1];
    auto const done = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto const status = store::probe_status(db, call.path[0], answer.probe);
        if (!status) return status.error();
        if (*status) {
            answer.as_of_ms = (*status)->as_of_ms;
            answer.unknown = (*status)->unknown;
            answer.cut_rows = (*status)->cut_rows;
        } else {
            answer.unknown = to_string(errc::not_yet_read);
        }
        auto rows = store::state_rows(db, call.path[0], answer.probe, given.text("search"), given.integer("offset"),
                                      given.integer("limit"), &answer.total);
        if (!rows) return rows.error();
        for (auto& row : *rows)
            answer.rows.push_back(
                {.key = std::move(row.key), .since_ms = row.valid_from_ms, .cells = wire::to_json(row.cells)});
        return {};
    });
    if (!done) return from_error(done.error());
    return answer;
}

static Outcome<SeriesAnswer> series(Services& services, Call& call, Nothing const&)
{
    auto const probe = probe_of(services, call, true);
    if (!probe) return probe.error();
    auto const& given = call.arguments;
    auto const to_ms = given.has("to_ms") ? given.integer("to_ms") : services.clock.now_ms();
    auto const from_ms = given.has("from_ms") ? given.integer("from_ms") : to_ms - day_ms;
    if (from_ms >= to_ms)
        return bad_input("from_ms", "'from_ms' is not before 'to_ms'.", "Give a span that begins before it ends.");
    if (to_ms - from_ms > limits::series_span_ms)
        return bad_input("from_ms",
                         "The span is longer than " + std::to_string(limits::series_span_ms / day_ms) + " days.",
                         "Ask for a shorter span.");
    auto const wish = level_from(given.text("resolution"));
    if (wish && count_points(**probe, *wish, from_ms, to_ms) > limits::curve_points)
        return bad_input("resolution",
                         "The span has more than " + std::to_string(limits::curve_points) +
                             " points of this resolution.",
                         "Ask for a shorter span or a coarser resolution, or leave it out.");
    auto level = wish.value_or(
        choose_level(**probe, from_ms, to_ms, services.clock.now_ms(), given.integer("points"), services.retention));
    SeriesAnswer answer;
    auto const done = services.store.read([&](sqlite::Database& db) -> Result<> {
        for (;;) {
            auto made = read_curves(db, call.path[0], **probe, level, from_ms, to_ms);
            if (!made) return made.error();
            answer = *std::move(made);
            if (answer.left_out == 0 || wish || level == store::Level::days) return {};
            level = static_cast<store::Level>(static_cast<int>(level) + 1);
        }
    });
    if (!done) return from_error(done.error());
    return answer;
}

/// What is said of another device, the copy of this one or its original, is for who may see that one.
static EventRow shown(Services& services, Call const& call, std::string const& name, UnixMs at_ms, Row detail)
{
    if (name == "disk_copied" || name == "copied_again" || name == "made_from_copy") {
        auto const other = detail.find("device_id");
        auto const* const id = other == detail.end() ? nullptr : std::get_if<std::string>(&other->second);
        if (id == nullptr || !services.projection.device(call.scope(), *id))
            for (auto const* const told : {"device_id", "name", "remote"})
                detail.erase(told);
    }
    return {.name = name, .at_ms = at_ms, .detail = wire::to_json(detail)};
}

static Outcome<EventList> events(Services& services, Call& call, Nothing const&)
{
    if (!services.projection.device(call.scope(), call.path[0])) return not_found("device");
    EventList answer;
    auto const done = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto const found = store::events_of(db, call.path[0], call.arguments.integer("limit"));
        if (!found) return found.error();
        for (auto const& event : *found)
            answer.items.push_back(shown(services, call, event.name, event.at_ms, event.detail));
        return {};
    });
    if (!done) return from_error(done.error());
    return answer;
}

/// How many records a gap stands for; what a damaged file held nobody knows.
static std::optional<std::int64_t> lost_in(wire::Gap const& gap)
{
    if (gap.reason == "spool_corrupt" || gap.reason == "store_damaged") return std::nullopt;
    return static_cast<std::int64_t>(gap.last - gap.first + 1);
}

/// Its name as it is now; "" where there is none any more, or who asks may not see it.
static std::string customer_name(Services& services, Call const& call, std::string const& id)
{
    return services.projection.customer_name(call.scope(), id).value_or("");
}

static ActionNote shown(Services& services, Call const& call, store::DeviceAction const& action)
{
    bool const is_customer = action.what == "customer_changed";
    return {.what = action.what,
            .by = action.technician,
            .was = is_customer ? customer_name(services, call, action.was) : action.was,
            .became = is_customer ? customer_name(services, call, action.became) : action.became};
}

static TimelineEntry shown(Services& services, Call const& call, store::TimelineEntry const& entry)
{
    using store::Happened;
    TimelineEntry made{.at_ms = entry.at_ms};
    auto const state = [&](std::string what) {
        made.kind = "state";
        made.state = StateChange{.probe = entry.name,
                                 .key = entry.key,
                                 .what = std::move(what),
                                 .before = wire::to_json(entry.before),
                                 .after = wire::to_json(entry.after)};
    };
    auto const alert = [&](std::string what, std::string const& value) {
        made.kind = "alert";
        made.alert = AlertNote{.id = entry.alert.id,
                               .what = std::move(what),
                               .title = entry.alert.title,
                               .severity = severities().at(static_cast<std::size_t>(entry.alert.severity)),
                               .category = entry.alert.category,
                               .item = entry.alert.item,
                               .subject = entry.alert.subject,
                               .value = value,
                               .by = entry.alert_action.technician,
                               .text = entry.alert_action.text,
                               .until_ms = entry.alert_action.until_ms};
    };
    switch (entry.what) {
    case Happened::appeared:
        state("appeared");
        break;
    case Happened::changed:
        state("changed");
        break;
    case Happened::vanished:
        state("vanished");
        break;
    case Happened::event:
        made.kind = "event";
        made.event = shown(services, call, entry.name, entry.at_ms, entry.after);
        break;
    case Happened::gap:
        made.kind = "gap";
        made.gap = GapNote{.lane = entry.gap.lane,
                           .first = static_cast<std::int64_t>(entry.gap.first),
                           .last = static_cast<std::int64_t>(entry.gap.last),
                           .records = lost_in(entry.gap),
                           .reason = entry.gap.reason};
        break;
    case Happened::alert_opened:
        alert("opened", entry.alert.value);
        break;
    case Happened::alert_resolved:
        alert("resolved", entry.alert.latest);
        break;
    case Happened::alert_action:
        alert(entry.alert_action.what, "");
        break;
    case Happened::action:
        made.kind = "action";
        made.action = shown(services, call, entry.action);
        break;
    }
    return made;
}

/// Where the device was moved from or to, of folders that who asks may not see, is not told. They are known by the
/// names that they had then.
static void hide_folders(Services& services, Call const& call, std::string const& customer_id, Timeline& timeline)
{
    if (call.scope().sees(customer_id)) return;
    std::set<std::string, std::less<>> seen;
    for (auto const& folder : services.projection.folders(call.scope(), customer_id).items)
        seen.insert(folder.name);
    for (auto& entry : timeline.items) {
        if (!entry.action || entry.action->what != "moved") continue;
        for (auto* const name : {&entry.action->was, &entry.action->became})
            if (!seen.contains(*name)) name->clear();
    }
}

static Outcome<Timeline> timeline(Services& services, Call& call, Nothing const&)
{
    auto const device = services.projection.device(call.scope(), call.path[0]);
    if (!device) return not_found("device");
    auto const& given = call.arguments;
    auto const probes = given.choices("probe");
    auto const names = given.choices("event");
    store::TimelineWish wish{.probes = {probes.begin(), probes.end()},
                             .event_names = {names.begin(), names.end()},
                             .before = given.text("before"),
                             .limit = given.integer("limit")};
    if (auto const kinds = given.choices("kind"); !kinds.empty()) {
        wish.states = kinds.contains("state");
        wish.events = kinds.contains("event");
        wish.gaps = kinds.contains("gap");
        wish.alerts = kinds.contains("alert");
        wish.actions = kinds.contains("action");
    }
    wish.alerts = wish.alerts && call.identity->may(access::Permission::alerts_read);
    Timeline answer;
    auto const done = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto const page = store::timeline(db, call.path[0], wish);
        if (!page) return page.error();
        answer.next = page->next;
        for (auto const& entry : page->entries)
            answer.items.push_back(shown(services, call, entry));
        return {};
    });
    if (!done && done.error().code == errc::bad_input)
        return bad_input("before", "'before' is no place in a timeline.",
                         "Give `next` of the page before, or nothing.");
    if (!done) return from_error(done.error());
    hide_folders(services, call, device->customer_id, answer);
    return answer;
}

/// Those that a device's history tells of.
static std::vector<std::string> told_probes()
{
    std::vector<std::string> names;
    for (auto const& probe : wire::probes())
        if (wire::is_told(probe)) names.emplace_back(probe.name);
    return names;
}

static std::vector<std::string> event_names()
{
    std::vector<std::string> names;
    for (auto const& type : wire::event_types())
        names.emplace_back(type.name);
    return names;
}

std::vector<Route> device_routes()
{
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/devices",
                               .summary = "The Devices view",
                               .parameters = with_place(device_list_parameters()),
                               .needs = access::Permission::devices_read},
                   &list_devices),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/devices/ids",
                               .summary = "Ids of all devices that match, in the order of the Devices view",
                               .parameters = device_list_parameters(),
                               .needs = access::Permission::devices_read},
                   &list_device_ids),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/devices/{id}",
                               .summary = "One device",
                               .needs = access::Permission::devices_read},
                   &read_device),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/devices/{id}/probes/{probe}",
                               .summary = "The latest reading of a probe, row by row",
                               .parameters = {text("search", "A key or a text contains it."),
                                              integer("offset", 0, limits::offset, "0", "Rows to skip."),
                                              integer("limit", 0, limits::list_rows, "100", "Rows to return.")},
                               .needs = access::Permission::devices_read},
                   &table),
        make_route(
            Declaration{.method = "GET",
                        .pattern = "/api/v1/devices/{id}/series/{probe}",
                        .summary = "Curves of a series",
                        .parameters = {integer("from_ms", 0, 32'503'680'000'000, {},
                                               "Begin; where absent, a day before the end."),
                                       integer("to_ms", 0, 32'503'680'000'000, {}, "End; where absent, now."),
                                       integer("points", 1, limits::curve_points, "1000",
                                               "At most so many points per curve: the answer has the finest resolution "
                                               "that makes no more and is kept that long."),
                                       one_of("resolution", resolutions(), "This one, and no other.")},
                        .needs = access::Permission::devices_read},
            &series),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/devices/{id}/events",
                               .summary = "What happened on a device, newest first",
                               .parameters = {integer("limit", 1, limits::list_rows, "100", "Events to return.")},
                               .needs = access::Permission::devices_read},
                   &events),
        make_route(
            Declaration{.method = "GET",
                        .pattern = "/api/v1/devices/{id}/timeline",
                        .summary =
                            "What appeared, changed, vanished, happened, was lost, alarmed and done, newest first",
                        .parameters = {text("before", "`next` of the page before; where absent, the newest."),
                                       choices("kind", {"state", "event", "gap", "alert", "action"},
                                               "Kinds of entries; where absent, all."),
                                       choices("probe", told_probes(), "Of kind state, rows of these probes only."),
                                       choices("event", event_names(), "Of kind event, these only."),
                                       integer("limit", 1, limits::timeline_entries, "200", "Entries to return.")},
                        .needs = access::Permission::devices_read},
            &timeline),
    };
}

} // namespace rollcall::api
