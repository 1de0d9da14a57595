#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/records.hpp"
#include "collector/view/api/resources.hpp"
#include "collector/view/filter/evaluate.hpp"
#include "common/core/clock.hpp"

namespace rollcall::view
{

/// Which device it is, for as long as the process lives: small, in the order of their coming, and never another's.
using DeviceNumber = std::uint32_t;

/// What the row tests of a filter say: by the test's number, then by the device's. What is not there is undecided.
using RowAnswers = std::vector<std::vector<filter::Truth>>;

/// How long a filter may look through lines: meanwhile the writer waits.
///
/// Owns: nothing.  Threads: one.  Blocks: no.
class Patience
{
public:
    explicit Patience(Clock const& clock)
        : clock_(&clock)
    {
    }
    /// Before the first line.
    void begin()
    {
        until_ = clock_->steady() + limit;
        lines_ = 0;
    }
    /// Asked before each line. Once it has said so it stays so: what was found is not all.
    [[nodiscard]] bool ends()
    {
        if (!has_ended_ && ++lines_ % lines_between == 0) has_ended_ = clock_->steady() > until_;
        return has_ended_;
    }
    [[nodiscard]] bool has_ended() const { return has_ended_; }

    static constexpr auto limit = std::chrono::milliseconds(200);
    /// After how many lines the clock is looked at.
    static constexpr std::size_t lines_between = 1024;

private:
    Clock const* clock_;
    std::chrono::milliseconds until_{};
    std::size_t lines_ = 0;
    bool has_ended_ = false;
};

/// A filter of device_subject() or alert_subject(), and what was read for it. Lines of which something would have to
/// be read first are left out.
struct Chosen {
    filter::Expression const* filter = nullptr; ///< nullptr: all.
    RowAnswers const* rows = nullptr;           ///< nullptr: nothing was read.
    Patience* patience = nullptr;               ///< nullptr: without end.
};

/// What the Devices view asks for. Empty sets and texts do not restrict.
struct DeviceQuery {
    std::string customer_id;
    std::string technician_id; ///< Whose favourites are shown and asked for.
    std::string search;        ///< Device name, machine name or an address contains it, whatever the case.
    std::string folder;        ///< Lies in it or below it; no_folder: in none.
    std::set<std::string, std::less<>> types;
    std::set<std::string, std::less<>> availabilities; ///< Empty: all but the retired.
    std::set<std::string, std::less<>> severities;     ///< Has an open alert of one of them; a snoozed one is none.
    std::set<std::string, std::less<>> categories;     ///< Likewise.
    std::optional<bool> pending_reboot;                ///< Unknown satisfies neither.
    std::optional<bool> monitored;
    std::optional<bool> favourite;
    Chosen chosen = {};
    std::string sort = "name"; ///< A key of device_sort_keys(); "-" in front turns it round.
    std::string after = {};    ///< `next` of another page in the same order; "" = from the first line on.
    std::int64_t offset = 0;
    std::int64_t limit = 100;
};

/// Of DeviceQuery::folder.
inline constexpr std::string_view no_folder = "none";

struct CustomerQuery {
    std::string technician_id;                ///< Whose favourites are shown and asked for.
    std::string search;                       ///< The name contains it, whatever the case.
    std::set<std::string, std::less<>> ranks; ///< no_rank: has none.
    std::optional<bool> favourite;
    std::string sort = "name"; ///< A key of customer_sort_keys().
};

/// Of CustomerQuery::ranks.
inline constexpr std::string_view no_rank = "none";

struct AlertQuery {
    std::string customer_id;
    std::string device_id;
    std::string search; ///< Title, customer, device, severity, category, ticket or status contains it.
    std::string assigned_id;
    std::set<std::string, std::less<>> severities;
    std::set<std::string, std::less<>> statuses;
    std::set<std::string, std::less<>> categories;
    std::set<std::string, std::less<>> types;
    Chosen chosen = {};
    std::string sort = "-created";
    std::string after = {}; ///< `next` of another page in the same order; "" = from the first line on.
    std::int64_t offset = 0;
    std::int64_t limit = 100;
};

[[nodiscard]] std::set<std::string, std::less<>> const& device_sort_keys();
[[nodiscard]] std::set<std::string, std::less<>> const& alert_sort_keys();
[[nodiscard]] std::set<std::string, std::less<>> const& customer_sort_keys();
/// Is it `next` of a page in this order?
[[nodiscard]] bool is_place(std::string_view cursor, std::string_view sort);

/// What happened, for the live feed.
struct Happened {
    std::set<std::string, std::less<>> devices = {}; ///< Ids.
    bool all_devices = false;                        ///< More than are named.
    bool alerts = false;
    bool customers = false;
    bool tokens = false;
    bool updates = false; ///< Releases, policies, or how far devices have come.
    bool operator==(Happened const&) const = default;
};

/// What changed, by where it did: who does not see a place hears nothing of what happened there.
struct Change {
    std::map<store::Location, Happened> places = {};
    Happened of_all = {}; ///< Releases, the pinned fields: it concerns everybody, and says nothing of anybody.
    bool folders = false; ///< Folders came, went or were moved: who is limited to some sees others now.
};

/// The columns of the Devices and Alerts lists in memory, since plain SQL takes 100 ms and more for some sorts over
/// 100,000 devices. The pipeline keeps it up to date after each commit; everybody reads.
///
/// Owns: its rows.  Threads: any (readers share, the one writer excludes).  Blocks: for the length of one query at
/// most.
class Projection
{
public:
    struct Ids {
        std::vector<std::string> ids;
        std::size_t total = 0;
    };
    static constexpr auto all_ids = std::numeric_limits<std::size_t>::max();

