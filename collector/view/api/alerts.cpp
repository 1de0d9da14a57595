#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "collector/view/api/curves.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/lists.hpp"
#include "collector/view/api/places.hpp"
#include "collector/view/api/routes.hpp"
#include "collector/view/list_columns.hpp"
#include "common/core/text.hpp"

namespace rollcall::api
{

// --- reading ---------------------------------------------------------------------------------------------------------

view::AlertQuery alert_query(Arguments const& given)
{
    view::AlertQuery query;
    query.customer_id = given.text("customer");
    query.device_id = given.text("device");
    query.search = given.text("search");
    query.assigned_id = given.text("assigned");
    query.severities = given.choices("severity");
    query.statuses = given.choices("status");
    query.categories = given.choices("category");
    query.types = given.choices("type");
    query.sort = given.text("sort");
    return query;
}

std::vector<Parameter> alert_list_parameters()
{
    return {text("customer", "Id of a customer."),
            text("device", "Id of a device."),
            text("search", "Title, customer, device, severity, category, ticket or status contains it."),
            text("assigned", "Id of the technician it is assigned to."),
            choices("severity", severities(), "Severities."),
            choices("status", alert_statuses(), "States of the alert."),
            choices("category", alert_categories(), "Categories."),
            choices("type", device_types(), "Types of the device."),
            filter_parameter(),
            order(view::alert_sort_keys(), "-created")};
}

static Outcome<AlertList> list_alerts(Services& services, Call& call, Nothing const&)
{
    auto query = alert_query(call.arguments);
    if (auto bad = read_place(call.arguments, query)) return *std::move(bad);
    auto filter = RequestFilter::parse(call, view::alert_subject());
    if (!filter) return filter.error();
    if (auto bad = filter->read(services, call, query)) return *std::move(bad);
    auto list = services.projection.alerts(call.scope(), query, services.clock.now_ms());
    if (auto bad = filter->wrong_with_time()) return *std::move(bad);
    return list;
}

static Outcome<IdList> list_alert_ids(Services& services, Call& call, Nothing const&)
{
    auto query = alert_query(call.arguments);
    auto filter = RequestFilter::parse(call, view::alert_subject());
    if (!filter) return filter.error();
    if (auto bad = filter->read(services, call, query)) return *std::move(bad);
    auto const now_ms = services.clock.now_ms();
    auto ids = services.projection.alert_ids(call.scope(), query, now_ms, limits::list_ids);
    if (auto bad = filter->wrong_with_time()) return *std::move(bad);
    return as_answer(std::move(ids), now_ms);
}

static Outcome<AlertDetail> read_alert(Services& services, Call& call, Nothing const&)
{
    auto row = services.projection.alert(call.scope(), call.path[0]);
    if (!row) return not_found("alert");
    AlertDetail answer{.alert = *std::move(row), .notes = {}, .history = {}};
    auto const done = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto const actions = store::alert_actions(db, call.path[0]);
        if (!actions) return actions.error();
        for (auto const& action : *actions) {
            if (action.what == "note")
                answer.notes.push_back({.at_ms = action.at_ms,
                                        .technician_id = action.technician_id,
                                        .technician = action.technician,
                                        .text = action.text});
            else
                answer.history.push_back({.at_ms = action.at_ms,
                                          .technician_id = action.technician_id,
                                          .technician = action.technician,
                                          .what = action.what,
                                          .text = action.text,
                                          .until_ms = action.until_ms,
                                          .version = action.version});
        }
        return {};
    });
    if (!done) return from_error(done.error());
    return answer;
}

static Outcome<AssigneeList> list_assignees(Services& services, Call& call, Nothing const&)
{
    auto const customer = call.arguments.text("customer");
    if (!customer.empty() && !services.projection.customer_name(call.scope(), customer)) return not_found("customer");
    AssigneeList answer;
    auto const done = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto const all = store::all_technicians(db);
        if (!all) return all.error();
        for (auto const& one : *all) {
            if (one.disabled_ms) continue;
            auto const scope = store::unfolded(db, one.scope);
            if (!scope) return scope.error();
            bool const meets = customer.empty() ? call.scope().meets(*scope)
                                                : store::Scope::both(call.scope(), *scope).sees_some_of(customer);
            if (meets) answer.items.push_back({.id = one.id, .name = one.name});
        }
        return {};
    });
    if (!done) return from_error(done.error());
    return answer;
}

