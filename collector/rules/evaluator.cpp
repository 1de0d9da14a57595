#include "collector/rules/evaluator.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <map>
#include <queue>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "collector/rules/text.hpp"
#include "common/wire/catalogue.hpp"

namespace rollcall::rules
{

namespace
{

using std::chrono::milliseconds;

/// Before it nobody ran an agent: an earlier "since" is a clock that was never set.
constexpr UnixMs believable_since_ms = 946'684'800'000; // 2000-01-01
/// Row keys that an alert per device names before it stops counting them out.
constexpr std::size_t named_rows = 5;
/// Readings of a series may be missed this often before its value counts as unknown.
constexpr int missed_readings = 3;

enum class Judgement { unknown, raise, clear, between };

struct Verdict {
    Judgement judgement{};
    std::string value;                   ///< For people; with Judgement::unknown the reason.
    std::optional<UnixMs> since_ms = {}; ///< Since when, where the row says so and can be believed.
};

/// A row that fulfils an item of one alert per device.
struct Member {
    std::optional<UnixMs> since_ms;
    milliseconds first_seen{};
};

/// What is known of one (device, item, subject) that is not simply well.
struct Condition {
    Judgement last = Judgement::unknown;
    std::string value;
    std::optional<UnixMs> since_ms;
    milliseconds began{}; ///< Of the present judgement.
    milliseconds last_read{};
    std::optional<milliseconds> deadline; ///< Of the hold: to open where no alert is, to resolve where one is.
    bool said_unknown = false;
    bool left = false; ///< Its cause was not there for a while, since the alert was opened or snoozed.
    std::string told;  ///< The last value that raised, of what is no level: another one is a change.
    /// Taken over from the store, and its rows are yet to come: what they were before does not begin anew.
    bool adopted = false;
    std::optional<store::Alert> alert;
    std::map<std::string, Member, std::less<>> members; ///< Items per device only.
};

using Key = std::pair<std::size_t, std::string>; ///< Item's index, subject.

struct Device {
    std::string id;
    std::string customer_id;
    std::string type;
    Presence presence = Presence::unknown;
    std::map<std::string, std::string, std::less<>> unreadable; ///< State probe, reason.
    std::map<Key, Condition> conditions;
};

struct Due {
    milliseconds at;
    std::string device;
    Key key;
    bool operator>(Due const& other) const { return at > other.at; }
};

Value const* cell(Row const& row, std::string_view column)
{
    auto const found = row.find(column);
    return found == row.end() ? nullptr : &found->second;
}

std::optional<double> number(Value const& value)
{
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    if (auto const* const real = std::get_if<double>(&value)) return *real;
    return std::nullopt;
}

Verdict judge_value(Item const& item, Value const* value)
{
    if (value == nullptr) return {.judgement = Judgement::unknown, .value = "not_yet_read"};
    if (auto const* const none = std::get_if<Unknown>(value))
        return {.judgement = Judgement::unknown, .value = none->reason};
    static Verdict const misfit{.judgement = Judgement::unknown, .value = "bad_message"};
    switch (item.comparison) {
    case Comparison::above:
    case Comparison::below: {
        auto const found = number(*value);
        if (!found) return misfit;
        bool const above = item.comparison == Comparison::above;
        bool const raise = above ? *found > item.raise : *found < item.raise;
        bool const clear = above ? *found < item.clear : *found > item.clear;
        return {.judgement = raise   ? Judgement::raise
                             : clear ? Judgement::clear
                                     : Judgement::between,
                .value = number_text(*found, item.probe, item.column)};
    }
    case Comparison::is_true: {
        auto const* const found = std::get_if<bool>(value);
        if (found == nullptr) return misfit;
        return {.judgement = *found ? Judgement::raise : Judgement::clear, .value = *found ? "yes" : "no"};
    }
    case Comparison::is_one_of: {
        auto const* const found = std::get_if<std::string>(value);
        if (found == nullptr) return misfit;
        bool const raise = std::ranges::find(item.words, *found) != item.words.end();
        return {.judgement = raise ? Judgement::raise : Judgement::clear, .value = *found};
    }
    case Comparison::offline:
        break;
    }
    return misfit;
}

Verdict judge_row(Item const& item, Row const& row, std::int64_t offset_ms, Now now)
{
    if (!item.only_where.empty()) {
        auto const* const counts = cell(row, item.only_where);
        if (counts == nullptr) return {.judgement = Judgement::unknown, .value = "not_yet_read"};
        if (auto const* const none = std::get_if<Unknown>(counts))
            return {.judgement = Judgement::unknown, .value = none->reason};
        auto const* const yes = std::get_if<bool>(counts);
        if (yes == nullptr || !*yes) {
            auto verdict = judge_value(item, cell(row, item.column));
            verdict.judgement = Judgement::clear;
            return verdict;
        }
    }
    auto verdict = judge_value(item, cell(row, item.column));
    if (item.since_column.empty()) return verdict;
    auto const* const since = cell(row, item.since_column);
    auto const* const stamp = since == nullptr ? nullptr : std::get_if<std::int64_t>(since);
    if (stamp == nullptr || *stamp < believable_since_ms || *stamp > INT64_MAX / 2) return verdict;
    auto const ours = *stamp - std::clamp<std::int64_t>(offset_ms, -INT64_MAX / 4, INT64_MAX / 4);
    if (ours <= now.wall_ms) verdict.since_ms = ours;
    return verdict;
}

/// Of a value as number_text words it.
std::optional<double> leading_number(std::string_view text)
{
    double number = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() ? std::optional(number) : std::nullopt;
}

bool waits_for_change(Condition const& condition)
{
    return condition.alert && condition.alert->snoozed_ms && !condition.alert->snoozed_until_ms;
}

std::string unknown_text(std::string_view why, Now now)
{
    auto const seconds = static_cast<std::time_t>(now.wall_ms / 1000);
    return fmt::format("unknown since {:%Y-%m-%d %H:%M} UTC ({})", fmt::gmtime(seconds), why);
}

} // namespace

struct Evaluator::State {
    Profile profile;
    std::function<std::string(UnixMs)> make_id;
    std::map<std::string, std::vector<std::size_t>, std::less<>> items_of; ///< By probe; "" = the offline item.
    std::unordered_map<std::string, Device> devices;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due;

