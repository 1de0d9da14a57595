#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/records.hpp"

/// What people do about alerts, and what an alert is afterwards. Pure.
namespace rollcall::rules
{

/// Notes of one alert.
inline constexpr std::int64_t alert_notes_limit = 200;

/// What a person wants done.
struct AlertWish {
    enum class Kind { snooze, resolve, reopen, assign, ticket, note };
    Kind kind{};
    std::optional<UnixMs> until_ms; ///< Of a snooze; nothing: until it changes.
    std::string text;               ///< The ticket ("" = none) or the note.
    std::string technician_id;      ///< To whom it is assigned; "" = nobody any more.
    std::string technician;         ///< His name.
};

/// Who wants it, and what he may see.
struct AlertWorker {
    std::string id;
    std::string name;
    store::Scope scope;
};

/// An alert, and as which version the person has seen it; nothing: whatever it is by now.
struct AlertTarget {
    std::string id;
    std::optional<std::int64_t> version;
};

/// What became of one of them.
struct AlertResult {
    enum class Kind { done, unchanged, not_found, stale, refused };
    std::string id;
    Kind kind{};
    std::string detail; ///< One sentence why nothing was done.
};

struct AlertStep {
    AlertResult::Kind kind{}; ///< done, unchanged or refused.
    std::string detail;       ///< Of a refusal.
    store::Alert alert;       ///< As it is then.
    store::AlertAction action;
};

/// What is written of it in the log and in an action: "snoozed".
[[nodiscard]] std::string word_of(AlertWish::Kind kind);

/// It is not looked at whether the rules allow an alert to be open again.
[[nodiscard]] AlertStep work_on(store::Alert alert, AlertWish const& wish, AlertWorker const& worker, UnixMs now_ms);

/// The time of its snooze is over.
[[nodiscard]] AlertStep end_snooze(store::Alert alert, UnixMs now_ms);

/// It became so by itself: the action that tells of an alert that resolved, or whose snooze ended since it changed.
[[nodiscard]] store::AlertAction happened(store::Alert const& alert, std::string what, UnixMs now_ms);

/// "Since you looked, anna resolved it and berta set its ticket to "T-1"."
[[nodiscard]] std::string told(std::vector<store::AlertAction> const& actions);

} // namespace rollcall::rules