// --- evidence --------------------------------------------------------------------------------------------------------

/// The curve of the alert's value around the moment when it was raised.
static Result<SeriesAnswer> crossing(Services& services, AlertRow const& alert, wire::Probe const& probe,
                                     std::string_view column, std::int64_t hold_s)
{
    auto const now_ms = services.clock.now_ms();
    auto const from_ms = alert.created_ms - hold_s * 1000 - limits::evidence_before_ms;
    auto const to_ms = std::max(from_ms + 1, std::min(now_ms, alert.created_ms + limits::evidence_after_ms));
    auto const level = choose_level(probe, from_ms, to_ms, now_ms, limits::evidence_points, services.retention);
    SeriesAnswer answer;
    auto const done = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto made = read_curves(db, alert.device_id, probe, level, from_ms, to_ms);
        if (!made) return made.error();
        answer = *std::move(made);
        return {};
    });
    if (!done) return done.error();
    std::erase_if(answer.curves,
                  [&](Curve const& curve) { return curve.column != column || curve.key != alert.subject; });
    return answer;
}

static Outcome<AlertEvidence> read_evidence(Services& services, Call& call, Nothing const&)
{
    auto const row = services.projection.alert(call.scope(), call.path[0]);
    if (!row) return not_found("alert");
    auto others = services.projection.alike(call.scope(), row->id, limits::evidence_others, services.clock.now_ms());
    AlertEvidence answer{
        .alert_id = row->id, .explanation = row->explanation, .alike = others.total, .others = std::move(others.items)};
    auto const& items = services.thresholds.items;
    auto const item = std::ranges::find(items, row->item, &ThresholdItem::id);
    if (item == items.end()) return answer;
    answer.probe = item->probe;
    answer.column = item->column;
    answer.hold_s = item->hold_s;
    if (item->raise) answer.comparison = item->comparison;
    if (item->explanation == row->explanation) {
        answer.raise = item->raise;
        answer.clear = item->clear;
    }
    auto const* const probe = wire::find_probe(item->probe);
    if (probe == nullptr || probe->kind != wire::Kind::series) return answer;
    if (!call.identity->may(access::Permission::devices_read)) return answer;
    auto curve = crossing(services, *row, *probe, item->column, item->hold_s);
    if (!curve) return from_error(curve.error());
    answer.series = *std::move(curve);
    return answer;
}

// --- work ------------------------------------------------------------------------------------------------------------

/// The ids, each once, with the versions that were seen.
static Outcome<std::vector<rules::AlertTarget>> targets_of(AlertChoice const& chosen)
{
    if (chosen.ids.empty()) return bad_input("alerts.ids", "No alert is named.", "Give the id of at least one alert.");
    if (chosen.ids.size() > limits::chosen_alerts)
        return problem(400, "limit-exceeded", "A limit is reached",
                       fmt::format("'alerts.ids' names {} alerts, and one request may name {}.", chosen.ids.size(),
                                   limits::chosen_alerts),
                       "alerts.ids", "Send several requests.");
    std::vector<rules::AlertTarget> targets;
    std::set<std::string_view> seen;
    for (std::size_t at = 0; at < chosen.ids.size(); ++at) {
        auto const& id = chosen.ids[at];
        if (id.size() > parameter_bytes)
            return bad_input(fmt::format("alerts.ids[{}]", at), "This is no id of an alert.",
                             "Give ids of GET /api/v1/alerts.");
        if (seen.insert(id).second) targets.push_back({.id = id, .version = {}});
    }
    if (!chosen.versions) return targets;
    std::map<std::string_view, std::int64_t> versions;
    for (auto const& entry : *chosen.versions) {
        auto const field = "alerts.versions." + clean_text(entry.key(), 64);
        if (!seen.contains(entry.key()))
            return bad_input(field, "A version is given of an alert that 'alerts.ids' does not name.",
                             "Name it there, or leave its version out.");
        if (!entry.value().is_int64())
            return bad_input(field, "A version must be a whole number.", "Give `version` of the alert as you saw it.");
        versions.emplace(entry.key(), entry.value().get_int64());
    }
    for (auto& target : targets)
        if (auto const seen_as = versions.find(target.id); seen_as != versions.end()) target.version = seen_as->second;
    return targets;
}