    [[nodiscard]] Item const& item(Key const& key) const { return profile.items[key.first]; }

    [[nodiscard]] std::vector<std::size_t> const& items(std::string_view probe) const
    {
        static std::vector<std::size_t> const none;
        auto const found = items_of.find(probe);
        return found == items_of.end() ? none : found->second;
    }

    Device* find(std::string_view id)
    {
        auto const found = devices.find(std::string(id));
        return found == devices.end() ? nullptr : &found->second;
    }

    static bool is_series(Item const& item)
    {
        auto const* const probe = wire::find_probe(item.probe);
        return probe != nullptr && probe->kind == wire::Kind::series;
    }

    /// May this item move now, or do we just not know?
    static bool is_active(Device const& device, Item const& item)
    {
        if (item.comparison == Comparison::offline) return device.presence != Presence::unknown;
        return device.presence == Presence::online && !device.unreadable.contains(item.probe);
    }

    // --- alerts ---

    void open(Device const& device, Key const& key, Condition& condition, Now now, Changes& changes) const
    {
        auto const& rule = item(key);
        auto title = rule.title;
        if (auto const place = title.find("{}"); place != std::string::npos) title.replace(place, 2, key.second);
        condition.alert = store::Alert{
            .id = make_id(now.wall_ms),
            .device_id = device.id,
            .customer_id = device.customer_id,
            .item = rule.id,
            .subject = key.second,
            .title = std::move(title),
            .severity = device.type == "Server" ? rule.server_severity.value_or(rule.severity) : rule.severity,
            .category = rule.category,
            .explanation = explain(rule),
            .value = condition.value,
            .latest = condition.value,
            .created_ms = now.wall_ms,
            .resolved_ms = {}};
        condition.deadline.reset();
        condition.said_unknown = false;
        condition.left = false;
        changes.push_back({Change::Kind::opened, *condition.alert});
    }

