#include "collector/pipeline/judge.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "collector/pipeline/limits.hpp"
#include "collector/rules/alert_work.hpp"
#include "collector/store/store.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"

namespace rollcall::pipeline
{

namespace
{

void append(rules::Changes& into, rules::Changes more)
{
    into.insert(into.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

} // namespace

Judge::Judge(rules::Profile profile, view::Projection& projection, Presence const& presence, Clock const& clock,
             Counters& counters)
    : projection_(projection)
    , presence_(presence)
    , clock_(clock)
    , counters_(counters)
    , evaluator_(std::move(profile), [](UnixMs now_ms) { return make_uuid(now_ms); })
{
}

rules::Profile const& Judge::profile() const { return evaluator_.profile(); }

bool Judge::watches(std::string_view item) const { return evaluator_.watches(item); }

rules::Now Judge::now() const
{
    auto const steady = clock_.steady();
    return {.wall_ms = clock_.now_ms(), .steady = steady};
}

// --- facts -----------------------------------------------------------------------------------------------------------

void Judge::put_device(std::string_view device_id, std::string_view customer_id, std::string_view device_type)
{
    evaluator_.put_device(device_id, customer_id, device_type);
}

void Judge::put_device(std::string_view device_id, std::string_view customer_id)
{
    put_device(device_id, customer_id, type_of(device_id));
}

void Judge::look_again(std::string const& device_id)
{
    if (evaluator_.knows(device_id)) put_device(device_id, presence_.customer_of(device_id));
}

Judge::Case::Case(rules::Evaluator& evaluator, Effect& effect, std::string device_id)
    : evaluator_(evaluator)
    , effect_(effect)
    , device_id_(std::move(device_id))
{
}

void Judge::Case::presence(rules::Presence presence, rules::Now now)
{
    append(effect_.alerts, evaluator_.presence(device_id_, presence, now));
}

void Judge::Case::state(std::string_view probe, Snapshot const& changed, std::vector<std::string> const& removed,
                        std::int64_t offset_ms, rules::Now now)
{
    append(effect_.alerts, evaluator_.state(device_id_, probe, changed, removed, offset_ms, now));
}

void Judge::Case::readable(std::string_view probe, std::string_view reason, rules::Now now)
{
    append(effect_.alerts, evaluator_.readable(device_id_, probe, reason, now));
}

void Judge::Case::series(wire::Series const& series, rules::Now now)
{
    append(effect_.alerts, evaluator_.series(device_id_, series, series.taken_ms, now));
}

void Judge::Case::retire(std::string_view why, rules::Now now)
{
    append(effect_.alerts, evaluator_.retire(device_id_, why, now));
}

Judge::Case Judge::about(Effect& effect, std::string const& device_id)
{
    effect.judged.insert(device_id);
    return {evaluator_, effect, device_id};
}

Result<> Judge::greet(sqlite::Database& db, Effect& effect, store::Device const& device,
                      std::map<std::string, std::string> const& digests, std::vector<std::string> const& need,
                      rules::Now now)
{
    auto judged = about(effect, device.id);
    if (auto fresh = refresh(db, effect, device.id); !fresh) return fresh;
    if (!device.monitored) return {};
    put_device(device.id, device.customer_id);
    std::set<std::string, std::less<>> unread(need.begin(), need.end());
    for (auto const& probe : evaluator_.state_probes())
        if (!digests.contains(probe)) unread.insert(probe);
    judged.presence(rules::Presence::unknown, now);
    if (auto loaded = load_rows(db, effect, device.id, unread); !loaded) return loaded;
    judged.presence(rules::Presence::online, now);
    return {};
}

Result<> Judge::learn(sqlite::Database& db, Effect& effect, std::string const& device_id)
{
    effect.judged.insert(device_id);
    return reload(db, effect, device_id);
}

Result<> Judge::tick(sqlite::Database& db, Effect& effect)
{
    for (auto const& id : std::set(stale_))
        if (auto fresh = reload(db, effect, id); !fresh) return fresh;
    append(effect.alerts, evaluator_.tick(now()));
    return end_snoozes(db, effect);
}

// --- what is done about alerts ---------------------------------------------------------------------------------------

Result<> Judge::amend(sqlite::Database& db, Effect& effect, store::Alert const& alert, store::AlertAction const& action)
{
    if (auto kept = store::add_alert_action(db, action); !kept) return kept;
    effect.judged.insert(alert.device_id);
    evaluator_.amend(alert);
    effect.alerts.push_back({rules::Change::Kind::amended, alert});
    return {};
}

/// What this very work says already is not in the store yet: such an alert's turn comes with the next tick.
Result<> Judge::end_snoozes(sqlite::Database& db, Effect& effect)
{
    auto const at = now();
    for (auto const& due : snoozes_.due(at, snoozes_ended_at_once)) {
        bool const is_said = std::ranges::any_of(
            effect.alerts, [&](rules::Change const& change) { return change.alert.id == due.alert_id; });
        if (is_said) continue;
        auto alert = store::find_alert(db, due.alert_id);
        if (!alert) return alert.error();
        if (!*alert) {
            snoozes_.forget(due.alert_id);
            continue;
        }
        if (status_of(**alert) != store::AlertStatus::snoozed || (*alert)->snoozed_until_ms != due.until_ms) continue;
        auto const step = rules::end_snooze(*std::move(*alert), at.wall_ms);
        if (auto ended = amend(db, effect, step.alert, step.action); !ended) return ended;
    }
    return {};
}

// --- what is stored --------------------------------------------------------------------------------------------------

Result<std::size_t> Judge::load(sqlite::Database& db, UnixMs since_ms)
{
    auto const alerts = store::recent_alerts(db, since_ms);
    if (!alerts) return alerts.error();
    rules::Changes orphans; // Of items that the profile no longer has.
    for (auto const& alert : *alerts) {
        if (!alert.resolved_ms || *alert.resolved_ms >= since_ms) place(alert);
        if (!alert.resolved_ms || alert.lingers) append(orphans, evaluator_.adopt(alert, now()));
    }
    if (auto saved = save(db, orphans); !saved) return saved.error();
    for (auto const& change : orphans)
        place(change.alert);
    return alerts->size();
}

Result<> Judge::refresh(sqlite::Database& db, Effect& effect, std::string const& device_id)
{
    if (!stale_.contains(device_id)) return {};
    return reload(db, effect, device_id);
}

Result<> Judge::save(sqlite::Database& db, rules::Changes const& changes) const
{
    using Kind = rules::Change::Kind;
    for (auto const& [kind, alert] : changes) {
        auto saved = kind == Kind::opened   ? store::open_alert(db, alert)
                     : kind == Kind::latest ? store::set_alert_latest(db, alert.id, alert.latest)
                                            : store::update_alert(db, alert);
        if (saved && kind == Kind::resolved)
            saved = store::add_alert_action(db, rules::happened(alert, "resolved", *alert.resolved_ms));
        if (saved && kind == Kind::woken)
            saved = store::add_alert_action(db, rules::happened(alert, "woken", clock_.now_ms()));
        if (!saved) return saved;
    }
    return {};
}

void Judge::doubt(Effect const& effect)
{
    stale_.insert(effect.judged.begin(), effect.judged.end());
    for (auto const& change : effect.alerts)
        stale_.insert(change.alert.device_id);
}

void Judge::show(Effect& effect)
{
    for (auto const& [kind, alert] : effect.alerts) {
        place(alert);
        note(effect.change, alert.device_id, projection_.location_of(alert.device_id)).alerts = true;
        bool const opened = kind == rules::Change::Kind::opened;
        if (!opened && kind != rules::Change::Kind::resolved) continue;
        ++(opened ? counters_.alerts_opened : counters_.alerts_resolved);
        log::info(opened ? "alert.opened" : "alert.resolved", {{"device", alert.device_id},
                                                               {"item", alert.item},
                                                               {"subject", alert.subject},
                                                               {"severity", rules::to_string(alert.severity)},
                                                               {"value", alert.latest}});
    }
}

void Judge::place(store::Alert const& alert)
{
    projection_.put_alert(alert);
    snoozes_.put(alert, now());
}

std::string Judge::type_of(std::string_view device_id) const
{
    auto const row = projection_.device(store::Scope::everything(), device_id);
    return row ? row->device_type.value.value_or("") : std::string();
}

/// Conditions and presence of one device, from the store and from what we know; nothing of before counts.
Result<> Judge::reload(sqlite::Database& db, Effect& effect, std::string const& device_id)
{
    evaluator_.forget(device_id);
    stale_.erase(device_id);
    auto const device = store::find_device(db, device_id);
    if (!device) return device.error();
    if (!*device || (*device)->revoked_ms || !(*device)->monitored) return {};
    auto judged = about(effect, device_id);
    put_device(device_id, (*device)->customer_id);
    auto const alerts = store::judged_alerts_of(db, device_id);
    if (!alerts) return alerts.error();
    for (auto const& alert : *alerts)
        append(effect.alerts, evaluator_.adopt(alert, now()));
    if (auto loaded = load_rows(db, effect, device_id, {}); !loaded) return loaded;
    judged.presence(presence_.presence_of(device_id), now());
    return {};
}

/// Rows of the rules' state probes. Those of `unread` are about to come anew and say nothing till then.
Result<> Judge::load_rows(sqlite::Database& db, Effect& effect, std::string const& device_id,
                          std::set<std::string, std::less<>> const& unread)
{
    for (auto const& probe : evaluator_.state_probes()) {
        auto const status = store::probe_status(db, device_id, probe);
        if (!status) return status.error();
        auto const reason = !*status || unread.contains(probe) ? std::string("not_yet_read") : (*status)->unknown;
        append(effect.alerts, evaluator_.readable(device_id, probe, reason, now()));
        if (!*status) continue;
        auto const rows = store::state_snapshot(db, device_id, probe);
        if (!rows) return rows.error();
        append(effect.alerts, evaluator_.whole_state(device_id, probe, *rows, 0, now()));
    }
    return {};
}

} // namespace rollcall::pipeline
