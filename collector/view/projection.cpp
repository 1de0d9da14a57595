#include "collector/view/projection.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "collector/store/fold.hpp"
#include "collector/view/list_columns.hpp"
#include "collector/view/words.hpp"

namespace rollcall::view
{

namespace
{

using Words = std::set<std::string, std::less<>>;

bool allows(Words const& words, std::string_view word) { return words.empty() || words.contains(word); }

void count(api::AlertCounts& counts, store::Severity severity, std::int64_t by)
{
    switch (severity) {
    case store::Severity::information:
        counts.information += by;
        break;
    case store::Severity::warning:
        counts.warning += by;
        break;
    case store::Severity::critical:
        counts.critical += by;
        break;
    }
}

/// What a list is sorted by, of one line: numbers and texts in one form, so that one comparison serves all columns.
struct SortKey {
    std::uint64_t number = 0;   ///< Of a text: its first eight bytes, which decide nearly always.
    std::string_view text = {}; ///< The rest; outlives the query.
    bool known = true;

    [[nodiscard]] int compare(SortKey const& other) const
    {
        if (number != other.number) return number < other.number ? -1 : 1;
        return text.compare(other.text);
    }
};

SortKey key_of(std::int64_t number)
{
    return {.number = static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63U)};
}

SortKey key_of(double number)
{
    auto const bits = std::bit_cast<std::uint64_t>(number);
    auto const sign = std::uint64_t{1} << 63U;
    return {.number = (bits & sign) != 0 ? ~bits : bits | sign};
}

SortKey key_of(std::string_view text)
{
    SortKey key{.text = text};
    for (std::size_t i = 0; i < 8; ++i)
        key.number = key.number << 8U | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
    return key;
}

template <class T>
SortKey key_of(std::optional<T> const& value)
{
    if (!value) return {.known = false};
    if constexpr (std::is_same_v<T, bool>)
        return key_of(std::int64_t{*value ? 1 : 0});
    else
        return key_of(*value);
}

struct AlertEntry;

struct DeviceEntry {
    api::DeviceRow row;
    std::string search;   ///< Folded: names and addresses, one a line.
    std::string name_key; ///< For sorting.
    std::string os_key;
    std::string customer_key;
    std::vector<AlertEntry const*> open{}; ///< Its open alerts.
};

struct AlertEntry {
    store::Alert alert;
    std::string title_key;
    DeviceEntry const* device = nullptr;
};

struct CustomerEntry {
    store::Customer customer;
    std::string search;
    std::string name_key;
    std::vector<DeviceEntry*> devices;
};

filter::Truth answer_of(RowAnswers const* answers, std::string const& device_id, std::size_t number)
{
    if (answers == nullptr) return filter::Truth::undecided;
    auto const found = answers->find(device_id);
    return found == answers->end() || number >= found->second.size() ? filter::Truth::undecided : found->second[number];
}

class DeviceLine final : public filter::Line
{
public:
    DeviceLine(DeviceEntry const& entry, RowAnswers const* answers)
        : entry_(entry)
        , answers_(answers)
    {
    }
    [[nodiscard]] filter::Cell cell(std::size_t place) const override { return device_cell(entry_.row, place); }
    [[nodiscard]] filter::Truth rows(std::size_t number) const override
    {
        return answer_of(answers_, entry_.row.id, number);
    }

private:
    DeviceEntry const& entry_;
    RowAnswers const* answers_;
};

class AlertLine final : public filter::Line
{
public:
    AlertLine(AlertEntry const& entry, RowAnswers const* answers)
        : entry_(entry)
        , answers_(answers)
    {
    }
    [[nodiscard]] filter::Cell cell(std::size_t place) const override
    {
        return alert_cell(entry_.alert, entry_.device->row, place);
    }
    [[nodiscard]] filter::Truth rows(std::size_t number) const override
    {
        return answer_of(answers_, entry_.alert.device_id, number);
    }

private:
    AlertEntry const& entry_;
    RowAnswers const* answers_;
};

filter::Truth judged(DeviceEntry const& entry, Chosen const& chosen, UnixMs now_ms)
{
    if (chosen.filter == nullptr) return filter::Truth::yes;
    return evaluate(*chosen.filter, DeviceLine(entry, chosen.rows), now_ms);
}

filter::Truth judged(AlertEntry const& entry, Chosen const& chosen, UnixMs now_ms)
{
    if (chosen.filter == nullptr) return filter::Truth::yes;
    return evaluate(*chosen.filter, AlertLine(entry, chosen.rows), now_ms);
}

/// Where each word stands in the order that helps: what runs first.
std::int64_t availability_rank(std::string_view word)
{
    static constexpr std::string_view order[] = {"online", "offline", "unreachable", "retired"};
    return std::ranges::find(order, word) - std::begin(order);
}

template <class Entry>
struct Sorting {
    std::string_view name;
    SortKey (*key)(Entry const&);
};

constexpr Sorting<DeviceEntry> device_sortings[] = {
    {"name", [](DeviceEntry const& e) { return key_of(e.name_key); }},
    {"customer", [](DeviceEntry const& e) { return key_of(e.customer_key); }},
    {"type", [](DeviceEntry const& e) { return key_of(e.row.device_type.value); }},
    {"availability",
     [](DeviceEntry const& e) {
         auto key = key_of(availability_rank(e.row.availability));
         key.known = e.row.availability != "unknown";
         return key;
     }},
    {"alerts",
     [](DeviceEntry const& e) {
         auto const& counts = e.row.alerts;
         return key_of(counts.critical << 42 | counts.warning << 21 | counts.information);
     }},
    {"last_login",
     [](DeviceEntry const& e) {
         return e.row.last_login.value ? key_of(e.row.last_login.value->at_ms) : SortKey{.known = false};
     }},
    {"pending_reboot", [](DeviceEntry const& e) { return key_of(e.row.pending_reboot.value); }},
    {"patches", [](DeviceEntry const& e) { return key_of(e.row.patches.value); }},
    {"security_patches", [](DeviceEntry const& e) { return key_of(e.row.security_patches.value); }},
    {"os", [](DeviceEntry const& e) { return e.row.os_name.value ? key_of(e.os_key) : SortKey{.known = false}; }},
    {"cpu", [](DeviceEntry const& e) { return key_of(e.row.cpu_percent.value); }},
    {"memory", [](DeviceEntry const& e) { return key_of(e.row.memory_percent.value); }},
    {"memory_bytes", [](DeviceEntry const& e) { return key_of(e.row.memory_bytes.value); }},
    {"services_stopped", [](DeviceEntry const& e) { return key_of(e.row.services_stopped.value); }},
    {"users", [](DeviceEntry const& e) { return key_of(e.row.users.value); }},
    {"last_seen", [](DeviceEntry const& e) { return key_of(e.row.last_seen_ms); }},
    {"enrolled", [](DeviceEntry const& e) { return key_of(e.row.enrolled_ms); }},
};

constexpr Sorting<AlertEntry> alert_sortings[] = {
    {"created", [](AlertEntry const& e) { return key_of(e.alert.created_ms); }},
    {"resolved", [](AlertEntry const& e) { return key_of(e.alert.resolved_ms); }},
    {"severity", [](AlertEntry const& e) { return key_of(static_cast<std::int64_t>(e.alert.severity)); }},
    {"title", [](AlertEntry const& e) { return key_of(e.title_key); }},
    {"customer", [](AlertEntry const& e) { return key_of(e.device->customer_key); }},
    {"device", [](AlertEntry const& e) { return key_of(e.device->name_key); }},
    {"category", [](AlertEntry const& e) { return key_of(e.alert.category); }},
    {"status", [](AlertEntry const& e) { return key_of(std::int64_t{e.alert.resolved_ms ? 1 : 0}); }},
    {"type", [](AlertEntry const& e) { return key_of(e.device->row.device_type.value); }},
};

template <class Entry, std::size_t N>
Words names_of(Sorting<Entry> const (&sortings)[N])
{
    Words names;
    for (auto const& sorting : sortings)
        names.emplace(sorting.name);
    return names;
}

std::string_view name_key(DeviceEntry const& entry) { return entry.name_key; }
std::string_view name_key(AlertEntry const& entry) { return entry.title_key; }
std::string_view id_of(DeviceEntry const& entry) { return entry.row.id; }
std::string_view id_of(AlertEntry const& entry) { return entry.alert.id; }

/// The page [offset, offset + limit) of what was found, in order. Only the page itself is sorted, since nobody looks
/// at the rest. Unknown stands last whichever way round; name and id decide ties.
template <class Entry, std::size_t N>
std::vector<Entry const*> page(std::vector<Entry const*> const& found, Sorting<Entry> const (&sortings)[N],
                               std::string_view sort, std::int64_t offset, std::int64_t limit)
{
    bool const down = sort.starts_with('-');
    if (down) sort.remove_prefix(1);
    auto const* sorting = std::ranges::find(sortings, sort, &Sorting<Entry>::name);
    if (sorting == std::end(sortings)) sorting = std::begin(sortings);

    struct Line {
        SortKey key;
        Entry const* entry;
    };
    std::vector<Line> lines;
    lines.reserve(found.size());
    for (auto const* const entry : found)
        lines.push_back({sorting->key(*entry), entry});
    auto const before = [down](Line const& a, Line const& b) {
        if (a.key.known != b.key.known) return a.key.known;
        if (a.key.known) {
            if (int const order = a.key.compare(b.key); order != 0) return down ? order > 0 : order < 0;
        }
        if (int const order = name_key(*a.entry).compare(name_key(*b.entry)); order != 0) return order < 0;
        return id_of(*a.entry) < id_of(*b.entry);
    };
    auto const size = static_cast<std::int64_t>(lines.size());
    auto const from = std::clamp<std::int64_t>(offset, 0, size);
    auto const to = std::clamp<std::int64_t>(limit, 0, size - from) + from;
    if (from > 0) std::nth_element(lines.begin(), lines.begin() + from, lines.end(), before);
    std::partial_sort(lines.begin() + from, lines.begin() + to, lines.end(), before);

    std::vector<Entry const*> shown;
    for (auto i = from; i < to; ++i)
        shown.push_back(lines[static_cast<std::size_t>(i)].entry);
    return shown;
}

std::string search_text(api::DeviceRow const& row)
{
    auto text = row.name;
    if (row.host_name.value) text += '\n' + *row.host_name.value;
    for (auto const& address : row.addresses)
        text += '\n' + address;
    return store::fold(text);
}

api::AlertRow shown(AlertEntry const& entry)
{
    auto const& alert = entry.alert;
    auto const& device = entry.device->row;
    return {.id = alert.id,
            .title = alert.title,
            .customer_id = device.customer_id,
            .customer_name = device.customer_name,
            .device_id = alert.device_id,
            .device_name = device.name,
            .device_type = device.device_type,
            .created_ms = alert.created_ms,
            .resolved_ms = alert.resolved_ms,
            .severity = std::string(word_of(alert.severity)),
            .category = alert.category,
            .status = std::string(status_of(alert)),
            .item = alert.item,
            .subject = alert.subject,
            .explanation = alert.explanation,
            .value = alert.value,
            .latest = alert.latest};
}

} // namespace