static std::string_view word_of(rules::AlertResult::Kind kind)
{
    using Kind = rules::AlertResult::Kind;
    switch (kind) {
    case Kind::done:
        return "done";
    case Kind::unchanged:
        return "unchanged";
    case Kind::not_found:
        return "not_found";
    case Kind::stale:
        return "stale";
    case Kind::refused:
        return "refused";
    }
    return "";
}

/// Of one alert: why nothing was done, as a problem.
static std::optional<Problem> problem_of(AlertOutcome const& outcome)
{
    if (outcome.outcome == "not_found") return not_found("alert");
    if (outcome.outcome == "stale")
        return problem(409, "stale", "Somebody was faster", outcome.detail, "alerts.versions",
                       "Load what is there now, and decide again.");
    if (outcome.outcome == "refused")
        return problem(409, "conflict", "It collides with what is there", outcome.detail, "alerts.ids",
                       "Load what is there now.");
    return std::nullopt;
}

/// Does what is wished about those that may be seen, and tells of each what became of it.
static Outcome<AlertOutcomes> apply_wish(Services& services, Call& call, AlertChoice const& chosen,
                                         rules::AlertWish wish)
{
    auto const targets = targets_of(chosen);
    if (!targets) return targets.error();
    std::vector<rules::AlertTarget> visible;
    for (auto const& target : *targets)
        if (services.projection.alert(call.scope(), target.id)) visible.push_back(target);
    auto const& technician = call.identity->technician;
    auto const results = services.backend.work_on_alerts(
        visible, std::move(wish), {.id = technician.id, .name = technician.name, .scope = call.scope()});
    if (!results) return results.error();
    std::map<std::string_view, rules::AlertResult const*> by_id;
    for (auto const& result : *results)
        by_id.emplace(result.id, &result);
    AlertOutcomes answer;
    for (auto const& target : *targets) {
        auto const found = by_id.find(target.id);
        if (found == by_id.end()) {
            answer.results.push_back({.id = target.id,
                                      .outcome = std::string(word_of(rules::AlertResult::Kind::not_found)),
                                      .detail = "There is no such alert, or you may not see it."});
            continue;
        }
        auto const& result = *found->second;
        answer.done += result.kind == rules::AlertResult::Kind::done ? 1 : 0;
        answer.results.push_back({.id = result.id,
                                  .outcome = std::string(word_of(result.kind)),
                                  .detail = result.detail,
                                  .alert = services.projection.alert(call.scope(), result.id)});
    }
    if (answer.results.size() == 1)
        if (auto wrong = problem_of(answer.results.front())) return *std::move(wrong);
    return answer;
}

static Outcome<AlertOutcomes> snooze_alerts(Services& services, Call& call, SnoozeAlerts const& body)
{
    auto const now_ms = services.clock.now_ms();
    if (body.until_ms && (*body.until_ms <= now_ms || *body.until_ms > now_ms + limits::snooze_ms))
        return bad_input("until_ms",
                         fmt::format("'until_ms' is not within the next {} days.", limits::snooze_ms / 86'400'000),
                         "Give a time to come, in milliseconds since 1970, or null for \"until it changes\".");
    return apply_wish(services, call, body.alerts, {.kind = rules::AlertWish::Kind::snooze, .until_ms = body.until_ms});
}

static Outcome<AlertOutcomes> resolve_alerts(Services& services, Call& call, ChooseAlerts const& body)
{
    return apply_wish(services, call, body.alerts, {.kind = rules::AlertWish::Kind::resolve});
}