    Projection();
    ~Projection();

    // --- read, the scope first ---
    [[nodiscard]] api::DeviceList devices(store::Scope const& scope, DeviceQuery const& query, UnixMs now_ms) const;
    /// The devices of which rows have to be read before the filter says yes or no.
    [[nodiscard]] std::vector<DeviceNumber> undecided(store::Scope const& scope, DeviceQuery const& query,
                                                      UnixMs now_ms) const;
    [[nodiscard]] std::vector<DeviceNumber> undecided(store::Scope const& scope, AlertQuery const& query,
                                                      UnixMs now_ms) const;
    /// Beside each number; "" for one that has gone.
    [[nodiscard]] std::vector<std::string> ids_of(std::vector<DeviceNumber> const& numbers) const;
    /// The favourite is the technician's.
    [[nodiscard]] std::optional<api::DeviceRow> device(store::Scope const& scope, std::string_view id,
                                                       std::string_view technician_id = {}) const;
    /// Empty where it is not there.
    [[nodiscard]] store::Location location_of(std::string_view device_id) const;
    /// Calls `take` for each, in no order; all of them where `customer_id` is empty. It must not call the projection.
    void each_device(store::Scope const& scope, std::string_view customer_id,
                     std::function<void(api::DeviceRow const&)> const& take) const;
    [[nodiscard]] api::AlertList alerts(store::Scope const& scope, AlertQuery const& query, UnixMs now_ms) const;
    /// Of all that match, in order; where more than `most` do, only how many.
    [[nodiscard]] Ids device_ids(store::Scope const& scope, DeviceQuery const& query, UnixMs now_ms,
                                 std::size_t most = all_ids) const;
    [[nodiscard]] Ids alert_ids(store::Scope const& scope, AlertQuery const& query, UnixMs now_ms,
                                std::size_t most = all_ids) const;
    /// Calls `take` for each of these that is there and may be seen, in their order. It must not call the projection.
    void each_device_of(store::Scope const& scope, std::vector<std::string> const& ids,
                        std::function<void(api::DeviceRow const&)> const& take) const;
    void each_alert_of(store::Scope const& scope, std::vector<std::string> const& ids,
                       std::function<void(store::Alert const&, api::DeviceRow const&)> const& take) const;
    [[nodiscard]] std::optional<api::AlertRow> alert(store::Scope const& scope, std::string_view id) const;
    /// Who else has an alert of the same item and subject that is not resolved: those of its customer first, then the
    /// newest. `total` counts all of them, `limit` are shown.
    [[nodiscard]] api::AlertList alike(store::Scope const& scope, std::string_view alert_id, std::size_t limit,
                                       UnixMs now_ms) const;
    [[nodiscard]] api::CustomerList customers(store::Scope const& scope, CustomerQuery const& query) const;
    [[nodiscard]] std::optional<api::CustomerRow> customer(store::Scope const& scope, std::string_view id,
                                                           std::string_view technician_id = {}) const;
    [[nodiscard]] std::optional<std::string> customer_name(store::Scope const& scope, std::string_view id) const;
    /// With everything that is said of it: for those only who see all of it.
    [[nodiscard]] std::optional<store::Customer> customer_record(store::Scope const& scope, std::string_view id) const;
    /// As a tree is read: each before what lies in it, by name. Of folders that are not seen those only that lead to
    /// one that is.
    [[nodiscard]] api::FolderList folders(store::Scope const& scope, std::string_view customer_id) const;
    /// Of all customers, whose name or path contains it, in the order of both.
    [[nodiscard]] std::vector<api::FolderName> folder_names(store::Scope const& scope, std::string_view search) const;
    [[nodiscard]] std::optional<api::FolderName> folder_name(store::Scope const& scope, std::string_view id) const;
    [[nodiscard]] std::optional<api::FolderRow> folder(store::Scope const& scope, std::string_view id) const;

    // --- write: the pipeline only ---
    void put_customer(store::Customer const& customer);
    /// Adds or replaces; its alert counts and customer name come from what is here.
    void put_device(api::DeviceRow row);
    /// It is gone, with its alerts.
    void remove_device(std::string_view id);
    /// Adds or changes.
    void put_folder(store::Folder const& folder);
    /// What lies in it lies in its parent from now on.
    void remove_folder(store::Folder const& folder);
    void set_favourite_device(store::Favourite const& favourite, bool starred);
    void set_favourite_customer(store::Favourite const& favourite, bool starred);
    /// Changes a row in place, its customer too; false where the device is not there.
    bool update_device(std::string_view id, std::function<void(api::DeviceRow&)> const& change);
    /// Adds or changes; keeps the device's counts.
    void put_alert(store::Alert const& alert);
    /// He is called so from now on, whatever an alert that is put says. Gives where the alerts are that
    /// show it.
    std::set<store::Location> rename_technician(std::string const& id, std::string const& name);
    /// Lets go of what was resolved before `before_ms`: the store still has it.
    void forget_alerts(UnixMs before_ms);

    /// Told after each group of changes (call `announce` once per commit). Listeners are called on the writer's thread
    /// and must not block. The returned number ends it by `unlisten`.
    std::uint64_t listen(std::function<void(Change const&)> listener);
    void unlisten(std::uint64_t number);
    void announce(Change const& change);

    /// The same for the rows of probes, which the projection does not hold: told after the commit that changed them.
    using RowsListener = std::function<void(DeviceNumber device, std::string_view probe)>;
    std::uint64_t listen_to_rows(RowsListener listener) const;
    void unlisten_to_rows(std::uint64_t number) const;
    void announce_rows(std::string_view device_id, std::string_view probe) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace rollcall::view