Words const& device_sort_keys()
{
    static Words const names = names_of(device_sortings);
    return names;
}

Words const& alert_sort_keys()
{
    static Words const names = names_of(alert_sortings);
    return names;
}

struct Projection::State {
    mutable std::shared_mutex mutex;
    std::unordered_map<std::string, std::unique_ptr<DeviceEntry>> devices;
    std::map<std::string, CustomerEntry, std::less<>> customers;
    std::unordered_map<std::string, std::unique_ptr<AlertEntry>> alerts;

    std::mutex listeners_mutex;
    std::map<std::uint64_t, std::function<void(Change const&)>> listeners;
    std::uint64_t next_listener = 1;

    [[nodiscard]] DeviceEntry* find(std::string_view id) const
    {
        auto const found = devices.find(std::string(id));
        return found == devices.end() ? nullptr : found->second.get();
    }

    /// What sorting and searching need of the row, made once per change instead of once per question.
    void refresh(DeviceEntry& entry) const
    {
        auto& row = entry.row;
        if (auto const customer = customers.find(row.customer_id); customer != customers.end()) {
            row.customer_name = customer->second.customer.name;
            entry.customer_key = customer->second.name_key;
        }
        row.alerts = {};
        for (auto const* const open : entry.open)
            count(row.alerts, open->alert.severity, 1);
        entry.search = search_text(row);
        entry.name_key = store::natural_key(row.name);
        entry.os_key = store::natural_key(row.os_name.value.value_or(""));
    }

