#include "collector/view/projection.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "collector/store/fold.hpp"

namespace rollcall::view
{

namespace
{

using Words = std::set<std::string, std::less<>>;

bool allows(Words const& words, std::string_view word) { return words.empty() || words.contains(word); }

std::string_view word_of(store::Severity severity)
{
    static constexpr std::string_view words[] = {"information", "warning", "critical"};
    return words[static_cast<std::size_t>(severity)];
}

std::string_view word_of(store::AlertStatus status)
{
    static constexpr std::string_view words[] = {"open", "snoozed", "resolved"};
    return words[static_cast<std::size_t>(status)];
}

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
    std::string folder_key;
    std::string customer_key;
    std::vector<AlertEntry const*> open{}; ///< Its open alerts, but those that are snoozed.
};

struct AlertEntry {
    store::Alert alert;
    std::string title_key;
    std::string ticket_key;
    std::string assigned_key;
    DeviceEntry const* device = nullptr;
};

struct CustomerEntry {
    store::Customer customer;
    std::string search;
    std::string name_key;
    std::vector<DeviceEntry*> devices;
    std::map<std::string, store::Folder, std::less<>> folders; ///< By id.
};

/// A customer as it is shown, while a list of them is sorted.
struct CustomerLine {
    api::CustomerRow row;
    std::string_view name_key;
};

/// Where a folder's name stands after those that it lies in.
std::string path_of(CustomerEntry const& customer, std::string_view folder_id)
{
    std::string path;
    auto at = customer.folders.find(folder_id);
    for (std::size_t steps = 0; at != customer.folders.end() && steps <= customer.folders.size(); ++steps) {
        if (!path.empty()) path.insert(0, " / ");
        path.insert(0, at->second.name);
        at = customer.folders.find(at->second.parent_id);
    }
    return path;
}

/// The folder and all that lie in it.
Words folders_below(CustomerEntry const& customer, std::string_view folder_id)
{
    Words found{std::string(folder_id)};
    for (std::size_t before = 0; before != found.size();) {
        before = found.size();
        for (auto const& [id, folder] : customer.folders)
            if (found.contains(folder.parent_id)) found.insert(id);
    }
    return found;
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
    {"folder", [](DeviceEntry const& e) { return e.row.folder_id ? key_of(e.folder_key) : SortKey{.known = false}; }},
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
    {"status", [](AlertEntry const& e) { return key_of(static_cast<std::int64_t>(status_of(e.alert))); }},
    {"ticket",
     [](AlertEntry const& e) { return e.alert.ticket.empty() ? SortKey{.known = false} : key_of(e.ticket_key); }},
    {"assigned",
     [](AlertEntry const& e) {
         return e.alert.assigned_id.empty() ? SortKey{.known = false} : key_of(e.assigned_key);
     }},
    {"type", [](AlertEntry const& e) { return key_of(e.device->row.device_type.value); }},
};

constexpr Sorting<CustomerLine> customer_sortings[] = {
    {"name", [](CustomerLine const& e) { return key_of(e.name_key); }},
    {"rank",
     [](CustomerLine const& e) {
         auto key = key_of(e.row.rank);
         key.known = !e.row.rank.empty();
         return key;
     }},
    {"devices", [](CustomerLine const& e) { return key_of(e.row.devices); }},
    {"online", [](CustomerLine const& e) { return key_of(e.row.online); }},
    {"alerts",
     [](CustomerLine const& e) {
         auto const& counts = e.row.alerts;
         return key_of(counts.critical << 42 | counts.warning << 21 | counts.information);
     }},
    {"pending_reboots", [](CustomerLine const& e) { return key_of(e.row.pending_reboots); }},
    {"patches", [](CustomerLine const& e) { return key_of(e.row.patches); }},
    {"created", [](CustomerLine const& e) { return key_of(e.row.created_ms); }},
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
std::string_view name_key(CustomerLine const& entry) { return entry.name_key; }
std::string_view id_of(DeviceEntry const& entry) { return entry.row.id; }
std::string_view id_of(AlertEntry const& entry) { return entry.alert.id; }
std::string_view id_of(CustomerLine const& entry) { return entry.row.id; }

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
            .status = std::string(word_of(status_of(alert))),
            .item = alert.item,
            .subject = alert.subject,
            .explanation = alert.explanation,
            .value = alert.value,
            .latest = alert.latest,
            .version = alert.version,
            .status_by = alert.status_by,
            .snoozed_ms = alert.snoozed_ms,
            .snoozed_until_ms = alert.snoozed_until_ms,
            .reopened_ms = alert.reopened_ms,
            .cause_persists = alert.lingers,
            .assigned_id = alert.assigned_id,
            .assigned_name = alert.assigned_name,
            .ticket = alert.ticket,
            .notes = alert.notes};
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

Words const& customer_sort_keys()
{
    static Words const names = names_of(customer_sortings);
    return names;
}

struct Projection::State {
    mutable std::shared_mutex mutex;
    std::unordered_map<std::string, std::unique_ptr<DeviceEntry>> devices;
    std::map<std::string, CustomerEntry, std::less<>> customers;
    std::unordered_map<std::string, std::unique_ptr<AlertEntry>> alerts;
    std::unordered_map<std::string, Words> favourite_devices; ///< By technician.
    std::unordered_map<std::string, Words> favourite_customers;

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
            row.folder = row.folder_id ? path_of(customer->second, *row.folder_id) : std::string();
        }
        row.alerts = {};
        for (auto const* const open : entry.open)
            count(row.alerts, open->alert.severity, 1);
        entry.search = search_text(row);
        entry.name_key = store::natural_key(row.name);
        entry.os_key = store::natural_key(row.os_name.value.value_or(""));
        entry.folder_key = store::natural_key(row.folder);
    }

    /// All of a customer: a name that they show has changed.
    void refresh_devices(CustomerEntry const& customer) const
    {
        for (auto* const device : customer.devices)
            refresh(*device);
    }

    [[nodiscard]] static bool is_starred(std::unordered_map<std::string, Words> const& favourites,
                                         std::string_view technician_id, std::string_view id)
    {
        auto const found = favourites.find(std::string(technician_id));
        return found != favourites.end() && found->second.contains(id);
    }

    static void set_starred(std::unordered_map<std::string, Words>& favourites, store::Favourite const& favourite,
                            bool starred)
    {
        auto& words = favourites[favourite.technician_id];
        if (starred)
            words.insert(favourite.id);
        else
            words.erase(favourite.id);
    }

    /// Of the folder that is asked for; empty: any, or none.
    [[nodiscard]] Words sought_folders(DeviceQuery const& query) const
    {
        if (query.folder.empty() || query.folder == no_folder) return {};
        for (auto const& [id, customer] : customers)
            if (customer.folders.contains(query.folder)) return folders_below(customer, query.folder);
        return {query.folder};
    }

    [[nodiscard]] static bool lies_in(api::DeviceRow const& row, DeviceQuery const& query, Words const& folders)
    {
        if (query.folder == no_folder) return !row.folder_id;
        return folders.empty() || (row.folder_id && folders.contains(*row.folder_id));
    }

    [[nodiscard]] bool matches(DeviceEntry const& entry, DeviceQuery const& query, Words const& folders,
                               std::string_view sought) const
    {
        auto const& row = entry.row;
        if (query.availabilities.empty() ? row.revoked : !query.availabilities.contains(row.availability)) return false;
        if (!lies_in(row, query, folders)) return false;
        if (query.monitored && row.monitored != *query.monitored) return false;
        if (query.favourite && is_starred(favourite_devices, query.technician_id, row.id) != *query.favourite)
            return false;
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
        auto const status = word_of(status_of(alert));
        if (!query.customer_id.empty() && device.customer_id != query.customer_id) return false;
        if (!query.device_id.empty() && alert.device_id != query.device_id) return false;
        if (!query.assigned_id.empty() && alert.assigned_id != query.assigned_id) return false;
        if (!allows(query.severities, word_of(alert.severity))) return false;
        if (!allows(query.statuses, status)) return false;
        if (!allows(query.categories, alert.category)) return false;
        if (!query.types.empty() && !(device.device_type.value && query.types.contains(*device.device_type.value)))
            return false;
        if (sought.empty()) return true;
        for (std::string_view const text :
             {std::string_view(alert.title), std::string_view(device.customer_name), std::string_view(device.name),
              word_of(alert.severity), std::string_view(alert.category), std::string_view(alert.ticket), status})
            if (store::contains_folded(text, sought)) return true;
        return false;
    }

    [[nodiscard]] static api::CustomerRow summary(CustomerEntry const& entry)
    {
        api::CustomerRow row{.id = entry.customer.id,
                             .name = entry.customer.name,
                             .rank = entry.customer.rank,
                             .favourite = false,
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

    /// The folders of a customer, each before what lies in it.
    [[nodiscard]] static std::vector<api::FolderRow> tree(CustomerEntry const& customer)
    {
        std::map<std::string_view, std::int64_t> devices;
        for (auto const* const device : customer.devices)
            if (!device->row.revoked && device->row.folder_id) ++devices[*device->row.folder_id];
        std::multimap<std::string_view, store::Folder const*> children;
        for (auto const& [id, folder] : customer.folders)
            children.emplace(folder.parent_id, &folder);
        std::vector<api::FolderRow> rows;
        grow(children, devices, "", 1, rows);
        for (auto& row : rows)
            row.path = path_of(customer, row.id);
        return rows;
    }

    /// Adds what lies in the folder, and returns how many devices do.
    static std::int64_t grow(std::multimap<std::string_view, store::Folder const*> const& children,
                             std::map<std::string_view, std::int64_t> const& devices, std::string_view parent_id,
                             std::int64_t depth, std::vector<api::FolderRow>& rows)
    {
        auto const [first, last] = children.equal_range(parent_id);
        std::vector<std::pair<std::string, store::Folder const*>> sorted;
        for (auto at = first; at != last; ++at)
            sorted.emplace_back(store::natural_key(at->second->name), at->second);
        std::ranges::sort(sorted);
        std::int64_t sum = 0;
        for (auto const& [key, folder] : sorted) {
            auto const place = rows.size();
            auto const own = devices.find(folder->id);
            rows.push_back({.id = folder->id,
                            .customer_id = folder->customer_id,
                            .parent_id = {},
                            .name = folder->name,
                            .path = {},
                            .depth = depth,
                            .devices = own == devices.end() ? 0 : own->second,
                            .devices_below = 0,
                            .version = folder->version});
            if (!parent_id.empty()) rows[place].parent_id = std::string(parent_id);
            rows[place].devices_below = rows[place].devices + grow(children, devices, folder->id, depth + 1, rows);
            sum += rows[place].devices_below;
        }
        return sum;
    }
};

Projection::Projection()
    : state_(std::make_unique<State>())
{
}
Projection::~Projection() = default;

api::DeviceList Projection::devices(store::Scope const& scope, DeviceQuery const& query, UnixMs now_ms) const
{
    auto const sought = store::fold(query.search);
    std::shared_lock const lock(state_->mutex);
    auto const folders = state_->sought_folders(query);
    std::vector<DeviceEntry const*> found;
    for (auto const& [id, customer] : state_->customers) {
        if (!scope.sees(id) || (!query.customer_id.empty() && id != query.customer_id)) continue;
        for (auto const* const entry : customer.devices)
            if (state_->matches(*entry, query, folders, sought)) found.push_back(entry);
    }
    api::DeviceList list{.items = {}, .total = static_cast<std::int64_t>(found.size()), .as_of_ms = now_ms};
    for (auto const* const entry : page(found, device_sortings, query.sort, query.offset, query.limit))
        list.items.push_back(entry->row);
    for (auto& row : list.items)
        row.favourite = State::is_starred(state_->favourite_devices, query.technician_id, row.id);
    return list;
}

std::optional<api::DeviceRow> Projection::device(store::Scope const& scope, std::string_view id,
                                                 std::string_view technician_id) const
{
    std::shared_lock const lock(state_->mutex);
    auto const* const entry = state_->find(id);
    if (entry == nullptr || !scope.sees(entry->row.customer_id)) return std::nullopt;
    auto row = entry->row;
    row.favourite = State::is_starred(state_->favourite_devices, technician_id, id);
    return row;
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
    auto const sought = store::fold(query.search);
    std::shared_lock const lock(state_->mutex);
    std::vector<AlertEntry const*> found;
    for (auto const& [id, entry] : state_->alerts)
        if (scope.sees(entry->device->row.customer_id) && State::matches(*entry, query, sought))
            found.push_back(entry.get());
    api::AlertList list{.items = {}, .total = static_cast<std::int64_t>(found.size()), .as_of_ms = now_ms};
    for (auto const* const entry : page(found, alert_sortings, query.sort, query.offset, query.limit))
        list.items.push_back(shown(*entry));
    return list;
}

std::optional<api::AlertRow> Projection::alert(store::Scope const& scope, std::string_view id) const
{
    std::shared_lock const lock(state_->mutex);
    auto const found = state_->alerts.find(std::string(id));
    if (found == state_->alerts.end() || !scope.sees(found->second->device->row.customer_id)) return std::nullopt;
    return shown(*found->second);
}

api::AlertList Projection::alike(store::Scope const& scope, std::string_view alert_id, std::size_t limit,
                                 UnixMs now_ms) const
{
    std::shared_lock const lock(state_->mutex);
    api::AlertList list{.items = {}, .total = 0, .as_of_ms = now_ms};
    auto const self = state_->alerts.find(std::string(alert_id));
    if (self == state_->alerts.end() || !scope.sees(self->second->device->row.customer_id)) return list;
    auto const& own = self->second->alert;
    auto const& customer_id = self->second->device->row.customer_id;
    std::vector<AlertEntry const*> found;
    for (auto const& [id, entry] : state_->alerts) {
        auto const& alert = entry->alert;
        if (!alert.resolved_ms && alert.item == own.item && alert.subject == own.subject &&
            alert.device_id != own.device_id && scope.sees(entry->device->row.customer_id))
            found.push_back(entry.get());
    }
    auto const nearer = [&](AlertEntry const* a, AlertEntry const* b) {
        bool const a_near = a->device->row.customer_id == customer_id;
        bool const b_near = b->device->row.customer_id == customer_id;
        if (a_near != b_near) return a_near;
        return std::tie(b->alert.created_ms, a->alert.id) < std::tie(a->alert.created_ms, b->alert.id);
    };
    auto const shown_ones = std::min(limit, found.size());
    std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(shown_ones), found.end(), nearer);
    list.total = static_cast<std::int64_t>(found.size());
    for (std::size_t i = 0; i < shown_ones; ++i)
        list.items.push_back(shown(*found[i]));
    return list;
}

