#include "collector/pipeline/alert_work.hpp"

#include <algorithm>
#include <utility>

#include "collector/store/store.hpp"
#include "common/log/log.hpp"

namespace rollcall::pipeline
{

using rules::AlertResult;
using rules::AlertWish;

AlertWork::AlertWork(Judge& judge, Clock const& clock)
    : judge_(judge)
    , clock_(clock)
{
}

Result<> AlertWork::run(sqlite::Database& db, Effect& effect, std::vector<rules::AlertTarget> const& targets,
                        AlertWish wish, rules::AlertWorker const& worker, std::vector<AlertResult>& results)
{
    Wanted wanted{.wish = std::move(wish), .worker = worker, .assignee = store::Scope::everything()};
    if (auto known = find_technician(db, effect, wanted); !known) return known;
    auto const alerts = find(db, effect, targets, worker.scope);
    if (!alerts) return alerts.error();
    std::int64_t done = 0;
    for (auto const& target : targets) {
        auto const found = alerts->find(target.id);
        if (found == alerts->end()) {
            results.push_back({.id = target.id,
                               .kind = AlertResult::Kind::not_found,
                               .detail = "There is no such alert, or you may not see it."});
            continue;
        }
        auto result = work(db, effect, found->second, target, wanted);
        if (!result) return result.error();
        done += result->kind == AlertResult::Kind::done ? 1 : 0;
        results.push_back(*std::move(result));
    }
    effect.after.push_back([done, name = worker.name, kind = wanted.wish.kind] {
        log::info("alerts.worked_on", {{"technician", name}, {"what", rules::word_of(kind)}, {"alerts", done}});
    });
    return {};
}

Result<> AlertWork::find_technician(sqlite::Database& db, Effect& effect, Wanted& wanted) const
{
    auto& wish = wanted.wish;
    if (wish.kind != AlertWish::Kind::assign || wish.technician_id.empty()) return {};
    auto const found = store::find_technician(db, wish.technician_id);
    if (!found) return found.error();
    auto scope = *found ? store::unfolded(db, (*found)->scope) : store::Scope();
    if (!scope) return scope.error();
    // Of somebody whom the worker does not see it is not told that he is there.
    if (!*found || (*found)->disabled_ms || !wanted.worker.scope.meets(*scope)) {
        effect.refusal = Refusal{errc::bad_input, "technician_id", "There is no such technician.",
                                 "Give an id of GET /api/v1/alerts/assignees, or null for nobody."};
        return fail(errc::bad_input, "technician_id");
    }
    wish.technician = (*found)->name;
    wanted.assignee = *std::move(scope);
    return {};
}

/// As they are now. A device whose conditions have to be learnt again is learnt first, since that may resolve an alert.
Result<AlertWork::Alerts> AlertWork::find(sqlite::Database& db, Effect& effect,
                                          std::vector<rules::AlertTarget> const& targets, store::Scope const& scope)
{
    Alerts alerts;
    for (auto const& target : targets) {
        auto found = store::find_alert(db, target.id);
        if (!found) return found.error();
        if (!*found) continue;
        auto device = store::find_device(db, (*found)->device_id);
        if (!device) return device.error();
        if (!*device || (*device)->purged_ms || !scope.sees((*device)->location())) continue;
        alerts.insert_or_assign(target.id, Found{.alert = *std::move(*found), .device = *std::move(*device)});
    }
    for (auto const& [id, found] : alerts)
        if (auto fresh = judge_.refresh(db, effect, found.device.id); !fresh) return fresh.error();
    for (auto const& change : effect.alerts)
        if (auto const known = alerts.find(change.alert.id); known != alerts.end()) known->second.alert = change.alert;
    return alerts;
}

/// What this work has changed so far is not in the store yet.
Result<std::string> AlertWork::why_not_open(sqlite::Database& db, Effect const& effect, Found const& found) const
{
    auto const& alert = found.alert;
    if (found.device.revoked_ms) return std::string("Its device is retired.");
    if (!found.device.monitored) return std::string("Its device is not monitored: nobody would resolve it.");
    if (!judge_.watches(alert.item)) return std::string("The rule that raised it is not there any more.");
    auto const other = store::find_judged_alert(db, alert.device_id, alert.item, alert.subject);
    if (!other) return other.error();
    bool const is_stored = *other && (*other)->id != alert.id;
    bool const is_said = std::ranges::any_of(effect.alerts, [&](rules::Change const& change) {
        auto const& said = change.alert;
        return said.id != alert.id && said.device_id == alert.device_id && said.item == alert.item &&
               said.subject == alert.subject && (!said.resolved_ms || said.lingers);
    });
    if (is_stored || is_said) return std::string("Another alert of the same is there already: work on that one.");
    return std::string();
}

Result<AlertResult> AlertWork::work(sqlite::Database& db, Effect& effect, Found const& found,
                                    rules::AlertTarget const& target, Wanted const& wanted)
{
    using Kind = AlertResult::Kind;
    auto const& alert = found.alert;
    auto const& wish = wanted.wish;
    auto const refused = [&](std::string why) {
        return AlertResult{.id = alert.id, .kind = Kind::refused, .detail = std::move(why)};
    };
    if (target.version && *target.version != alert.version) {
        auto const actions = store::alert_actions(db, alert.id, *target.version);
        if (!actions) return actions.error();
        return AlertResult{.id = alert.id, .kind = Kind::stale, .detail = rules::told(*actions)};
    }
    if (!wanted.assignee.sees(found.device.location())) return refused(wish.technician + " may not see its device.");
    if (wish.kind == AlertWish::Kind::reopen && alert.resolved_ms) {
        auto why = why_not_open(db, effect, found);
        if (!why) return why.error();
        if (!why->empty()) return refused(*std::move(why));
    }
    auto const step = rules::work_on(alert, wish, wanted.worker, clock_.now_ms());
    if (step.kind == Kind::done)
        if (auto kept = judge_.amend(db, effect, step.alert, step.action); !kept) return kept.error();
    return AlertResult{.id = alert.id, .kind = step.kind, .detail = step.detail};
}

} // namespace rollcall::pipeline