    static void resolve(Condition& condition, std::string_view latest, Now now, Changes& changes)
    {
        auto alert = *std::exchange(condition.alert, std::nullopt);
        condition.deadline.reset();
        condition.said_unknown = false;
        if (alert.resolved_ms) { // By a person, before its cause had ended.
            alert.lingers = false;
            changes.push_back({Change::Kind::amended, std::move(alert)});
            return;
        }
        alert.latest = latest;
        alert.resolved_ms = std::max(now.wall_ms, alert.created_ms);
        alert.status_by.clear();
        alert.snoozed_ms.reset();
        alert.snoozed_until_ms.reset();
        alert.reopened_ms.reset();
        alert.kept_open = false;
        ++alert.version;
        changes.push_back({Change::Kind::resolved, std::move(alert)});
    }

    static void wake(Condition& condition, Changes& changes)
    {
        condition.alert->snoozed_ms.reset();
        condition.alert->status_by.clear();
        ++condition.alert->version;
        changes.push_back({Change::Kind::woken, *condition.alert});
    }

    /// The cause of an open alert is there again, and has held for as long as it takes to raise one.
    static void renew(Condition& condition, Changes& changes)
    {
        condition.left = false;
        condition.deadline.reset();
        if (std::exchange(condition.alert->kept_open, false))
            changes.push_back({Change::Kind::amended, *condition.alert});
        if (waits_for_change(condition)) wake(condition, changes);
    }

    /// A more severe alert of the same value was raised: a change for those that wait for one.
    void rouse(Device& device, Key const& key, Changes& changes) const
    {
        auto const& rule = item(key);
        auto const severity = device.conditions.at(key).alert->severity;
        for (auto& [place, other] : device.conditions) {
            auto const& its_rule = item(place);
            bool const same_value =
                place.second == key.second && its_rule.probe == rule.probe && its_rule.column == rule.column;
            if (same_value && waits_for_change(other) && other.alert->severity < severity) wake(other, changes);
        }
    }

    /// Of what is no level, another value that raises is a change.
    static void compare(Condition& condition, Changes& changes)
    {
        bool const differs = !condition.told.empty() && condition.told != condition.value;
        condition.told = condition.value;
        if (differs && waits_for_change(condition)) wake(condition, changes);
    }

    static void say(Condition& condition, std::string text, Changes& changes)
    {
        if (!condition.alert || condition.alert->resolved_ms || condition.alert->latest == text) return;
        condition.alert->latest = std::move(text);
        changes.push_back({Change::Kind::latest, *condition.alert});
    }

    static void say_unknown(Condition& condition, std::string_view why, Now now, Changes& changes)
    {
        if (!condition.alert || condition.alert->resolved_ms || condition.said_unknown) return;
        condition.said_unknown = true;
        say(condition, unknown_text(why, now), changes);
    }

    // --- holds ---

    void arm(Device const& device, Key const& key, Condition& condition, milliseconds at)
    {
        if (condition.deadline == at) return;
        condition.deadline = at;
        due.push({at, device.id, key});
    }

    static milliseconds elapsed(std::optional<UnixMs> since_ms, milliseconds began, Now now)
    {
        return since_ms ? milliseconds(std::max<UnixMs>(now.wall_ms - *since_ms, 0)) : now.steady - began;
    }