    [[nodiscard]] static bool matches(DeviceEntry const& entry, DeviceQuery const& query, std::string_view sought)
    {
        auto const& row = entry.row;
        if (!allows(query.availabilities, row.availability)) return false;
        if (!query.types.empty() && !(row.device_type.value && query.types.contains(*row.device_type.value)))
            return false;
        if (query.pending_reboot && row.pending_reboot.value != *query.pending_reboot) return false;
        if (!query.severities.empty() || !query.categories.empty()) {
            // Severity and category are to be of one and the same alert.
            bool const any = std::ranges::any_of(entry.open, [&](AlertEntry const* open) {
                return allows(query.severities, word_of(open->alert.severity)) &&
                       allows(query.categories, open->alert.category);
            });
            if (!any) return false;
        }
        return sought.empty() || entry.search.find(sought) != std::string::npos;
    }

    [[nodiscard]] static bool matches(AlertEntry const& entry, AlertQuery const& query, std::string_view sought)
    {
        auto const& alert = entry.alert;
        auto const& device = entry.device->row;
        auto const status = status_of(alert);
        if (!query.customer_id.empty() && device.customer_id != query.customer_id) return false;
        if (!query.device_id.empty() && alert.device_id != query.device_id) return false;
        if (!allows(query.severities, word_of(alert.severity))) return false;
        if (!allows(query.statuses, status)) return false;
        if (!allows(query.categories, alert.category)) return false;
        if (!query.types.empty() && !(device.device_type.value && query.types.contains(*device.device_type.value)))
            return false;
        if (sought.empty()) return true;
        for (std::string_view const text :
             {std::string_view(alert.title), std::string_view(device.customer_name), std::string_view(device.name),
              word_of(alert.severity), std::string_view(alert.category), status})
            if (store::contains_folded(text, sought)) return true;
        return false;
    }