api::CustomerList Projection::customers(store::Scope const& scope, CustomerQuery const& query) const
{
    auto const sought = store::fold(query.search);
    std::shared_lock const lock(state_->mutex);
    std::vector<CustomerLine> lines;
    for (auto const& [id, entry] : state_->customers) {
        if (!scope.sees(id) || entry.search.find(sought) == std::string::npos) continue;
        auto const& rank = entry.customer.rank;
        if (!allows(query.ranks, rank.empty() ? no_rank : std::string_view(rank))) continue;
        bool const starred = State::is_starred(state_->favourite_customers, query.technician_id, id);
        if (query.favourite && starred != *query.favourite) continue;
        lines.push_back({.row = State::summary(entry), .name_key = entry.name_key});
        lines.back().row.favourite = starred;
    }
    std::vector<CustomerLine const*> found;
    found.reserve(lines.size());
    for (auto const& line : lines)
        found.push_back(&line);
    auto const total = static_cast<std::int64_t>(found.size());
    api::CustomerList list{.items = {}, .total = total};
    for (auto const* const line : page(found, customer_sortings, query.sort, 0, total))
        list.items.push_back(line->row);
    return list;
}

std::optional<api::CustomerRow> Projection::customer(store::Scope const& scope, std::string_view id,
                                                     std::string_view technician_id) const
{
    std::shared_lock const lock(state_->mutex);
    auto const found = state_->customers.find(id);
    if (found == state_->customers.end() || !scope.sees(id)) return std::nullopt;
    auto row = State::summary(found->second);
    row.favourite = State::is_starred(state_->favourite_customers, technician_id, id);
    return row;
}