static Outcome<AlertOutcomes> reopen_alerts(Services& services, Call& call, ChooseAlerts const& body)
{
    return apply_wish(services, call, body.alerts, {.kind = rules::AlertWish::Kind::reopen});
}

static Outcome<AlertOutcomes> assign_alerts(Services& services, Call& call, AssignAlerts const& body)
{
    if (body.technician_id && (body.technician_id->empty() || body.technician_id->size() > parameter_bytes))
        return bad_input("technician_id", "There is no such technician.",
                         "Give an id of GET /api/v1/alerts/assignees, or null for nobody.");
    return apply_wish(services, call, body.alerts,
                      {.kind = rules::AlertWish::Kind::assign, .technician_id = body.technician_id.value_or("")});
}

static Outcome<AlertOutcomes> set_tickets(Services& services, Call& call, TicketAlerts const& body)
{
    if (count_characters(body.ticket) > limits::ticket_characters ||
        body.ticket.find_first_of("\n\t") != std::string::npos || clean_text(body.ticket) != body.ticket)
        return bad_input("ticket", "This cannot be a ticket.",
                         fmt::format("Give a number or an address of at most {} characters on one line, or \"\" for "
                                     "none.",
                                     limits::ticket_characters));
    return apply_wish(services, call, body.alerts, {.kind = rules::AlertWish::Kind::ticket, .text = body.ticket});
}

static Outcome<AlertOutcomes> note_alerts(Services& services, Call& call, NoteAlerts const& body)
{
    static constexpr auto longest_bytes = limits::note_characters * 4;
    if (body.text.find_first_not_of(" \n\t") == std::string::npos ||
        count_characters(body.text) > limits::note_characters || clean_text(body.text, longest_bytes) != body.text)
        return bad_input("text", "This cannot be a note.",
                         fmt::format("Give 1 to {} characters; of control characters only line breaks and tabs.",
                                     limits::note_characters));
    return apply_wish(services, call, body.alerts, {.kind = rules::AlertWish::Kind::note, .text = body.text});
}

static Declaration doing(std::string_view verb, std::string summary)
{
    return {.method = "POST",
            .pattern = std::string("/api/v1/alerts/").append(verb),
            .summary = std::move(summary),
            .needs = access::Permission::alerts_write};
}

std::vector<Route> alert_routes()
{
    static constexpr auto one = "/api/v1/alerts/{id}";
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/alerts",
                               .summary = "Alerts, open, snoozed and lately resolved",
                               .parameters = with_place(alert_list_parameters()),
                               .needs = access::Permission::alerts_read},
                   &list_alerts),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/alerts/ids",
                               .summary = "Ids of all alerts that match, in the order of the Alerts view",
                               .parameters = alert_list_parameters(),
                               .needs = access::Permission::alerts_read},
                   &list_alert_ids),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/alerts/assignees",
                               .summary = "Whom an alert may be assigned to",
                               .parameters = {text("customer", "Id of a customer; who may not see it is left out.")},
                               .needs = access::Permission::alerts_read},
                   &list_assignees),
        make_route(Declaration{.method = "GET",
                               .pattern = one,
                               .summary = "One alert, its notes and its history",
                               .needs = access::Permission::alerts_read},
                   &read_alert),
        make_route(Declaration{.method = "GET",
                               .pattern = std::string(one).append("/evidence"),
                               .summary = "What an alert rests on, and who else has it",
                               .needs = access::Permission::alerts_read},
                   &read_evidence),
        make_route(doing("snooze", "Snooze alerts until a time, or until they change"), &snooze_alerts),
        make_route(doing("resolve", "Resolve alerts"), &resolve_alerts),
        make_route(doing("reopen", "Open alerts again that are resolved or snoozed"), &reopen_alerts),
        make_route(doing("assign", "Assign alerts to a technician, or to nobody"), &assign_alerts),
        make_route(doing("ticket", "Say which ticket alerts belong to"), &set_tickets),
        make_route(doing("notes", "Add a note to alerts"), &note_alerts),
    };
}

} // namespace rollcall::api