    /// Calls `take` with each device that the question may see and that fits it, and what the filter says of it.
    template <class Take>
    void each_match(store::Scope const& scope, DeviceQuery const& query, UnixMs now_ms, Take take) const
    {
        auto const sought = store::fold(query.search);
        for (auto const& [id, customer] : customers) {
            if (!scope.sees(id) || (!query.customer_id.empty() && id != query.customer_id)) continue;
            for (auto const* const entry : customer.devices)
                if (matches(*entry, query, sought)) take(*entry, judged(*entry, query.chosen, now_ms));
        }
    }

    template <class Take>
    void each_match(store::Scope const& scope, AlertQuery const& query, UnixMs now_ms, Take take) const
    {
        auto const sought = store::fold(query.search);
        for (auto const& [id, entry] : alerts)
            if (scope.sees(entry->device->row.customer_id) && matches(*entry, query, sought))
                take(*entry, judged(*entry, query.chosen, now_ms));
    }

    [[nodiscard]] static api::CustomerRow summary(CustomerEntry const& entry)
    {
        api::CustomerRow row{.id = entry.customer.id,
                             .name = entry.customer.name,
                             .created_ms = entry.customer.created_ms,
                             .devices = 0,
                             .online = 0,
                             .alerts = {},
                             .pending_reboots = 0,
                             .patches = 0};
        for (auto const* const device : entry.devices) {
            auto const& one = device->row;
            if (one.revoked) continue;
            ++row.devices;
            row.online += one.availability == "online" ? 1 : 0;
            row.alerts.information += one.alerts.information;
            row.alerts.warning += one.alerts.warning;
            row.alerts.critical += one.alerts.critical;
            row.pending_reboots += one.pending_reboot.value.value_or(false) ? 1 : 0;
            row.patches += one.patches.value.value_or(0);
        }
        return row;
    }
};