    /// Opens, resolves or waits, by what is known now. False: the condition is over and may go.
    [[nodiscard]] bool settle(Device& device, Key const& key, Condition& condition, Now now, Changes& changes)
    {
        auto const& rule = item(key);
        if (rule.per_device) gather(condition, rule, now);
        if (!is_active(device, rule)) {
            condition.deadline.reset();
            return condition.alert || condition.last == Judgement::raise || !condition.members.empty();
        }
        if (condition.last != Judgement::unknown) {
            if (condition.alert) say(condition, condition.value, changes);
            condition.said_unknown = false;
            if (condition.last != Judgement::raise)
                condition.left = true;
            else if (!is_level(rule))
                compare(condition, changes);
        }
        bool const kept_open = condition.alert && condition.alert->kept_open;
        if (condition.alert && !kept_open && condition.last == Judgement::clear) {
            if (!condition.deadline) arm(device, key, condition, now.steady + rule.clear_hold);
            if (*condition.deadline <= now.steady) resolve(condition, condition.value, now, changes);
        } else if (condition.last == Judgement::raise && (!condition.alert || condition.left || kept_open)) {
            auto const held =
                rule.per_device ? milliseconds(rule.raise_hold) : elapsed(condition.since_ms, condition.began, now);
            if (held < rule.raise_hold) {
                arm(device, key, condition, now.steady + (rule.raise_hold - held));
            } else if (condition.alert) {
                renew(condition, changes);
            } else {
                open(device, key, condition, now, changes);
                rouse(device, key, changes);
            }
        } else {
            condition.deadline.reset();
        }
        if (rule.per_device) wait_for_next(device, key, condition, now);
        return condition.alert || condition.last == Judgement::raise || !condition.members.empty();
    }

    /// An item per device is fulfilled as soon as one of its rows has held long enough.
    static void gather(Condition& condition, Item const& rule, Now now)
    {
        if (condition.last == Judgement::unknown && condition.members.empty()) return;
        std::vector<std::string_view> ripe;
        for (auto const& [key, member] : condition.members)
            if (elapsed(member.since_ms, member.first_seen, now) >= rule.raise_hold) ripe.push_back(key);
        condition.last = ripe.empty() ? Judgement::clear : Judgement::raise;
        auto const count = ripe.size();
        if (count > named_rows) ripe.resize(named_rows);
        condition.value = count == 0
                              ? "none"
                              : fmt::format("{}: {}{}", count, fmt::join(ripe, ", "), count > named_rows ? ", …" : "");
    }

    /// The next row whose hold runs out, unless something else is awaited sooner.
    void wait_for_next(Device const& device, Key const& key, Condition& condition, Now now)
    {
        std::optional<milliseconds> next = condition.deadline;
        for (auto const& [name, member] : condition.members) {
            auto const held = elapsed(member.since_ms, member.first_seen, now);
            if (held >= item(key).raise_hold) continue;
            auto const at = now.steady + (item(key).raise_hold - held);
            next = next ? std::min(*next, at) : at;
        }
        // While it waits to resolve, the alert's own deadline must stay what it is; a ripening row is seen then.
        if (next && !(condition.alert && condition.last == Judgement::clear)) arm(device, key, condition, *next);
    }

    void settle_and_clean(Device& device, Key const& key, Now now, Changes& changes)
    {
        auto const found = device.conditions.find(key);
        if (found == device.conditions.end()) return;
        if (!settle(device, key, found->second, now, changes)) device.conditions.erase(found);
    }

    // --- readings ---

    void take(Device& device, Key const& key, Verdict verdict, Now now, Changes& changes)
    {
        auto found = device.conditions.find(key);
        if (found == device.conditions.end()) {
            if (verdict.judgement != Judgement::raise) return;
            found = device.conditions.try_emplace(key).first;
        }
        auto& condition = found->second;
        condition.last_read = now.steady;
        if (verdict.judgement == Judgement::unknown) {
            say_unknown(condition, verdict.value, now, changes);
        } else {
            condition.value = std::move(verdict.value);
        }
        // A row that says another "since" has been something else in between.
        if (condition.last != verdict.judgement || condition.since_ms != verdict.since_ms) {
            condition.began = now.steady;
            if (!condition.alert || condition.last != verdict.judgement) condition.deadline.reset();
        }
        condition.last = verdict.judgement;
        condition.since_ms = verdict.since_ms;
        if (!settle(device, key, condition, now, changes)) device.conditions.erase(found);
    }