std::optional<store::Customer> Projection::customer_record(store::Scope const& scope, std::string_view id) const
{
    std::shared_lock const lock(state_->mutex);
    auto const found = state_->customers.find(id);
    if (found == state_->customers.end() || !scope.sees(id)) return std::nullopt;
    return found->second.customer;
}

api::FolderList Projection::folders(store::Scope const& scope, std::string_view customer_id) const
{
    std::shared_lock const lock(state_->mutex);
    api::FolderList list;
    auto const customer = state_->customers.find(customer_id);
    if (customer == state_->customers.end() || !scope.sees(customer_id)) return list;
    list.items = State::tree(customer->second);
    for (auto const* const device : customer->second.devices)
        list.without_folder += device->row.revoked || device->row.folder_id ? 0 : 1;
    return list;
}

std::optional<api::FolderRow> Projection::folder(store::Scope const& scope, std::string_view id) const
{
    std::shared_lock const lock(state_->mutex);
    for (auto const& [customer_id, customer] : state_->customers) {
        if (!customer.folders.contains(id)) continue;
        if (!scope.sees(customer_id)) return std::nullopt;
        for (auto& row : State::tree(customer))
            if (row.id == id) return std::move(row);
    }
    return std::nullopt;
}

void Projection::put_customer(store::Customer const& customer)
{
    std::unique_lock const lock(state_->mutex);
    auto& entry = state_->customers[customer.id];
    entry.customer = customer;
    entry.search = store::fold(customer.name);
    entry.name_key = store::natural_key(customer.name);
    state_->refresh_devices(entry);
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
    auto const before = entry->row.customer_id;
    change(entry->row);
    if (entry->row.customer_id != before) {
        std::erase(state_->customers[before].devices, entry);
        state_->customers[entry->row.customer_id].devices.push_back(entry);
    }
    state_->refresh(*entry);
    return true;
}

