#include "collector/view/projection.hpp"

#include <algorithm>
#include <bit>
#include <compare>
#include <limits>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "collector/store/fold.hpp"
#include "collector/store/packing.hpp"
#include "collector/view/list_columns.hpp"
#include "collector/view/text_order.hpp"
#include "collector/view/words.hpp"
#include "common/core/ids.hpp"

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

/// What a list is sorted by, of one line: a number in the same order, so that one comparison serves all columns.
struct SortKey {
    std::uint64_t number = 0;
    bool known = true;
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

/// Of one of the few words of a column, which differ in their first eight letters.
SortKey key_of(std::string_view word)
{
    SortKey key;
    for (std::size_t i = 0; i < 8; ++i)
        key.number = key.number << 8U | (i < word.size() ? static_cast<unsigned char>(word[i]) : 0U);
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

SortKey key_of(TextOrder::Entry const* entry) { return {.number = entry->second.number}; }

struct AlertEntry;
struct CustomerEntry;

/// Where a line stands in its Columns.
using Slot = std::uint32_t;
constexpr Slot no_slot = std::numeric_limits<Slot>::max();

struct DeviceEntry {
    api::DeviceRow row;
    DeviceNumber number = 0;
    TextOrder::Entry const* name = nullptr;
    TextOrder::Entry const* os = nullptr;
    TextOrder::Entry const* folder = nullptr;
    std::uint64_t name_number = 0; ///< A copy of its name's, which lies elsewhere.
    std::uint64_t id_number = 0;
    CustomerEntry const* customer = nullptr;
    std::vector<AlertEntry const*> alerts{}; ///< All of them that are shown.
    std::vector<AlertEntry const*> open{};   ///< Its open alerts, but those that are snoozed.
    mutable Slot slot = no_slot;
};

struct AlertEntry {
    store::Alert alert;
    TextOrder::Entry const* title = nullptr;
    TextOrder::Entry const* ticket = nullptr;
    TextOrder::Entry const* assigned = nullptr;
    std::uint64_t id_number = 0;
    DeviceEntry* device = nullptr;
    mutable Slot slot = no_slot;
};

struct CustomerEntry {
    store::Customer customer;
    std::string search;
    TextOrder::Entry const* name = nullptr;
    std::vector<DeviceEntry*> devices;
    std::map<std::string, store::Folder, std::less<>> folders; ///< By id.
};

/// What a scope sees of one customer.
class Sight
{
public:
    Sight(store::Scope const& scope, std::string_view customer_id)
        : whole_(scope.sees(customer_id))
    {
        if (whole_) return;
        auto const found = scope.folders.find(customer_id);
        if (found != scope.folders.end()) folders_ = &found->second;
    }
    [[nodiscard]] bool whole() const { return whole_; }
    [[nodiscard]] bool any() const { return whole_ || folders_ != nullptr; }
    [[nodiscard]] bool sees_folder(std::string_view id) const
    {
        return whole_ || (folders_ != nullptr && folders_->contains(id));
    }
    [[nodiscard]] bool sees(api::DeviceRow const& row) const
    {
        return whole_ || (row.folder_id && sees_folder(*row.folder_id));
    }

private:
    bool whole_;
    Words const* folders_ = nullptr; ///< With those below.
};

store::Location location(api::DeviceRow const& row)
{
    return {.customer_id = row.customer_id, .folder_id = row.folder_id.value_or("")};
}

bool sees(store::Scope const& scope, api::DeviceRow const& row) { return Sight(scope, row.customer_id).sees(row); }

/// A customer as it is shown, while a list of them is sorted.
struct CustomerLine {
    api::CustomerRow row;
    TextOrder::Entry const* name = nullptr;
    std::uint64_t id_number = 0;
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

api::FolderName folder_name_of(CustomerEntry const& customer, store::Folder const& folder)
{
    return {.id = folder.id,
            .customer_id = folder.customer_id,
            .customer_name = customer.customer.name,
            .path = path_of(customer, folder.id)};
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

filter::Truth answer_of(RowAnswers const* answers, DeviceNumber device, std::size_t test)
{
    bool const is_there = answers != nullptr && test < answers->size() && device < (*answers)[test].size();
    return is_there ? (*answers)[test][device] : filter::Truth::undecided;
}

/// No more lines are to be judged.
bool ends(Chosen const& chosen) { return chosen.patience != nullptr && chosen.patience->ends(); }

/// Where each word stands in the order that helps: what runs first.
std::int64_t availability_rank(std::string_view word)
{
    static constexpr std::string_view order[] = {"online", "offline", "unreachable", "retired"};
    return std::ranges::find(order, word) - std::begin(order);
}

SortKey availability_key(std::string_view word)
{
    auto key = key_of(availability_rank(word));
    key.known = word != "unknown";
    return key;
}

template <class Entry>
struct Sorting {
    std::string_view name;
    SortKey (*key)(Entry const&);
    /// What the key's number stands for, where that is its text's place in an order.
    std::string_view (*text)(Entry const&) = nullptr;
    /// The value of the list's column of this name, where the number of a known key says all of it.
    std::optional<filter::Cell> (*cell)(std::uint64_t number) = nullptr;
    bool is_order = true; ///< Lists can be sorted by it; else it only answers filters.
};

// --- the values behind keys: what key_of() made a number of ---
std::int64_t whole_behind(std::uint64_t number)
{
    return static_cast<std::int64_t>(number ^ (std::uint64_t{1} << 63U));
}
std::optional<filter::Cell> whole_cell(std::uint64_t number) { return whole_behind(number); }
std::optional<filter::Cell> flag_cell(std::uint64_t number) { return whole_behind(number) != 0; }
std::optional<filter::Cell> real_cell(std::uint64_t number)
{
    auto const sign = std::uint64_t{1} << 63U;
    return std::bit_cast<double>((number & sign) != 0 ? number ^ sign : ~number);
}
template <class Enum>
std::optional<filter::Cell> word_cell(std::uint64_t number)
{
    return word_of(static_cast<Enum>(whole_behind(number)));
}
/// One of the usual words, which are shorter than eight letters: a longer one has a number of its own.
template <auto words>
std::optional<filter::Cell> usual_word_cell(std::uint64_t number)
{
    static auto const usual = [] {
        std::vector<std::pair<std::uint64_t, std::string>> made;
        for (auto& word : words())
            made.emplace_back(key_of(std::string_view(word)).number, std::move(word));
        return made;
    }();
    auto const found = std::ranges::find(usual, number, &std::pair<std::uint64_t, std::string>::first);
    if (found == usual.end()) return std::nullopt;
    return filter::Cell(std::string_view(found->second));
}

constexpr Sorting<DeviceEntry> device_sortings[] = {
    {"name", [](DeviceEntry const& e) { return SortKey{.number = e.name_number}; },
     [](DeviceEntry const& e) { return std::string_view(e.name->first); }},
    {"customer", [](DeviceEntry const& e) { return key_of(e.customer->name); },
     [](DeviceEntry const& e) { return std::string_view(e.customer->name->first); }},
    {"folder", [](DeviceEntry const& e) { return e.row.folder_id ? key_of(e.folder) : SortKey{.known = false}; },
     [](DeviceEntry const& e) { return std::string_view(e.folder->first); }},
    {"type", [](DeviceEntry const& e) { return key_of(e.row.device_type.value); }, nullptr,
     usual_word_cell<device_types>},
    {"os_family", [](DeviceEntry const& e) { return key_of(e.row.os_family.value); }, nullptr,
     usual_word_cell<os_families>, false},
    {"availability", [](DeviceEntry const& e) { return availability_key(e.row.availability); }},
    {"alerts",
     [](DeviceEntry const& e) {
         auto const& counts = e.row.alerts;
         return key_of(counts.critical << 42 | counts.warning << 21 | counts.information);
     }},
    {"last_login",
     [](DeviceEntry const& e) {
         return e.row.last_login.value ? key_of(e.row.last_login.value->at_ms) : SortKey{.known = false};
     },
     nullptr, whole_cell},
    {"pending_reboot", [](DeviceEntry const& e) { return key_of(e.row.pending_reboot.value); }, nullptr, flag_cell},
    {"patches", [](DeviceEntry const& e) { return key_of(e.row.patches.value); }, nullptr, whole_cell},
    {"security_patches", [](DeviceEntry const& e) { return key_of(e.row.security_patches.value); }, nullptr,
     whole_cell},
    {"os", [](DeviceEntry const& e) { return e.row.os_name.value ? key_of(e.os) : SortKey{.known = false}; },
     [](DeviceEntry const& e) { return std::string_view(e.os->first); }},
    {"cpu", [](DeviceEntry const& e) { return key_of(e.row.cpu_percent.value); }, nullptr, real_cell},
    {"memory", [](DeviceEntry const& e) { return key_of(e.row.memory_percent.value); }, nullptr, real_cell},
    {"memory_bytes", [](DeviceEntry const& e) { return key_of(e.row.memory_bytes.value); }, nullptr, whole_cell},
    {"services_stopped", [](DeviceEntry const& e) { return key_of(e.row.services_stopped.value); }, nullptr,
     whole_cell},
    {"users", [](DeviceEntry const& e) { return key_of(e.row.users.value); }, nullptr, whole_cell},
    {"last_seen", [](DeviceEntry const& e) { return key_of(e.row.last_seen_ms); }, nullptr, whole_cell},
    {"enrolled", [](DeviceEntry const& e) { return key_of(e.row.enrolled_ms); }, nullptr, whole_cell},
};

constexpr Sorting<AlertEntry> alert_sortings[] = {
    {"created", [](AlertEntry const& e) { return key_of(e.alert.created_ms); }, nullptr, whole_cell},
    {"resolved", [](AlertEntry const& e) { return key_of(e.alert.resolved_ms); }, nullptr, whole_cell},
    {"severity", [](AlertEntry const& e) { return key_of(static_cast<std::int64_t>(e.alert.severity)); }, nullptr,
     word_cell<store::Severity>},
    {"title", [](AlertEntry const& e) { return key_of(e.title); },
     [](AlertEntry const& e) { return std::string_view(e.title->first); }},
    {"customer", [](AlertEntry const& e) { return key_of(e.device->customer->name); },
     [](AlertEntry const& e) { return std::string_view(e.device->customer->name->first); }},
    {"device", [](AlertEntry const& e) { return SortKey{.number = e.device->name_number}; },
     [](AlertEntry const& e) { return std::string_view(e.device->name->first); }},
    {"category", [](AlertEntry const& e) { return key_of(e.alert.category); }},
    {"status", [](AlertEntry const& e) { return key_of(static_cast<std::int64_t>(status_of(e.alert))); }, nullptr,
     word_cell<store::AlertStatus>},
    {"ticket", [](AlertEntry const& e) { return e.alert.ticket.empty() ? SortKey{.known = false} : key_of(e.ticket); },
     [](AlertEntry const& e) { return std::string_view(e.ticket->first); }},
    {"assigned",
     [](AlertEntry const& e) { return e.alert.assigned_id.empty() ? SortKey{.known = false} : key_of(e.assigned); },
     [](AlertEntry const& e) { return std::string_view(e.assigned->first); }},
    {"type", [](AlertEntry const& e) { return key_of(e.device->row.device_type.value); }},
};

constexpr Sorting<CustomerLine> customer_sortings[] = {
    {"name", [](CustomerLine const& e) { return key_of(e.name); },
     [](CustomerLine const& e) { return std::string_view(e.name->first); }},
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
         auto const& counts = *e.row.alerts;
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
        if (sorting.is_order) names.emplace(sorting.name);
    return names;
}

/// Ties go by name, then by id; both as numbers first, since texts lie elsewhere.
std::uint64_t name_number(DeviceEntry const& entry) { return entry.name_number; }
std::uint64_t name_number(AlertEntry const& entry) { return entry.title->second.number; }
std::uint64_t name_number(CustomerLine const& entry) { return entry.name->second.number; }
std::string_view name_text(DeviceEntry const& entry) { return entry.name->first; }
std::string_view name_text(AlertEntry const& entry) { return entry.title->first; }
std::string_view name_text(CustomerLine const& entry) { return entry.name->first; }
std::string_view id_of(DeviceEntry const& entry) { return entry.row.id; }
std::string_view id_of(AlertEntry const& entry) { return entry.alert.id; }
std::string_view id_of(CustomerLine const& entry) { return entry.row.id; }

/// The first 16 hexadecimal digits, which hold the time of a UUID and decide nearly always.
std::uint64_t number_of_id(std::string_view id)
{
    std::uint64_t number = 0;
    int digits = 0;
    for (char const c : id) {
        if (c == '-') continue;
        auto const value = static_cast<unsigned char>(c);
        number = number << 4U | (value <= '9' ? value & 15U : (value & 15U) + 9U);
        if (++digits == 16) break;
    }
    return number;
}

/// A bit for each severity and category that one and the same alert may have; categories that nobody knows share one.
std::uint32_t kind_of(store::Severity severity, std::string_view category)
{
    static std::vector<std::string> const categories = alert_categories();
    auto const place = static_cast<std::size_t>(std::ranges::find(categories, category) - categories.begin());
    return 1U << (static_cast<std::size_t>(severity) * (categories.size() + 1) + place);
}

/// The kinds that a question allows; 0: all.
std::uint32_t kinds_of(Words const& severities, Words const& categories)
{
    constexpr std::uint32_t none = 1U << 30U;
    if (severities.empty() && categories.empty()) return 0;
    std::uint32_t kinds = none;
    for (auto const severity : {store::Severity::information, store::Severity::warning, store::Severity::critical}) {
        if (!allows(severities, word_of(severity))) continue;
        if (categories.empty()) {
            kinds |= kind_of(severity, {});
            for (auto const& category : alert_categories())
                kinds |= kind_of(severity, category);
        }
        for (auto const& category : categories)
            kinds |= kind_of(severity, category);
    }
    return kinds;
}

/// Of a line that no list has unless it is asked for such.
constexpr std::uint32_t aside = 1U << 31U;

/// What is asked of a line besides its columns: is it aside, and of which kinds are its open alerts?
std::uint32_t traits_of(DeviceEntry const& entry)
{
    std::uint32_t traits = entry.row.revoked ? aside : 0;
    for (auto const* const open : entry.open)
        traits |= kind_of(open->alert.severity, open->alert.category);
    return traits;
}
std::uint32_t traits_of(AlertEntry const& /*entry*/) { return 0; }

/// Where the line stands that this one belongs to.
Slot owner_of(DeviceEntry const& /*entry*/) { return no_slot; }
Slot owner_of(AlertEntry const& entry) { return entry.device->slot; }

DeviceNumber device_of(DeviceEntry const& entry) { return entry.number; }
DeviceNumber device_of(AlertEntry const& entry) { return entry.device->number; }

/// A text of each line, by its slot, one behind the other: who looks through them all reads the memory from one end to
/// the other.
class Texts
{
public:
    void put(Slot slot, std::string_view text)
    {
        if (slot >= places_.size()) places_.resize(slot + std::size_t{1});
        auto& place = places_[slot];
        if (text.size() > place.room) {
            unused_ += place.room;
            place.at = static_cast<std::uint32_t>(bytes_.size());
            place.room = static_cast<std::uint32_t>(text.size());
            bytes_.append(text);
        } else {
            text.copy(bytes_.data() + place.at, text.size());
        }
        place.size = static_cast<std::uint32_t>(text.size());
        if (unused_ > pack_beyond && unused_ > bytes_.size() / 2) pack();
    }

    /// The last one takes the slot.
    void remove(Slot slot)
    {
        unused_ += places_[slot].room;
        places_[slot] = places_.back();
        places_.pop_back();
    }

    [[nodiscard]] std::string_view operator[](Slot slot) const
    {
        auto const& place = places_[slot];
        return {bytes_.data() + place.at, place.size};
    }

private:
    struct Place {
        std::uint32_t at = 0;
        std::uint32_t room = 0;
        std::uint32_t size = 0;
    };
    static constexpr std::size_t pack_beyond = 64UL * 1024;

    void pack()
    {
        std::string packed;
        packed.reserve(bytes_.size() - unused_);
        for (auto& place : places_) {
            auto const at = static_cast<std::uint32_t>(packed.size());
            packed.append(bytes_, place.at, place.size);
            place = {.at = at, .room = place.size, .size = place.size};
        }
        bytes_ = std::move(packed);
        unused_ = 0;
    }

    std::string bytes_;
    std::vector<Place> places_;
    std::size_t unused_ = 0;
};

/// Which keys of a column a question allows.
struct Choice {
    std::size_t place = 0;
    std::vector<std::uint64_t> numbers{};
    bool unknown = false;
};

/// What lists are sorted and mostly chosen by, of all lines of one kind, column by column: what a question reads lies
/// side by side, while the lines themselves lie all over the memory.
template <class Entry>
class Columns
{
public:
    template <std::size_t N>
    explicit Columns(Sorting<Entry> const (&sortings)[N])
        : sortings_(sortings)
        , numbers_(N)
    {
        static_assert(N <= 32, "`known_` has a bit for each");
    }

    /// Takes a line that came, or what changed in it.
    void put(Entry const& entry)
    {
        if (entry.slot == no_slot) {
            entry.slot = static_cast<Slot>(entries_.size());
            entries_.push_back(&entry);
            for (auto& column : numbers_)
                column.push_back(0);
            known_.push_back(0);
            traits_.push_back(0);
            names_.push_back(0);
            ids_.push_back(0);
            owners_.push_back(no_slot);
            devices_.push_back(device_of(entry));
            texts_.put(entry.slot, {});
            texts_of_owned_.put(entry.slot, {});
        }
        auto const slot = entry.slot;
        std::uint32_t known = 0;
        for (std::size_t place = 0; place < numbers_.size(); ++place) {
            auto const key = sortings_[place].key(entry);
            numbers_[place][slot] = key.number;
            if (key.known) known |= 1U << place;
        }
        known_[slot] = known;
        traits_[slot] = traits_of(entry);
        names_[slot] = name_number(entry);
        ids_[slot] = entry.id_number;
        owners_[slot] = owner_of(entry);
    }
    /// Folded: what a line is found by, one a line of the text.
    void put_text(Entry const& entry, std::string_view text) { texts_.put(entry.slot, text); }
    /// Likewise, of its own, what those lines are found by that belong to it.
    void put_text_of_owned(Entry const& entry, std::string_view text) { texts_of_owned_.put(entry.slot, text); }

    /// Before it goes. The last line takes its slot: returned, where it is another one.
    Entry const* remove(Entry const& entry)
    {
        if (entry.slot == no_slot) return nullptr;
        auto const slot = entry.slot;
        auto const move_last = [slot](auto& column) {
            column[slot] = column.back();
            column.pop_back();
        };
        entries_.back()->slot = slot;
        move_last(entries_);
        for (auto& column : numbers_)
            move_last(column);
        move_last(known_);
        move_last(traits_);
        move_last(names_);
        move_last(ids_);
        move_last(owners_);
        move_last(devices_);
        texts_.remove(slot);
        texts_of_owned_.remove(slot);
        entry.slot = no_slot;
        return slot < size() ? entries_[slot] : nullptr;
    }

    [[nodiscard]] Slot size() const { return static_cast<Slot>(entries_.size()); }
    [[nodiscard]] Entry const& entry(Slot slot) const { return *entries_[slot]; }
    [[nodiscard]] std::uint64_t number(std::size_t place, Slot slot) const { return numbers_[place][slot]; }
    [[nodiscard]] bool is_known(std::size_t place, Slot slot) const { return (known_[slot] >> place & 1U) != 0; }
    [[nodiscard]] std::uint32_t traits(Slot slot) const { return traits_[slot]; }
    [[nodiscard]] std::uint64_t name(Slot slot) const { return names_[slot]; }
    [[nodiscard]] std::uint64_t id(Slot slot) const { return ids_[slot]; }
    [[nodiscard]] Slot owner(Slot slot) const { return owners_[slot]; }
    [[nodiscard]] DeviceNumber device(Slot slot) const { return devices_[slot]; }
    [[nodiscard]] std::string_view text(Slot slot) const { return texts_[slot]; }
    [[nodiscard]] std::string_view text_of_owned(Slot slot) const { return texts_of_owned_[slot]; }

    [[nodiscard]] std::size_t place_of(std::string_view sorting) const
    {
        auto const found = std::ranges::find(sortings_, sorting, &Sorting<Entry>::name);
        return static_cast<std::size_t>(found - sortings_.begin());
    }

    [[nodiscard]] bool allows(std::vector<Choice> const& choices, Slot slot) const
    {
        return std::ranges::all_of(choices, [&](Choice const& choice) {
            if (!is_known(choice.place, slot)) return choice.unknown;
            return std::ranges::find(choice.numbers, number(choice.place, slot)) != choice.numbers.end();
        });
    }

    [[nodiscard]] bool is_one_of(std::vector<Choice> const& choices, Slot slot) const
    {
        return std::ranges::any_of(choices, [&](Choice const& choice) {
            return is_known(choice.place, slot) &&
                   std::ranges::find(choice.numbers, number(choice.place, slot)) != choice.numbers.end();
        });
    }

    /// Which columns of a filter's subject stand here.
    [[nodiscard]] std::vector<std::size_t> places_of(filter::Subject const& subject) const
    {
        std::vector<std::size_t> places;
        for (auto const& column : subject.columns) {
            auto const place = place_of(column.name);
            places.push_back(place < sortings_.size() && sortings_[place].cell != nullptr ? place : nowhere);
        }
        return places;
    }
    /// What stands in the column at `place`, where it does.
    [[nodiscard]] std::optional<filter::Cell> cell(std::size_t place, Slot slot) const
    {
        if (place == nowhere || !is_known(place, slot)) return std::nullopt;
        return sortings_[place].cell(number(place, slot));
    }
    static constexpr auto nowhere = std::numeric_limits<std::size_t>::max();

private:
    std::span<Sorting<Entry> const> sortings_;
    std::vector<Entry const*> entries_;
    std::vector<std::vector<std::uint64_t>> numbers_; ///< By sorting, then by slot.
    std::vector<std::uint32_t> known_;                ///< A bit for each sorting.
    std::vector<std::uint32_t> traits_;
    std::vector<std::uint64_t> names_;
    std::vector<std::uint64_t> ids_;
    std::vector<Slot> owners_;
    std::vector<DeviceNumber> devices_;
    Texts texts_;
    Texts texts_of_owned_;
};

/// A place in a sorted list, behind one of its lines: what decides its order, as it was then.
struct Cursor {
    std::string sort;
    bool known = false;
    std::uint64_t number = 0;
    std::string text;
    std::string name;
    std::string id;
};

std::string written(Cursor const& cursor)
{
    std::string bytes;
    store::put_text(bytes, cursor.sort);
    store::put_number(bytes, cursor.known ? 1 : 0);
    store::put_number(bytes, cursor.number);
    store::put_text(bytes, cursor.text);
    store::put_text(bytes, cursor.name);
    store::put_text(bytes, cursor.id);
    return base64url_encode(bytes);
}

std::optional<Cursor> read_cursor(std::string_view text, std::string_view sort)
{
    bool ok = false;
    auto const bytes = base64url_decode(text, ok);
    if (!ok) return std::nullopt;
    store::Unpacker unpacker(bytes);
    Cursor cursor;
    cursor.sort = unpacker.text();
    cursor.known = unpacker.number() == 1;
    cursor.number = unpacker.number();
    cursor.text = unpacker.text();
    cursor.name = unpacker.text();
    cursor.id = unpacker.text();
    if (unpacker.bad() || !unpacker.at_end() || cursor.sort != sort) return std::nullopt;
    return cursor;
}

/// A way to sort lines of one kind, and which way round.
template <class Entry>
struct Order {
    Sorting<Entry> const* sorting = nullptr;
    bool down = false;

    template <std::size_t N>
    Order(Sorting<Entry> const (&sortings)[N], std::string_view sort)
        : down(sort.starts_with('-'))
    {
        if (down) sort.remove_prefix(1);
        sorting = std::ranges::find(sortings, sort, &Sorting<Entry>::name);
        if (sorting == std::end(sortings)) sorting = std::begin(sortings);
    }

    [[nodiscard]] Cursor cursor_behind(Entry const& entry, std::string_view sort) const
    {
        auto const key = sorting->key(entry);
        return {.sort = std::string(sort),
                .known = key.known,
                .number = sorting->text == nullptr ? key.number : 0,
                .text = std::string(sorting->text == nullptr || !key.known ? "" : sorting->text(entry)),
                .name = std::string(name_text(entry)),
                .id = std::string(id_of(entry))};
    }

    [[nodiscard]] bool is_behind(Entry const& entry, Cursor const& cursor) const
    {
        auto const key = sorting->key(entry);
        if (key.known != cursor.known) return cursor.known;
        if (key.known) {
            auto const order = sorting->text == nullptr ? key.number <=> cursor.number
                                                        : sorting->text(entry) <=> std::string_view(cursor.text);
            if (std::is_neq(order)) return down ? std::is_lt(order) : std::is_gt(order);
        }
        if (int const order = name_text(entry).compare(cursor.name); order != 0) return order > 0;
        return std::pair(number_of_id(id_of(entry)), id_of(entry)) >
               std::pair(number_of_id(cursor.id), std::string_view(cursor.id));
    }
};

template <class Entry>
struct Page {
    std::vector<Entry const*> lines;
    std::string next; ///< The cursor behind the last one; "" = there is nothing more.
};

/// Which page of a list, in which order.
struct Wanted {
    std::string_view sort;
    std::string_view after;
    std::int64_t offset = 0;
    std::int64_t limit = 0;
};

template <class Query>
Wanted wanted_of(Query const& query)
{
    return {.sort = query.sort, .after = query.after, .offset = query.offset, .limit = query.limit};
}

/// What decides the order of a line.
template <class Entry>
struct Line {
    std::uint64_t number;
    std::uint64_t name;
    std::uint64_t id;
    Entry const* entry;
    bool known;
};

/// The page that is wanted of the lines that were found. Only the page itself is sorted, since nobody looks at the
/// rest. Unknown stands last whichever way round; name and id decide ties.
template <class Entry>
Page<Entry> page(std::vector<Line<Entry>> lines, Order<Entry> const& order, Wanted const& wanted)
{
    if (auto const after = wanted.after.empty() ? std::nullopt : read_cursor(wanted.after, wanted.sort))
        std::erase_if(lines, [&](Line<Entry> const& line) { return !order.is_behind(*line.entry, *after); });
    auto const before = [down = order.down](Line<Entry> const& a, Line<Entry> const& b) {
        if (a.known != b.known) return a.known;
        if (a.known && a.number != b.number) return down ? a.number > b.number : a.number < b.number;
        if (a.name != b.name) return a.name < b.name;
        if (a.id != b.id) return a.id < b.id;
        return id_of(*a.entry) < id_of(*b.entry);
    };
    auto const size = static_cast<std::int64_t>(lines.size());
    auto const from = std::clamp<std::int64_t>(wanted.offset, 0, size);
    auto const to = std::clamp<std::int64_t>(wanted.limit, 0, size - from) + from;
    if (from > 0) std::nth_element(lines.begin(), lines.begin() + from, lines.end(), before);
    if (to == size)
        std::sort(lines.begin() + from, lines.end(), before);
    else
        std::partial_sort(lines.begin() + from, lines.begin() + to, lines.end(), before);

    Page<Entry> shown;
    for (auto i = from; i < to; ++i)
        shown.lines.push_back(lines[static_cast<std::size_t>(i)].entry);
    if (to < size && to > from) shown.next = written(order.cursor_behind(*shown.lines.back(), wanted.sort));
    return shown;
}

template <class Entry, std::size_t N>
Page<Entry> page(Columns<Entry> const& columns, std::vector<Slot> const& found, Sorting<Entry> const (&sortings)[N],
                 Wanted const& wanted)
{
    Order<Entry> const order(sortings, wanted.sort);
    auto const place = columns.place_of(order.sorting->name);
    std::vector<Line<Entry>> lines;
    lines.reserve(found.size());
    for (auto const slot : found)
        lines.push_back({.number = columns.number(place, slot),
                         .name = columns.name(slot),
                         .id = columns.id(slot),
                         .entry = &columns.entry(slot),
                         .known = columns.is_known(place, slot)});
    return page(std::move(lines), order, wanted);
}

template <class Entry, std::size_t N>
Projection::Ids ids_in_order(Columns<Entry> const& columns, std::vector<Slot> const& found,
                             Sorting<Entry> const (&sortings)[N], std::string_view sort, std::size_t most)
{
    Projection::Ids made{.ids = {}, .total = found.size()};
    if (found.size() > most) return made;
    auto const all = static_cast<std::int64_t>(found.size());
    for (auto const* const entry : page(columns, found, sortings, {.sort = sort, .after = {}, .limit = all}).lines)
        made.ids.emplace_back(id_of(*entry));
    return made;
}

/// What a search looks for, folded, prepared once for all lines.
class Sought
{
public:
    explicit Sought(std::string_view search)
        : text_(store::fold(search))
    {
        if (text_.size() >= worth_preparing) searcher_.emplace(text_.begin(), text_.end());
    }
    Sought(Sought const&) = delete;
    Sought& operator=(Sought const&) = delete;

    [[nodiscard]] std::string const& text() const { return text_; }
    [[nodiscard]] bool empty() const { return text_.empty(); }
    [[nodiscard]] bool is_in(std::string_view text) const
    {
        if (!searcher_) return text.find(text_) != std::string_view::npos;
        return text.size() >= text_.size() && std::search(text.begin(), text.end(), *searcher_) != text.end();
    }

private:
    static constexpr std::size_t worth_preparing = 4;

    std::string text_;
    std::optional<std::boyer_moore_horspool_searcher<std::string::const_iterator>> searcher_;
};

/// Those of these words that a search finds.
Words found_words(std::vector<std::string> const& known, std::string_view sought)
{
    Words words;
    for (auto const& one : known)
        if (store::fold(one).find(sought) != std::string::npos) words.insert(one);
    return words;
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

bool is_place(std::string_view cursor, std::string_view sort) { return read_cursor(cursor, sort).has_value(); }

struct Projection::State {
    mutable std::shared_mutex mutex;
    /// Readers go through it one by one; a writer that waits for those inside keeps it closed, so that none overtakes
    /// it.
    mutable std::mutex gate;

    [[nodiscard]] std::shared_lock<std::shared_mutex> reading() const
    {
        std::lock_guard const passed(gate);
        return std::shared_lock(mutex);
    }
    [[nodiscard]] std::unique_lock<std::shared_mutex> writing() const
    {
        std::lock_guard const closed(gate);
        return std::unique_lock(mutex);
    }

    std::unordered_map<std::string, std::unique_ptr<DeviceEntry>> devices;
    std::vector<DeviceEntry const*> devices_by_number; ///< nullptr: it has gone.
    std::map<std::string, CustomerEntry, std::less<>> customers;
    std::map<std::string, CustomerEntry const*, std::less<>> folder_owners; ///< By the folder's id.
    std::unordered_map<std::string, std::unique_ptr<AlertEntry>> alerts;
    TextOrder device_names;
    TextOrder systems;
    TextOrder folder_paths;
    TextOrder customer_names;
    TextOrder titles;
    TextOrder tickets;
    TextOrder assignees;
    std::uint64_t settled_numbers = 0; ///< How often texts had been numbered anew when the columns took them.
    Columns<DeviceEntry> device_columns{device_sortings};
    Columns<AlertEntry> alert_columns{alert_sortings};
    std::unordered_map<std::string, Words> favourite_devices; ///< By technician.
    std::unordered_map<std::string, Words> favourite_customers;
    std::unordered_map<std::string, std::string> technician_names; ///< Of those who were renamed.

    std::mutex listeners_mutex;
    std::map<std::uint64_t, std::function<void(Change const&)>> listeners;
    std::map<std::uint64_t, RowsListener> rows_listeners;
    std::uint64_t next_listener = 1;

    /// Those who judge alerts know his name of when it was assigned.
    void name_assignee(AlertEntry& entry)
    {
        if (auto const found = technician_names.find(entry.alert.assigned_id); found != technician_names.end())
            entry.alert.assigned_name = found->second;
        assignees.replace(entry.assigned, store::natural_key(entry.alert.assigned_name));
    }

    [[nodiscard]] DeviceEntry* find(std::string_view id) const
    {
        auto const found = devices.find(std::string(id));
        return found == devices.end() ? nullptr : found->second.get();
    }

    /// What sorting and searching need of the row, made once per change instead of once per question.
    void refresh(DeviceEntry& entry)
    {
        auto& row = entry.row;
        row.customer_name = entry.customer->customer.name;
        row.folder = row.folder_id ? path_of(*entry.customer, *row.folder_id) : std::string();
        row.alerts = {};
        for (auto const* const open : entry.open)
            count(row.alerts, open->alert.severity, 1);
        systems.replace(entry.os, store::natural_key(row.os_name.value.value_or("")));
        folder_paths.replace(entry.folder, store::natural_key(row.folder));
        device_names.replace(entry.name, store::natural_key(row.name));
        entry.name_number = entry.name->second.number;
        device_columns.put(entry);
        device_columns.put_text(entry, search_text(row));
        device_columns.put_text_of_owned(entry, store::fold(row.name + '\n' + row.customer_name));
        for (auto const* const alert : entry.alerts)
            alert_columns.put(*alert);
        settle();
    }

    /// Takes the texts' numbers over where some were given anew.
    void settle()
    {
        std::uint64_t renumbered = 0;
        for (auto const* const order :
             {&device_names, &systems, &folder_paths, &customer_names, &titles, &tickets, &assignees})
            renumbered += order->renumbered();
        if (renumbered == settled_numbers) return;
        settled_numbers = renumbered;
        for (Slot slot = 0; slot < device_columns.size(); ++slot) {
            auto& entry = *find(device_columns.entry(slot).row.id);
            entry.name_number = entry.name->second.number;
            device_columns.put(entry);
        }
        for (Slot slot = 0; slot < alert_columns.size(); ++slot)
            alert_columns.put(alert_columns.entry(slot));
    }

    /// The place of a customer, made where a device came first.
    [[nodiscard]] CustomerEntry& customer_of(std::string const& id)
    {
        auto& entry = customers[id];
        if (entry.name == nullptr) customer_names.replace(entry.name, {});
        return entry;
    }

    /// Before they go.
    void release_texts(DeviceEntry const& entry)
    {
        device_names.release(*entry.name);
        systems.release(*entry.os);
        folder_paths.release(*entry.folder);
    }
    void release_texts(AlertEntry const& entry)
    {
        titles.release(*entry.title);
        tickets.release(*entry.ticket);
        assignees.release(*entry.assigned);
    }

    /// All of a customer: a name that they show has changed.
    void refresh_devices(CustomerEntry const& customer)
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
        auto const owner = folder_owners.find(query.folder);
        return owner == folder_owners.end() ? Words{query.folder} : folders_below(*owner->second, query.folder);
    }

    [[nodiscard]] static bool lies_in(api::DeviceRow const& row, DeviceQuery const& query, Words const& folders)
    {
        if (query.folder == no_folder) return !row.folder_id;
        return folders.empty() || (row.folder_id && folders.contains(*row.folder_id));
    }

    /// What the columns do not say of a device; that has been looked at before.
    [[nodiscard]] bool matches(DeviceEntry const& entry, DeviceQuery const& query, Words const& folders) const
    {
        auto const& row = entry.row;
        if (!lies_in(row, query, folders)) return false;
        if (query.monitored && row.monitored != *query.monitored) return false;
        return !query.favourite || is_starred(favourite_devices, query.technician_id, row.id) == *query.favourite;
    }

    [[nodiscard]] static bool asks_for_more(DeviceQuery const& query)
    {
        return !query.folder.empty() || query.monitored || query.favourite;
    }

    template <class Entry, class Key>
    static void choose(std::vector<Choice>& choices, Columns<Entry> const& columns, std::string_view column,
                       Words const& words, Key key)
    {
        if (words.empty()) return;
        Choice choice{.place = columns.place_of(column)};
        for (auto const& word : words) {
            SortKey const one = key(word);
            if (one.known)
                choice.numbers.push_back(one.number);
            else
                choice.unknown = true;
        }
        choices.push_back(std::move(choice));
    }

    [[nodiscard]] std::vector<Choice> choices_of(DeviceQuery const& query) const
    {
        auto const word = [](std::string_view text) { return key_of(text); };
        std::vector<Choice> choices;
        choose(choices, device_columns, "type", query.types, word);
        choose(choices, device_columns, "availability", query.availabilities, availability_key);
        if (query.pending_reboot)
            choices.push_back(
                {.place = device_columns.place_of("pending_reboot"), .numbers = {key_of(query.pending_reboot).number}});
        return choices;
    }

    [[nodiscard]] std::vector<Choice> choices_of(AlertQuery const& query) const
    {
        std::vector<Choice> choices;
        choose(choices, alert_columns, "type", query.types, [](std::string_view text) { return key_of(text); });
        choose_words(choices, query.categories, query.severities, query.statuses);
        return choices;
    }

    /// Of the columns of alerts that have fixed words.
    void choose_words(std::vector<Choice>& choices, Words const& categories, Words const& severities,
                      Words const& statuses) const
    {
        auto const among = [](auto... all) {
            return [all...](std::string_view text) {
                SortKey key{.known = false};
                ((word_of(all) == text ? static_cast<void>(key = key_of(static_cast<std::int64_t>(all))) : void()),
                 ...);
                return key;
            };
        };
        choose(choices, alert_columns, "category", categories, [](std::string_view text) { return key_of(text); });
        choose(choices, alert_columns, "severity", severities,
               among(store::Severity::information, store::Severity::warning, store::Severity::critical));
        choose(choices, alert_columns, "status", statuses,
               among(store::AlertStatus::open, store::AlertStatus::snoozed, store::AlertStatus::resolved));
    }

    /// What alerts are found by. Their fixed words are looked through once, and the texts of a device once for all of
    /// its alerts.
    class AlertSearch
    {
    public:
        AlertSearch(State const& state, std::string_view search)
            : state_(state)
            , sought_(search)
        {
            if (sought_.empty()) return;
            auto const& text = sought_.text();
            state.choose_words(words_, found_words(alert_categories(), text), found_words(severities(), text),
                               found_words(alert_statuses(), text));
            devices_.resize(state.device_columns.size(), Seen::no);
        }
        [[nodiscard]] bool finds(Slot slot)
        {
            if (sought_.empty()) return true;
            auto const& columns = state_.alert_columns;
            return columns.is_one_of(words_, slot) || sought_.is_in(columns.text(slot)) ||
                   finds_device(columns.owner(slot));
        }

    private:
        enum class Seen : std::uint8_t { no, without, with };

        [[nodiscard]] bool finds_device(Slot slot)
        {
            auto& seen = devices_[slot];
            if (seen == Seen::no)
                seen = sought_.is_in(state_.device_columns.text_of_owned(slot)) ? Seen::with : Seen::without;
            return seen == Seen::with;
        }

        State const& state_;
        Sought const sought_;
        std::vector<Choice> words_;
        std::vector<Seen> devices_; ///< By slot.
    };

    /// What stands in a filter's column: a number as it lies side by side with the others, the rest from the row.
    [[nodiscard]] filter::Cell cell(Columns<DeviceEntry> const& columns, Slot slot, std::size_t place) const
    {
        static auto const places = columns.places_of(device_subject());
        if (auto const here = columns.cell(places[place], slot)) return *here;
        return device_cell(columns.entry(slot).row, place);
    }
    /// Likewise of an alert, or of its device.
    [[nodiscard]] filter::Cell cell(Columns<AlertEntry> const& columns, Slot slot, std::size_t place) const
    {
        static auto const places = columns.places_of(alert_subject());
        if (place >= alert_own_columns()) return cell(device_columns, columns.owner(slot), place - alert_own_columns());
        if (auto const here = columns.cell(places[place], slot)) return *here;
        auto const& entry = columns.entry(slot);
        return alert_cell(entry.alert, entry.device->row, place);
    }

    /// A line as a filter sees it.
    template <class Entry>
    class FilterLine final : public filter::Line
    {
    public:
        FilterLine(State const& state, Columns<Entry> const& columns, Slot slot, RowAnswers const* answers)
            : state_(state)
            , columns_(columns)
            , slot_(slot)
            , answers_(answers)
        {
        }
        [[nodiscard]] filter::Cell cell(std::size_t place) const override
        {
            return state_.cell(columns_, slot_, place);
        }
        [[nodiscard]] filter::Truth rows(std::size_t test) const override
        {
            return answer_of(answers_, columns_.device(slot_), test);
        }

    private:
        State const& state_;
        Columns<Entry> const& columns_;
        Slot slot_;
        RowAnswers const* answers_;
    };

    template <class Entry>
    [[nodiscard]] filter::Truth judged(Columns<Entry> const& columns, Slot slot, Chosen const& chosen,
                                       UnixMs now_ms) const
    {
        if (chosen.filter == nullptr) return filter::Truth::yes;
        return evaluate(*chosen.filter, FilterLine(*this, columns, slot, chosen.rows), now_ms);
    }

    /// Calls `look` with the slot of each device that the question may see, until it returns false.
    template <class Look>
    void each_slot(store::Scope const& scope, DeviceQuery const& query, Look look) const
    {
        if (scope.all && query.customer_id.empty()) {
            for (Slot slot = 0; slot < device_columns.size(); ++slot)
                if (!look(slot)) return;
            return;
        }
        for (auto const& [id, customer] : customers) {
            Sight const sight(scope, id);
            if (!sight.any() || (!query.customer_id.empty() && id != query.customer_id)) continue;
            for (auto const* const entry : customer.devices)
                if (sight.sees(entry->row) && !look(entry->slot)) return;
        }
    }

    /// Likewise with each alert.
    template <class Look>
    void each_slot(store::Scope const& scope, AlertQuery const& query, Look look) const
    {
        if (scope.all && query.customer_id.empty() && query.device_id.empty()) {
            for (Slot slot = 0; slot < alert_columns.size(); ++slot)
                if (!look(slot)) return;
            return;
        }
        auto const look_at = [&](DeviceEntry const& device) {
            return std::ranges::all_of(device.alerts, [&](AlertEntry const* alert) { return look(alert->slot); });
        };
        if (!query.device_id.empty()) {
            auto const* const device = find(query.device_id);
            if (device == nullptr) return;
            auto const& of = device->row.customer_id;
            if (sees(scope, device->row) && (query.customer_id.empty() || of == query.customer_id)) look_at(*device);
            return;
        }
        for (auto const& [id, customer] : customers) {
            Sight const sight(scope, id);
            if (!sight.any() || (!query.customer_id.empty() && id != query.customer_id)) continue;
            for (auto const* const device : customer.devices)
                if (sight.sees(device->row) && !look_at(*device)) return;
        }
    }

    /// Calls `take` with each device that the question may see and that fits it, and what the filter says of it.
    template <class Take>
    void each_match(store::Scope const& scope, DeviceQuery const& query, UnixMs now_ms, Take take) const
    {
        Sought const sought(query.search);
        auto const folders = sought_folders(query);
        auto const choices = choices_of(query);
        auto const kinds = kinds_of(query.severities, query.categories);
        bool const more = asks_for_more(query);
        if (query.chosen.patience != nullptr) query.chosen.patience->begin();
        each_slot(scope, query, [&](Slot slot) {
            auto const traits = device_columns.traits(slot);
            if (query.availabilities.empty() && (traits & aside) != 0) return true;
            if (kinds != 0 && (traits & kinds) == 0) return true;
            if (!device_columns.allows(choices, slot)) return true;
            if (!sought.empty() && !sought.is_in(device_columns.text(slot))) return true;
            if (more && !matches(device_columns.entry(slot), query, folders)) return true;
            if (ends(query.chosen)) return false;
            take(slot, judged(device_columns, slot, query.chosen, now_ms));
            return true;
        });
    }

    /// Likewise with each alert.
    template <class Take>
    void each_match(store::Scope const& scope, AlertQuery const& query, UnixMs now_ms, Take take) const
    {
        AlertSearch search(*this, query.search);
        auto const choices = choices_of(query);
        if (query.chosen.patience != nullptr) query.chosen.patience->begin();
        each_slot(scope, query, [&](Slot slot) {
            if (!alert_columns.allows(choices, slot) || !search.finds(slot)) return true;
            if (!query.assigned_id.empty() && alert_columns.entry(slot).alert.assigned_id != query.assigned_id)
                return true;
            if (ends(query.chosen)) return false;
            take(slot, judged(alert_columns, slot, query.chosen, now_ms));
            return true;
        });
    }

    template <class Query>
    [[nodiscard]] std::vector<Slot> found(store::Scope const& scope, Query const& query, UnixMs now_ms) const
    {
        std::vector<Slot> all;
        each_match(scope, query, now_ms, [&](Slot slot, filter::Truth fits) {
            if (fits == filter::Truth::yes) all.push_back(slot);
        });
        return all;
    }

    /// Of what is seen, with all counts. Who does not see all of it is told its name, and how it stands with the
    /// devices he sees.
    [[nodiscard]] static api::CustomerRow summary(CustomerEntry const& entry, Sight const& sight)
    {
        std::int64_t devices = 0;
        std::int64_t online = 0;
        api::AlertCounts alerts;
        std::int64_t pending_reboots = 0;
        std::int64_t patches = 0;
        for (auto const* const device : entry.devices) {
            auto const& one = device->row;
            if (one.revoked || !sight.sees(one)) continue;
            ++devices;
            online += one.availability == "online" ? 1 : 0;
            alerts.information += one.alerts.information;
            alerts.warning += one.alerts.warning;
            alerts.critical += one.alerts.critical;
            pending_reboots += one.pending_reboot.value.value_or(false) ? 1 : 0;
            patches += one.patches.value.value_or(0);
        }
        return {.id = entry.customer.id,
                .name = entry.customer.name,
                .rank = sight.whole() ? entry.customer.rank : std::string(),
                .favourite = false,
                .partial = !sight.whole(),
                .created_ms = sight.whole() ? entry.customer.created_ms : 0,
                .devices = devices,
                .online = online,
                .alerts = alerts,
                .pending_reboots = pending_reboots,
                .patches = patches};
    }

    /// The folders of a customer that are seen, each before what lies in it, and those that they lie in: a tree is no
    /// tree without.
    [[nodiscard]] static std::vector<api::FolderRow> tree(CustomerEntry const& customer, Sight const& sight)
    {
        std::map<std::string_view, std::int64_t> devices;
        for (auto const* const device : customer.devices)
            if (!device->row.revoked && device->row.folder_id && sight.sees(device->row))
                ++devices[*device->row.folder_id];
        std::multimap<std::string_view, store::Folder const*> children;
        for (auto const& [id, folder] : customer.folders)
            children.emplace(folder.parent_id, &folder);
        std::vector<api::FolderRow> rows;
        grow(children, devices, "", 1, rows);
        for (auto& row : rows)
            row.path = path_of(customer, row.id);
        if (sight.whole()) return rows;
        // What lies in a folder comes right behind it.
        Words shown;
        for (auto row = rows.crbegin(); row != rows.crend(); ++row)
            if (row->parent_id && (sight.sees_folder(row->id) || shown.contains(row->id)))
                shown.insert(*row->parent_id);
        std::erase_if(rows, [&](auto const& row) { return !sight.sees_folder(row.id) && !shown.contains(row.id); });
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
    auto const lock = state_->reading();
    auto const found = state_->found(scope, query, now_ms);
    auto shown_page = page(state_->device_columns, found, device_sortings, wanted_of(query));
    api::DeviceList list{.items = {},
                         .total = static_cast<std::int64_t>(found.size()),
                         .as_of_ms = now_ms,
                         .next = std::move(shown_page.next)};
    for (auto const* const entry : shown_page.lines)
        list.items.push_back(entry->row);
    for (auto& row : list.items)
        row.favourite = State::is_starred(state_->favourite_devices, query.technician_id, row.id);
    return list;
}

Projection::Ids Projection::device_ids(store::Scope const& scope, DeviceQuery const& query, UnixMs now_ms,
                                       std::size_t most) const
{
    auto const lock = state_->reading();
    return ids_in_order(state_->device_columns, state_->found(scope, query, now_ms), device_sortings, query.sort, most);
}

void Projection::each_device_of(store::Scope const& scope, std::vector<std::string> const& ids,
                                std::function<void(api::DeviceRow const&)> const& take) const
{
    auto const lock = state_->reading();
    for (auto const& id : ids) {
        auto const* const entry = state_->find(id);
        if (entry != nullptr && sees(scope, entry->row)) take(entry->row);
    }
}

std::vector<DeviceNumber> Projection::undecided(store::Scope const& scope, DeviceQuery const& query,
                                                UnixMs now_ms) const
{
    auto const lock = state_->reading();
    std::vector<DeviceNumber> numbers;
    state_->each_match(scope, query, now_ms, [&](Slot slot, filter::Truth fits) {
        if (fits == filter::Truth::undecided) numbers.push_back(state_->device_columns.device(slot));
    });
    return numbers;
}

std::vector<DeviceNumber> Projection::undecided(store::Scope const& scope, AlertQuery const& query, UnixMs now_ms) const
{
    auto const lock = state_->reading();
    std::vector<bool> seen(state_->devices_by_number.size());
    std::vector<DeviceNumber> numbers;
    state_->each_match(scope, query, now_ms, [&](Slot slot, filter::Truth fits) {
        auto const number = state_->alert_columns.device(slot);
        if (fits != filter::Truth::undecided || seen[number]) return;
        seen[number] = true;
        numbers.push_back(number);
    });
    return numbers;
}

std::vector<std::string> Projection::ids_of(std::vector<DeviceNumber> const& numbers) const
{
    auto const lock = state_->reading();
    std::vector<std::string> ids;
    ids.reserve(numbers.size());
    for (auto const number : numbers) {
        auto const* const entry = state_->devices_by_number[number];
        ids.push_back(entry == nullptr ? std::string() : entry->row.id);
    }
    return ids;
}

std::optional<api::DeviceRow> Projection::device(store::Scope const& scope, std::string_view id,
                                                 std::string_view technician_id) const
{
    auto const lock = state_->reading();
    auto const* const entry = state_->find(id);
    if (entry == nullptr || !sees(scope, entry->row)) return std::nullopt;
    auto row = entry->row;
    row.favourite = State::is_starred(state_->favourite_devices, technician_id, id);
    return row;
}

store::Location Projection::location_of(std::string_view device_id) const
{
    auto const lock = state_->reading();
    auto const* const entry = state_->find(device_id);
    if (entry == nullptr) return {};
    return location(entry->row);
}

void Projection::each_device(store::Scope const& scope, std::string_view customer_id,
                             std::function<void(api::DeviceRow const&)> const& take) const
{
    auto const lock = state_->reading();
    for (auto const& [id, customer] : state_->customers) {
        Sight const sight(scope, id);
        if (!sight.any() || (!customer_id.empty() && id != customer_id)) continue;
        for (auto const* const entry : customer.devices)
            if (sight.sees(entry->row)) take(entry->row);
    }
}

api::AlertList Projection::alerts(store::Scope const& scope, AlertQuery const& query, UnixMs now_ms) const
{
    auto const lock = state_->reading();
    auto const found = state_->found(scope, query, now_ms);
    auto shown_page = page(state_->alert_columns, found, alert_sortings, wanted_of(query));
    api::AlertList list{.items = {},
                        .total = static_cast<std::int64_t>(found.size()),
                        .as_of_ms = now_ms,
                        .next = std::move(shown_page.next)};
    for (auto const* const entry : shown_page.lines)
        list.items.push_back(shown(*entry));
    return list;
}

Projection::Ids Projection::alert_ids(store::Scope const& scope, AlertQuery const& query, UnixMs now_ms,
                                      std::size_t most) const
{
    auto const lock = state_->reading();
    return ids_in_order(state_->alert_columns, state_->found(scope, query, now_ms), alert_sortings, query.sort, most);
}

void Projection::each_alert_of(store::Scope const& scope, std::vector<std::string> const& ids,
                               std::function<void(store::Alert const&, api::DeviceRow const&)> const& take) const
{
    auto const lock = state_->reading();
    for (auto const& id : ids) {
        auto const found = state_->alerts.find(id);
        if (found == state_->alerts.end()) continue;
        auto const& entry = *found->second;
        if (sees(scope, entry.device->row)) take(entry.alert, entry.device->row);
    }
}

std::optional<api::AlertRow> Projection::alert(store::Scope const& scope, std::string_view id) const
{
    auto const lock = state_->reading();
    auto const found = state_->alerts.find(std::string(id));
    if (found == state_->alerts.end() || !sees(scope, found->second->device->row)) return std::nullopt;
    return shown(*found->second);
}

api::AlertList Projection::alike(store::Scope const& scope, std::string_view alert_id, std::size_t limit,
                                 UnixMs now_ms) const
{
    auto const lock = state_->reading();
    api::AlertList list{.items = {}, .total = 0, .as_of_ms = now_ms};
    auto const self = state_->alerts.find(std::string(alert_id));
    if (self == state_->alerts.end() || !sees(scope, self->second->device->row)) return list;
    auto const& own = self->second->alert;
    auto const& customer_id = self->second->device->row.customer_id;
    std::vector<AlertEntry const*> found;
    for (auto const& [id, entry] : state_->alerts) {
        auto const& alert = entry->alert;
        if (!alert.resolved_ms && alert.item == own.item && alert.subject == own.subject &&
            alert.device_id != own.device_id && sees(scope, entry->device->row))
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
    auto const lock = state_->reading();
    std::vector<CustomerLine> lines;
    for (auto const& [id, entry] : state_->customers) {
        Sight const sight(scope, id);
        if (!sight.any() || entry.search.find(sought) == std::string::npos) continue;
        auto const rank = sight.whole() ? std::string_view(entry.customer.rank) : std::string_view();
        if (!allows(query.ranks, rank.empty() ? no_rank : rank)) continue;
        bool const starred = State::is_starred(state_->favourite_customers, query.technician_id, id);
        if (query.favourite && starred != *query.favourite) continue;
        lines.push_back({.row = State::summary(entry, sight), .name = entry.name, .id_number = number_of_id(id)});
        lines.back().row.favourite = starred;
    }
    Wanted const wanted{.sort = query.sort, .after = {}, .limit = static_cast<std::int64_t>(lines.size())};
    Order<CustomerLine> const order(customer_sortings, wanted.sort);
    std::vector<Line<CustomerLine>> found;
    found.reserve(lines.size());
    for (auto const& line : lines) {
        auto const key = order.sorting->key(line);
        found.push_back({.number = key.number,
                         .name = name_number(line),
                         .id = line.id_number,
                         .entry = &line,
                         .known = key.known});
    }
    api::CustomerList list{.items = {}, .total = wanted.limit};
    for (auto const* const line : page(std::move(found), order, wanted).lines)
        list.items.push_back(line->row);
    return list;
}

std::optional<api::CustomerRow> Projection::customer(store::Scope const& scope, std::string_view id,
                                                     std::string_view technician_id) const
{
    auto const lock = state_->reading();
    auto const found = state_->customers.find(id);
    Sight const sight(scope, id);
    if (found == state_->customers.end() || !sight.any()) return std::nullopt;
    auto row = State::summary(found->second, sight);
    row.favourite = State::is_starred(state_->favourite_customers, technician_id, id);
    return row;
}

std::optional<std::string> Projection::customer_name(store::Scope const& scope, std::string_view id) const
{
    auto const lock = state_->reading();
    auto const found = state_->customers.find(id);
    if (found == state_->customers.end() || !scope.sees_some_of(id)) return std::nullopt;
    return found->second.customer.name;
}

std::optional<store::Customer> Projection::customer_record(store::Scope const& scope, std::string_view id) const
{
    auto const lock = state_->reading();
    auto const found = state_->customers.find(id);
    if (found == state_->customers.end() || !scope.sees(id)) return std::nullopt;
    return found->second.customer;
}

api::FolderList Projection::folders(store::Scope const& scope, std::string_view customer_id) const
{
    auto const lock = state_->reading();
    api::FolderList list;
    auto const customer = state_->customers.find(customer_id);
    Sight const sight(scope, customer_id);
    if (customer == state_->customers.end() || !sight.any()) return list;
    list.items = State::tree(customer->second, sight);
    for (auto const* const device : customer->second.devices)
        list.without_folder += device->row.revoked || device->row.folder_id || !sight.sees(device->row) ? 0 : 1;
    return list;
}

std::vector<api::FolderName> Projection::folder_names(store::Scope const& scope, std::string_view search) const
{
    auto const sought = store::fold(search);
    auto const lock = state_->reading();
    std::vector<std::pair<std::string, api::FolderName>> found;
    for (auto const& [customer_id, customer] : state_->customers) {
        Sight const sight(scope, customer_id);
        if (!sight.any()) continue;
        for (auto const& [id, folder] : customer.folders) {
            if (!sight.sees_folder(id)) continue;
            auto name = folder_name_of(customer, folder);
            auto const whole = name.customer_name + " / " + name.path;
            if (store::fold(whole).find(sought) == std::string::npos) continue;
            found.emplace_back(store::natural_key(whole), std::move(name));
        }
    }
    std::ranges::sort(found, {}, &std::pair<std::string, api::FolderName>::first);
    std::vector<api::FolderName> names;
    names.reserve(found.size());
    for (auto& [key, name] : found)
        names.push_back(std::move(name));
    return names;
}

std::optional<api::FolderName> Projection::folder_name(store::Scope const& scope, std::string_view id) const
{
    auto const lock = state_->reading();
    auto const owner = state_->folder_owners.find(id);
    if (owner == state_->folder_owners.end()) return std::nullopt;
    auto const& folder = owner->second->folders.find(id)->second;
    if (!scope.sees(folder.customer_id, id)) return std::nullopt;
    return folder_name_of(*owner->second, folder);
}

std::optional<api::FolderRow> Projection::folder(store::Scope const& scope, std::string_view id) const
{
    auto const lock = state_->reading();
    auto const owner = state_->folder_owners.find(id);
    if (owner == state_->folder_owners.end()) return std::nullopt;
    Sight const sight(scope, owner->second->folders.find(id)->second.customer_id);
    if (!sight.sees_folder(id)) return std::nullopt;
    for (auto& row : State::tree(*owner->second, sight))
        if (row.id == id) return std::move(row);
    return std::nullopt;
}

void Projection::put_customer(store::Customer const& customer)
{
    auto const lock = state_->writing();
    auto& entry = state_->customer_of(customer.id);
    entry.customer = customer;
    entry.search = store::fold(customer.name);
    state_->customer_names.replace(entry.name, store::natural_key(customer.name));
    state_->refresh_devices(entry);
    state_->settle();
}

void Projection::put_device(api::DeviceRow row)
{
    auto const lock = state_->writing();
    auto& entry = state_->devices[row.id];
    bool const fresh = entry == nullptr;
    if (fresh) {
        entry = std::make_unique<DeviceEntry>();
        entry->number = static_cast<DeviceNumber>(state_->devices_by_number.size());
        state_->devices_by_number.push_back(entry.get());
    }
    if (!fresh && entry->row.customer_id != row.customer_id)
        std::erase(state_->customers[entry->row.customer_id].devices, entry.get());
    if (fresh || entry->row.customer_id != row.customer_id) {
        auto& customer = state_->customer_of(row.customer_id);
        customer.devices.push_back(entry.get());
        entry->customer = &customer;
    }
    entry->id_number = number_of_id(row.id);
    entry->row = std::move(row);
    state_->refresh(*entry);
}

bool Projection::update_device(std::string_view id, std::function<void(api::DeviceRow&)> const& change)
{
    auto const lock = state_->writing();
    auto* const entry = state_->find(id);
    if (entry == nullptr) return false;
    auto const before = entry->row.customer_id;
    change(entry->row);
    if (entry->row.customer_id != before) {
        std::erase(state_->customers[before].devices, entry);
        auto& customer = state_->customer_of(entry->row.customer_id);
        customer.devices.push_back(entry);
        entry->customer = &customer;
    }
    state_->refresh(*entry);
    return true;
}

void Projection::remove_device(std::string_view id)
{
    auto const lock = state_->writing();
    auto* const entry = state_->find(id);
    if (entry == nullptr) return;
    for (auto const* const alert : entry->alerts) {
        state_->release_texts(*alert);
        state_->alert_columns.remove(*alert);
        state_->alerts.erase(std::string(alert->alert.id));
    }
    state_->release_texts(*entry);
    if (auto const* const moved = state_->device_columns.remove(*entry); moved != nullptr)
        for (auto const* const alert : moved->alerts)
            state_->alert_columns.put(*alert);
    std::erase(state_->customers[entry->row.customer_id].devices, entry);
    for (auto& [technician, starred] : state_->favourite_devices)
        starred.erase(std::string(id));
    state_->devices_by_number[entry->number] = nullptr;
    state_->devices.erase(std::string(id));
}

void Projection::put_folder(store::Folder const& folder)
{
    auto const lock = state_->writing();
    auto& customer = state_->customer_of(folder.customer_id);
    customer.folders.insert_or_assign(folder.id, folder);
    state_->folder_owners.insert_or_assign(folder.id, &customer);
    state_->refresh_devices(customer);
}

void Projection::remove_folder(store::Folder const& folder)
{
    auto const lock = state_->writing();
    auto& customer = state_->customer_of(folder.customer_id);
    customer.folders.erase(folder.id);
    state_->folder_owners.erase(folder.id);
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
    auto const lock = state_->writing();
    State::set_starred(state_->favourite_devices, favourite, starred);
}

void Projection::set_favourite_customer(store::Favourite const& favourite, bool starred)
{
    auto const lock = state_->writing();
    State::set_starred(state_->favourite_customers, favourite, starred);
}

void Projection::put_alert(store::Alert const& alert)
{
    auto const lock = state_->writing();
    auto* const device = state_->find(alert.device_id);
    if (device == nullptr) return;
    auto& entry = state_->alerts[alert.id];
    if (entry == nullptr) {
        entry = std::make_unique<AlertEntry>();
        device->alerts.push_back(entry.get());
    }
    entry->alert = alert;
    state_->titles.replace(entry->title, store::natural_key(alert.title));
    state_->tickets.replace(entry->ticket, store::natural_key(alert.ticket));
    state_->name_assignee(*entry);
    entry->id_number = number_of_id(alert.id);
    entry->device = device;
    std::erase(device->open, entry.get());
    if (status_of(alert) == store::AlertStatus::open) device->open.push_back(entry.get());
    state_->refresh(*device);
    state_->alert_columns.put_text(*entry, store::fold(alert.title + '\n' + alert.ticket));
}

std::set<store::Location> Projection::rename_technician(std::string const& id, std::string const& name)
{
    auto const lock = state_->writing();
    state_->technician_names.insert_or_assign(id, name);
    std::set<store::Location> concerned;
    for (auto const& [alert_id, entry] : state_->alerts) {
        if (entry->alert.assigned_id != id || entry->alert.assigned_name == name) continue;
        state_->name_assignee(*entry);
        state_->alert_columns.put(*entry);
        concerned.insert(location(entry->device->row));
    }
    state_->settle();
    return concerned;
}

void Projection::forget_alerts(UnixMs before_ms)
{
    auto const lock = state_->writing();
    std::erase_if(state_->alerts, [&](auto const& one) {
        auto const& entry = *one.second;
        if (!entry.alert.resolved_ms || *entry.alert.resolved_ms >= before_ms) return false;
        std::erase(entry.device->alerts, &entry);
        state_->release_texts(entry);
        state_->alert_columns.remove(entry);
        return true;
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

std::uint64_t Projection::listen_to_rows(RowsListener listener) const
{
    std::lock_guard const lock(state_->listeners_mutex);
    auto const number = state_->next_listener++;
    state_->rows_listeners.emplace(number, std::move(listener));
    return number;
}

void Projection::unlisten_to_rows(std::uint64_t number) const
{
    std::lock_guard const lock(state_->listeners_mutex);
    state_->rows_listeners.erase(number);
}

void Projection::announce_rows(std::string_view device_id, std::string_view probe) const
{
    std::optional<DeviceNumber> number;
    {
        auto const lock = state_->reading();
        if (auto const* const entry = state_->find(device_id)) number = entry->number;
    }
    if (!number) return;
    std::lock_guard const lock(state_->listeners_mutex);
    for (auto const& [id, listener] : state_->rows_listeners)
        listener(*number, probe);
}

} // namespace rollcall::view