    void take_member(Device& device, std::size_t index, std::string const& row_key, Verdict const& verdict, Now now)
    {
        if (verdict.judgement == Judgement::unknown) return;
        auto const key = Key(index, "");
        auto found = device.conditions.find(key);
        if (verdict.judgement == Judgement::raise) {
            if (found == device.conditions.end()) found = device.conditions.try_emplace(key).first;
            auto const [member, fresh] = found->second.members.try_emplace(row_key);
            if (fresh) {
                auto const held = milliseconds(profile.items[index].raise_hold);
                member->second.first_seen = found->second.adopted ? now.steady - held : now.steady;
            }
            member->second.since_ms = verdict.since_ms;
        } else if (found != device.conditions.end()) {
            found->second.members.erase(row_key);
        }
        if (found != device.conditions.end()) found->second.last = Judgement::clear; // gather() says what it is.
    }

    void drop_member(Device& device, std::size_t index, std::string const& row_key)
    {
        auto const found = device.conditions.find(Key(index, ""));
        if (found == device.conditions.end()) return;
        found->second.members.erase(row_key);
        found->second.last = Judgement::clear;
    }

    /// A subject that is no longer there cannot be in trouble.
    static void gone(Device& device, Key const& key, Now now, Changes& changes)
    {
        auto const found = device.conditions.find(key);
        if (found == device.conditions.end()) return;
        if (found->second.alert && found->second.alert->kept_open) {
            found->second.last = Judgement::unknown;
            found->second.deadline.reset();
            return;
        }
        if (found->second.alert) resolve(found->second, "no longer there", now, changes);
        device.conditions.erase(found);
    }

    /// Keys of the conditions that stand for `probe`.
    [[nodiscard]] std::vector<Key> keys_of(Device const& device, std::string_view probe) const
    {
        std::vector<Key> keys;
        for (auto const index : items(probe))
            for (auto at = device.conditions.lower_bound(Key(index, ""));
                 at != device.conditions.end() && at->first.first == index; ++at)
                keys.push_back(at->first);
        return keys;
    }

    /// What stood still while nothing could be known goes on; a hold without a "since" begins anew.
    void resume(Device& device, std::string_view probe, Now now, Changes& changes)
    {
        for (auto const& key : keys_of(device, probe)) {
            auto& condition = device.conditions.at(key);
            condition.began = now.steady;
            settle_and_clean(device, key, now, changes);
        }
    }