Projection::Projection()
    : state_(std::make_unique<State>())
{
}
Projection::~Projection() = default;

api::DeviceList Projection::devices(store::Scope const& scope, DeviceQuery const& query, UnixMs now_ms) const
{
    std::shared_lock const lock(state_->mutex);
    std::vector<DeviceEntry const*> found;
    state_->each_match(scope, query, now_ms, [&](DeviceEntry const& entry, filter::Truth fits) {
        if (fits == filter::Truth::yes) found.push_back(&entry);
    });
    api::DeviceList list{.items = {}, .total = static_cast<std::int64_t>(found.size()), .as_of_ms = now_ms};
    for (auto const* const entry : page(found, device_sortings, query.sort, query.offset, query.limit))
        list.items.push_back(entry->row);
    return list;
}

std::vector<std::string> Projection::undecided(store::Scope const& scope, DeviceQuery const& query, UnixMs now_ms) const
{
    std::shared_lock const lock(state_->mutex);
    std::vector<std::string> ids;
    state_->each_match(scope, query, now_ms, [&](DeviceEntry const& entry, filter::Truth fits) {
        if (fits == filter::Truth::undecided) ids.push_back(entry.row.id);
    });
    return ids;
}

std::vector<std::string> Projection::undecided(store::Scope const& scope, AlertQuery const& query, UnixMs now_ms) const
{
    std::shared_lock const lock(state_->mutex);
    std::unordered_set<std::string_view> ids;
    state_->each_match(scope, query, now_ms, [&](AlertEntry const& entry, filter::Truth fits) {
        if (fits == filter::Truth::undecided) ids.insert(entry.alert.device_id);
    });
    return {ids.begin(), ids.end()};
}

std::optional<api::DeviceRow> Projection::device(store::Scope const& scope, std::string_view id) const
{
    std::shared_lock const lock(state_->mutex);
    auto const* const entry = state_->find(id);
    if (entry == nullptr || !scope.sees(entry->row.customer_id)) return std::nullopt;
    return entry->row;
}

void Projection::each_device(store::Scope const& scope, std::string_view customer_id,
                             std::function<void(api::DeviceRow const&)> const& take) const
{
    std::shared_lock const lock(state_->mutex);
    for (auto const& [id, customer] : state_->customers) {
        if (!scope.sees(id) || (!customer_id.empty() && id != customer_id)) continue;
        for (auto const* const entry : customer.devices)
            take(entry->row);
    }
}

api::AlertList Projection::alerts(store::Scope const& scope, AlertQuery const& query, UnixMs now_ms) const
{
    std::shared_lock const lock(state_->mutex);
    std::vector<AlertEntry const*> found;
    state_->each_match(scope, query, now_ms, [&](AlertEntry const& entry, filter::Truth fits) {
        if (fits == filter::Truth::yes) found.push_back(&entry);
    });
    api::AlertList list{.items = {}, .total = static_cast<std::int64_t>(found.size()), .as_of_ms = now_ms};
    for (auto const* const entry : page(found, alert_sortings, query.sort, query.offset, query.limit))
        list.items.push_back(shown(*entry));
    return list;
}