void Projection::remove_device(std::string_view id)
{
    std::unique_lock const lock(state_->mutex);
    auto* const entry = state_->find(id);
    if (entry == nullptr) return;
    std::erase_if(state_->alerts, [&](auto const& one) { return one.second->device == entry; });
    std::erase(state_->customers[entry->row.customer_id].devices, entry);
    for (auto& [technician, starred] : state_->favourite_devices)
        starred.erase(std::string(id));
    state_->devices.erase(std::string(id));
}

void Projection::put_folder(store::Folder const& folder)
{
    std::unique_lock const lock(state_->mutex);
    auto& customer = state_->customers[folder.customer_id];
    customer.folders.insert_or_assign(folder.id, folder);
    state_->refresh_devices(customer);
}

void Projection::remove_folder(store::Folder const& folder)
{
    std::unique_lock const lock(state_->mutex);
    auto& customer = state_->customers[folder.customer_id];
    customer.folders.erase(folder.id);
    for (auto& [id, other] : customer.folders) {
        if (other.parent_id != folder.id) continue;
        other.parent_id = folder.parent_id;
        ++other.version;
    }
    for (auto* const device : customer.devices) {
        auto& row = device->row;
        if (row.folder_id != folder.id) continue;
        row.folder_id.reset();
        if (!folder.parent_id.empty()) row.folder_id = folder.parent_id;
        ++row.version;
    }
    state_->refresh_devices(customer);
}

void Projection::set_favourite_device(store::Favourite const& favourite, bool starred)
{
    std::unique_lock const lock(state_->mutex);
    State::set_starred(state_->favourite_devices, favourite, starred);
}

void Projection::set_favourite_customer(store::Favourite const& favourite, bool starred)
{
    std::unique_lock const lock(state_->mutex);
    State::set_starred(state_->favourite_customers, favourite, starred);
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
    entry->ticket_key = store::natural_key(alert.ticket);
    entry->assigned_key = store::natural_key(alert.assigned_name);
    entry->device = device;
    std::erase(device->open, entry.get());
    if (status_of(alert) == store::AlertStatus::open) device->open.push_back(entry.get());
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
