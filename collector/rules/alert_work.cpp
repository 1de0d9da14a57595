#include "collector/rules/alert_work.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace rollcall::rules
{

namespace
{

using store::AlertStatus;

/// Actions that a sentence tells one by one; of more, the last ones.
constexpr std::size_t actions_told = 4;

AlertStep unchanged(store::Alert alert)
{
    return {.kind = AlertResult::Kind::unchanged, .detail = {}, .alert = std::move(alert), .action = {}};
}

AlertStep refused(store::Alert alert, std::string why)
{
    return {.kind = AlertResult::Kind::refused, .detail = std::move(why), .alert = std::move(alert), .action = {}};
}

void wake(store::Alert& alert)
{
    alert.snoozed_ms.reset();
    alert.snoozed_until_ms.reset();
}

bool snooze(store::Alert& alert, AlertWish const& wish, UnixMs now_ms)
{
    if (alert.snoozed_ms && alert.snoozed_until_ms == wish.until_ms) return false;
    alert.snoozed_ms = now_ms;
    alert.snoozed_until_ms = wish.until_ms;
    return true;
}

bool resolve(store::Alert& alert, UnixMs now_ms)
{
    if (alert.resolved_ms) return false;
    wake(alert);
    alert.resolved_ms = std::max(now_ms, alert.created_ms);
    alert.reopened_ms.reset();
    // What was kept open had no cause any more.
    alert.lingers = !std::exchange(alert.kept_open, false);
    return true;
}

bool reopen(store::Alert& alert, UnixMs now_ms)
{
    if (status_of(alert) == AlertStatus::open) return false;
    if (alert.resolved_ms) {
        alert.reopened_ms = now_ms;
        alert.kept_open = !std::exchange(alert.lingers, false);
        alert.resolved_ms.reset();
    }
    wake(alert);
    return true;
}

bool assign(store::Alert& alert, AlertWish const& wish)
{
    if (alert.assigned_id == wish.technician_id) return false;
    alert.assigned_id = wish.technician_id;
    alert.assigned_name = wish.technician;
    return true;
}

std::string stamp(UnixMs at_ms)
{
    return fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(static_cast<std::time_t>(at_ms / 1000)));
}

/// Changes the alert; false: it is so already.
bool apply(store::Alert& alert, AlertWish const& wish, UnixMs now_ms)
{
    switch (wish.kind) {
    case AlertWish::Kind::snooze:
        return snooze(alert, wish, now_ms);
    case AlertWish::Kind::resolve:
        return resolve(alert, now_ms);
    case AlertWish::Kind::reopen:
        return reopen(alert, now_ms);
    case AlertWish::Kind::assign:
        return assign(alert, wish);
    case AlertWish::Kind::ticket:
        return std::exchange(alert.ticket, wish.text) != wish.text;
    case AlertWish::Kind::note:
        ++alert.notes;
        return true;
    }
    return false;
}

std::string sentence(store::AlertAction const& action)
{
    auto const who = action.technician_id.empty() ? std::string("it") : action.technician;
    auto const& what = action.what;
    if (what == "woken") return "its snooze ended";
    if (what == "resolved") return action.technician_id.empty() ? "it resolved by itself" : who + " resolved it";
    if (what == "snoozed")
        return fmt::format("{} snoozed it until {}", who, action.until_ms ? stamp(*action.until_ms) : "it changes");
    if (what == "reopened") return who + " reopened it";
    if (what == "assigned")
        return action.text.empty() ? who + " assigned it to nobody"
                                   : fmt::format("{} assigned it to {}", who, action.text);
    return action.text.empty() ? who + " removed its ticket"
                               : fmt::format("{} set its ticket to \"{}\"", who, action.text);
}

} // namespace

std::string word_of(AlertWish::Kind kind)
{
    switch (kind) {
    case AlertWish::Kind::snooze:
        return "snoozed";
    case AlertWish::Kind::resolve:
        return "resolved";
    case AlertWish::Kind::reopen:
        return "reopened";
    case AlertWish::Kind::assign:
        return "assigned";
    case AlertWish::Kind::ticket:
        return "ticket";
    case AlertWish::Kind::note:
        return "note";
    }
    return {};
}

AlertStep work_on(store::Alert alert, AlertWish const& wish, AlertWorker const& worker, UnixMs now_ms)
{
    using Kind = AlertWish::Kind;
    if (wish.kind == Kind::snooze && alert.resolved_ms)
        return refused(std::move(alert), "It is resolved: there is nothing to snooze.");
    if (wish.kind == Kind::note && alert.notes >= alert_notes_limit)
        return refused(std::move(alert),
                       fmt::format("It has {} notes already, and more do not fit.", alert_notes_limit));
    if (!apply(alert, wish, now_ms)) return unchanged(std::move(alert));
    if (wish.kind != Kind::note) ++alert.version;
    bool const about_status = wish.kind == Kind::snooze || wish.kind == Kind::resolve || wish.kind == Kind::reopen;
    if (about_status) alert.status_by = worker.name;
    store::AlertAction action{.alert_id = alert.id,
                              .version = alert.version,
                              .at_ms = now_ms,
                              .technician_id = worker.id,
                              .technician = worker.name,
                              .what = word_of(wish.kind),
                              .text = wish.kind == Kind::assign ? wish.technician : wish.text,
                              .until_ms = wish.until_ms};
    return {.kind = AlertResult::Kind::done, .detail = {}, .alert = std::move(alert), .action = std::move(action)};
}

AlertStep end_snooze(store::Alert alert, UnixMs now_ms)
{
    auto const until_ms = alert.snoozed_until_ms;
    wake(alert);
    ++alert.version;
    alert.status_by.clear();
    auto action = happened(alert, "woken", now_ms);
    action.text.clear();
    action.until_ms = until_ms;
    return {.kind = AlertResult::Kind::done, .detail = {}, .alert = std::move(alert), .action = std::move(action)};
}

store::AlertAction happened(store::Alert const& alert, std::string what, UnixMs now_ms)
{
    return {.alert_id = alert.id,
            .version = alert.version,
            .at_ms = now_ms,
            .technician_id = {},
            .technician = {},
            .what = std::move(what),
            .text = alert.latest,
            .until_ms = {}};
}

std::string told(std::vector<store::AlertAction> const& actions)
{
    std::vector<std::string> sentences;
    for (auto const& action : actions)
        if (action.what != "note") sentences.push_back(sentence(action));
    if (sentences.empty()) return "It has changed since you looked.";
    if (sentences.size() > actions_told)
        sentences.erase(sentences.begin(), sentences.end() - static_cast<std::ptrdiff_t>(actions_told));
    auto const last = std::move(sentences.back());
    sentences.pop_back();
    if (sentences.empty()) return fmt::format("Since you looked, {}.", last);
    return fmt::format("Since you looked, {} and {}.", fmt::join(sentences, ", "), last);
}

} // namespace rollcall::rules