    void suspend(Device& device, std::string_view probe, std::string_view why, Now now, Changes& changes)
    {
        for (auto const& key : keys_of(device, probe)) {
            auto& condition = device.conditions.at(key);
            condition.deadline.reset();
            say_unknown(condition, why, now, changes);
            if (!is_series(item(key))) continue;
            // The next reading starts from nothing: a curve has no memory over a hole.
            condition.last = Judgement::unknown;
            if (!condition.alert) device.conditions.erase(key);
        }
    }
};

Evaluator::Evaluator(Profile profile, std::function<std::string(UnixMs)> make_id)
    : state_(std::make_unique<State>())
{
    state_->profile = std::move(profile);
    state_->make_id = std::move(make_id);
    for (std::size_t i = 0; i < state_->profile.items.size(); ++i) {
        auto const& item = state_->profile.items[i];
        if (item.enabled) state_->items_of[item.probe].push_back(i);
    }
}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;

Profile const& Evaluator::profile() const { return state_->profile; }

std::vector<std::string> Evaluator::state_probes() const
{
    std::vector<std::string> probes;
    for (auto const& [name, items] : state_->items_of) {
        auto const* const probe = wire::find_probe(name);
        if (probe != nullptr && probe->kind == wire::Kind::state) probes.push_back(name);
    }
    return probes;
}

void Evaluator::put_device(std::string_view id, std::string_view customer_id, std::string_view device_type)
{
    auto& device = state_->devices[std::string(id)];
    device.id = id;
    device.customer_id = customer_id;
    device.type = device_type;
}

bool Evaluator::knows(std::string_view id) const { return state_->devices.contains(std::string(id)); }

void Evaluator::forget(std::string_view id) { state_->devices.erase(std::string(id)); }

Changes Evaluator::adopt(store::Alert const& alert, Now now)
{
    Changes changes;
    auto* const device = state_->find(alert.device_id);
    auto const& items = state_->profile.items;
    auto const found = std::ranges::find(items, alert.item, &Item::id);
    Condition condition;
    condition.alert = alert;
    if (device == nullptr || found == items.end() || !found->enabled) {
        State::resolve(condition, "no longer watched", now, changes);
        return changes;
    }
    condition.value = alert.latest;
    condition.said_unknown = alert.latest.starts_with("unknown since ");
    if (!condition.said_unknown) condition.told = alert.latest;
    condition.adopted = true;
    // Between its levels there may be no reading any more that tells of it.
    auto const seen = waits_for_change(condition) && is_level(*found) ? leading_number(alert.latest) : std::nullopt;
    if (seen) condition.left = found->comparison == Comparison::above ? *seen <= found->raise : *seen >= found->raise;
    auto const index = static_cast<std::size_t>(found - items.begin());
    device->conditions.insert_or_assign(Key(index, alert.subject), std::move(condition));
    return changes;
}

void Evaluator::amend(store::Alert const& alert)
{
    auto* const device = state_->find(alert.device_id);
    auto const& items = state_->profile.items;
    auto const item = std::ranges::find(items, alert.item, &Item::id);
    if (device == nullptr || item == items.end() || !item->enabled) return;
    auto const key = Key(static_cast<std::size_t>(item - items.begin()), alert.subject);
    if (alert.resolved_ms && !alert.lingers) {
        auto const found = device->conditions.find(key);
        if (found == device->conditions.end() || !found->second.alert || found->second.alert->id != alert.id) return;
        found->second.alert.reset();
        found->second.said_unknown = false;
        if (found->second.last != Judgement::raise && found->second.members.empty()) device->conditions.erase(found);
        return;
    }
    auto& condition = device->conditions[key];
    condition.alert = alert;
    // A change is what comes after it was snoozed.
    if (waits_for_change(condition))
        condition.left = condition.last == Judgement::between || condition.last == Judgement::clear;
}

bool Evaluator::watches(std::string_view item) const
{
    auto const& items = state_->profile.items;
    auto const found = std::ranges::find(items, item, &Item::id);
    return found != items.end() && found->enabled;
}

Changes Evaluator::presence(std::string_view id, Presence presence, Now now)
{
    Changes changes;
    auto* const device = state_->find(id);
    if (device == nullptr || device->presence == presence) return changes;
    device->presence = presence;
    for (auto const& [probe, items] : state_->items_of) {
        if (probe.empty()) continue;
        if (presence == Presence::online)
            state_->resume(*device, probe, now, changes);
        else
            state_->suspend(*device, probe, "device offline", now, changes);
    }
    for (auto const index : state_->items("")) {
        auto const key = Key(index, "");
        if (presence == Presence::unknown) {
            auto const condition = device->conditions.find(key);
            if (condition == device->conditions.end()) continue;
            condition->second.last = Judgement::unknown;
            condition->second.deadline.reset();
            if (!condition->second.alert) device->conditions.erase(condition);
        } else {
            bool const offline = presence == Presence::offline;
            state_->take(
                *device, key,
                {.judgement = offline ? Judgement::raise : Judgement::clear, .value = offline ? "offline" : "online"},
                now, changes);
        }
    }
    return changes;
}

Changes Evaluator::state(std::string_view id, std::string_view probe, Snapshot const& changed,
                         std::vector<std::string> const& removed, std::int64_t offset_ms, Now now)
{
    Changes changes;
    auto* const device = state_->find(id);
    if (device == nullptr) return changes;
    for (auto const index : state_->items(probe)) {
        auto const& item = state_->profile.items[index];
        for (auto const& key : removed) {
            if (item.per_device)
                state_->drop_member(*device, index, key);
            else
                State::gone(*device, Key(index, key), now, changes);
        }
        for (auto const& [key, row] : changed) {
            auto verdict = judge_row(item, row, offset_ms, now);
            if (item.per_device)
                state_->take_member(*device, index, key, verdict, now);
            else
                state_->take(*device, Key(index, key), std::move(verdict), now, changes);
        }
        if (item.per_device) state_->settle_and_clean(*device, Key(index, ""), now, changes);
    }
    return changes;
}

Changes Evaluator::whole_state(std::string_view id, std::string_view probe, Snapshot const& rows,
                               std::int64_t offset_ms, Now now)
{
    std::vector<std::string> removed;
    auto* const device = state_->find(id);
    if (device == nullptr) return {};
    for (auto const& key : state_->keys_of(*device, probe)) {
        auto& condition = device->conditions.at(key);
        if (state_->item(key).per_device) {
            std::erase_if(condition.members, [&](auto const& member) { return !rows.contains(member.first); });
            condition.last = Judgement::clear;
        } else if (!rows.contains(key.second)) {
            removed.push_back(key.second);
        }
    }
    auto changes = state(id, probe, rows, removed, offset_ms, now);
    for (auto const& key : state_->keys_of(*device, probe))
        device->conditions.at(key).adopted = false;
    return changes;
}

Changes Evaluator::readable(std::string_view id, std::string_view probe, std::string_view reason, Now now)
{
    Changes changes;
    auto* const device = state_->find(id);
    if (device == nullptr || state_->items(probe).empty()) return changes;
    if (reason.empty()) {
        if (device->unreadable.erase(std::string(probe)) > 0) state_->resume(*device, probe, now, changes);
    } else if (device->unreadable.insert_or_assign(std::string(probe), std::string(reason)).second) {
        state_->suspend(*device, probe, reason, now, changes);
    }
    return changes;
}

Changes Evaluator::series(std::string_view id, wire::Series const& series, UnixMs taken_ms, Now now)
{
    Changes changes;
    auto* const device = state_->find(id);
    auto const* const probe = wire::find_probe(series.probe);
    if (device == nullptr || probe == nullptr || device->presence != Presence::online) return changes;
    if (now.wall_ms - taken_ms > milliseconds(stale_after).count()) return changes;
    for (auto const index : state_->items(series.probe)) {
        auto const& item = state_->profile.items[index];
        auto const* const column = wire::find_column(*probe, item.column);
        if (column == nullptr) continue;
        auto const place = static_cast<std::size_t>(column - probe->columns.data());
        for (auto const& sample : series.samples) {
            auto const* const value = place < sample.values.size() ? &sample.values[place] : nullptr;
            state_->take(*device, Key(index, sample.key), judge_value(item, value), now, changes);
        }
    }
    if (series.samples.empty()) return changes; // Nothing was seen at all: that says nothing about a subject.
    for (auto const& key : state_->keys_of(*device, series.probe)) {
        if (std::ranges::find(series.samples, key.second, &wire::Sample::key) == series.samples.end())
            State::gone(*device, key, now, changes);
    }
    return changes;
}

Changes Evaluator::retire(std::string_view id, std::string_view why, Now now)
{
    Changes changes;
    auto* const device = state_->find(id);
    if (device == nullptr) return changes;
    for (auto& [key, condition] : device->conditions)
        if (condition.alert) State::resolve(condition, why, now, changes);
    forget(id);
    return changes;
}

Changes Evaluator::tick(Now now)
{
    Changes changes;
    while (!state_->due.empty() && state_->due.top().at <= now.steady) {
        auto const due = state_->due.top();
        state_->due.pop();
        auto* const device = state_->find(due.device);
        if (device == nullptr) continue;
        auto const found = device->conditions.find(due.key);
        if (found == device->conditions.end() || found->second.deadline != due.at) continue;
        auto& condition = found->second;
        auto const& item = state_->item(due.key);
        if (State::is_series(item)) {
            auto const silent = now.steady - condition.last_read;
            if (silent > missed_readings * wire::find_probe(item.probe)->every) {
                condition.last = Judgement::unknown;
                State::say_unknown(condition, "no reading", now, changes);
            }
        }
        if (item.per_device && !(condition.alert && condition.last == Judgement::clear)) condition.deadline.reset();
        state_->settle_and_clean(*device, due.key, now, changes);
    }
    return changes;
}

} // namespace rollcall::rules