api::CustomerList Projection::customers(store::Scope const& scope, std::string_view search) const
{
    auto const sought = store::fold(search);
    std::shared_lock const lock(state_->mutex);
    std::vector<CustomerEntry const*> found;
    for (auto const& [id, entry] : state_->customers)
        if (scope.sees(id) && entry.search.find(sought) != std::string::npos) found.push_back(&entry);
    std::ranges::sort(found, [](CustomerEntry const* a, CustomerEntry const* b) {
        return std::tie(a->name_key, a->customer.id) < std::tie(b->name_key, b->customer.id);
    });
    api::CustomerList list{.items = {}, .total = static_cast<std::int64_t>(found.size())};
    for (auto const* const entry : found)
        list.items.push_back(State::summary(*entry));
    return list;
}

std::optional<api::CustomerRow> Projection::customer(store::Scope const& scope, std::string_view id) const
{
    std::shared_lock const lock(state_->mutex);
    auto const found = state_->customers.find(id);
    if (found == state_->customers.end() || !scope.sees(id)) return std::nullopt;
    return State::summary(found->second);
}

void Projection::put_customer(store::Customer const& customer)
{
    std::unique_lock const lock(state_->mutex);
    auto& entry = state_->customers[customer.id];
    entry.customer = customer;
    entry.search = store::fold(customer.name);
    entry.name_key = store::natural_key(customer.name);
    for (auto* const device : entry.devices)
        state_->refresh(*device);
}

void Projection::put_device(api::DeviceRow row)
{
    std::unique_lock const lock(state_->mutex);
    auto& entry = state_->devices[row.id];
    bool const fresh = entry == nullptr;
    if (fresh) entry = std::make_unique<DeviceEntry>();
    if (!fresh && entry->row.customer_id != row.customer_id)
        std::erase(state_->customers[entry->row.customer_id].devices, entry.get());
    if (fresh || entry->row.customer_id != row.customer_id)
        state_->customers[row.customer_id].devices.push_back(entry.get());
    entry->row = std::move(row);
    state_->refresh(*entry);
}

bool Projection::update_device(std::string_view id, std::function<void(api::DeviceRow&)> const& change)
{
    std::unique_lock const lock(state_->mutex);
    auto* const entry = state_->find(id);
    if (entry == nullptr) return false;
    change(entry->row);
    state_->refresh(*entry);
    return true;
}

void Projection::put_alert(store::Alert const& alert)
{
    std::unique_lock const lock(state_->mutex);
    auto* const device = state_->find(alert.device_id);
    if (device == nullptr) return;
    auto& entry = state_->alerts[alert.id];
    if (entry == nullptr) entry = std::make_unique<AlertEntry>();
    entry->alert = alert;
    entry->title_key = store::natural_key(alert.title);
    entry->device = device;
    std::erase(device->open, entry.get());
    if (!alert.resolved_ms) device->open.push_back(entry.get());
    state_->refresh(*device);
}

void Projection::forget_alerts(UnixMs before_ms)
{
    std::unique_lock const lock(state_->mutex);
    std::erase_if(state_->alerts, [&](auto const& one) {
        auto const& resolved_ms = one.second->alert.resolved_ms;
        return resolved_ms && *resolved_ms < before_ms;
    });
}

std::uint64_t Projection::listen(std::function<void(Change const&)> listener)
{
    std::lock_guard const lock(state_->listeners_mutex);
    auto const number = state_->next_listener++;
    state_->listeners.emplace(number, std::move(listener));
    return number;
}

void Projection::unlisten(std::uint64_t number)
{
    std::lock_guard const lock(state_->listeners_mutex);
    state_->listeners.erase(number);
}

void Projection::announce(Change const& change)
{
    // Under the lock, so that nobody is called after unlisten() has returned.
    std::lock_guard const lock(state_->listeners_mutex);
    for (auto const& [number, listener] : state_->listeners)
        listener(change);
}

} // namespace rollcall::view
