#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/store/records.hpp"
#include "collector/store/rollup.hpp"
#include "common/core/age_clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

/// The only folder with SQL. Repositories are functions over an open database, one file per noun
/// (customers.cpp, devices.cpp, …); the Store owns the connections and the one writer thread.
namespace rollcall::store
{

/// One data folder's database: a writer thread that commits in groups, and connections for readers.
///
/// Owns: the connections and the writer's thread.  Threads: any.
/// Blocks: open, close and read do; submit does not.
class Store
{
public:
    /// Runs on the writer's thread inside a savepoint of the group's transaction: an error undoes this work alone.
    using Work = std::function<Result<>(sqlite::Database&)>;
    /// Runs on the writer's thread after the group's commit (synchronous=FULL), or with the error.
    using Done = std::function<void(Result<>)>;

    struct Options {
        std::filesystem::path file;
        std::size_t queue_limit = 8192; ///< Works waiting; beyond it submit says no.
        std::size_t group_limit = 1024; ///< Works in one transaction.
        std::size_t readers = 2;        ///< Connections for reading.
        /// A file up to this size is read from end to end before it is used. A larger one would take long: what is
        /// damaged there is told when it is read (Store::damage), and by every backup.
        std::uintmax_t checked_bytes = 0;
    };

    /// Opens or creates, migrates forward, starts the writer. errc::conflict: a newer program's file. errc::corrupt: it
    /// is damaged; it stays as it is (`remedy_for` in health.hpp says what to do).
    static Result<std::unique_ptr<Store>> open(Options options);
    /// Commits what waits, then ends the writer.
    virtual ~Store() = default;

    /// False: the queue is full (back-pressure); nothing was taken.
    [[nodiscard]] virtual bool submit(Work work, Done done) = 0;
    /// Submits and waits: for pool threads and the command line, never for an event loop.
    [[nodiscard]] virtual Result<> write(Work work) = 0;
    /// Borrows a reading connection for the call; blocks until one is free: for pool threads.
    [[nodiscard]] virtual Result<> read(Work work) = 0;
    /// `callback` is called once, on the writer's thread, as soon as submit may succeed (at once where it may now).
    virtual void when_drained(std::function<void()> callback) = 0;
    /// Called on the writer's thread after each group, when all its Done callbacks have run. One listener; empty: none.
    virtual void on_group_done(std::function<void()> callback) = 0;
    [[nodiscard]] virtual std::size_t queued() const = 0;
    [[nodiscard]] virtual std::int64_t size_bytes() const = 0;
    /// errc::corrupt: something could not be read since the start; what else there is goes on.
    [[nodiscard]] virtual Result<> damage() const = 0;
};

// customers.cpp
Result<> add_customer(sqlite::Database& db, Customer const& customer); ///< errc::conflict: the name is taken.
Result<std::optional<Customer>> find_customer(sqlite::Database& db, std::string_view id);
Result<std::optional<Customer>> find_customer_by_name(sqlite::Database& db, std::string_view name);
Result<std::vector<Customer>> all_customers(sqlite::Database& db);
Result<> save_customer(sqlite::Database& db, Customer const& customer); ///< By id. errc::conflict: the name is taken.

// folders.cpp
Result<> add_folder(sqlite::Database& db, Folder const& folder);
Result<std::optional<Folder>> find_folder(sqlite::Database& db, std::string_view id);
Result<std::vector<Folder>> folders_of(sqlite::Database& db, std::string_view customer_id);
/// The customer as a whole, and each of its folders.
Result<std::vector<Location>> locations_of(sqlite::Database& db, std::string_view customer_id);
Result<std::vector<Folder>> all_folders(sqlite::Database& db);
/// Its name, parent and version.
Result<> save_folder(sqlite::Database& db, Folder const& folder);
/// errc::conflict: something lies in it.
Result<> delete_folder(sqlite::Database& db, std::string_view id);
/// The scope with all that lies in its folders, as it is now.
Result<Scope> unfolded(sqlite::Database& db, Scope scope);
Result<bool> is_folder_empty(sqlite::Database& db, std::string_view id);
/// What lies in the folder lies in its parent from now on.
Result<> move_contents_up(sqlite::Database& db, Folder const& folder);

// contacts.cpp
Result<> add_contact(sqlite::Database& db, Contact const& contact);
Result<std::optional<Contact>> find_contact(sqlite::Database& db, std::string_view id);
Result<std::vector<Contact>> contacts_of(sqlite::Database& db, std::string_view customer_id);
Result<> save_contact(sqlite::Database& db, Contact const& contact); ///< By id.
/// Nobody works on the device any more: it went to another customer.
Result<> part_from_contacts(sqlite::Database& db, std::string_view device_id);
Result<> delete_contact(sqlite::Database& db, std::string_view id);

// favourites.cpp
Result<> set_favourite_device(sqlite::Database& db, Favourite const& favourite, bool starred);
Result<> set_favourite_customer(sqlite::Database& db, Favourite const& favourite, bool starred);
Result<std::vector<Favourite>> favourite_devices(sqlite::Database& db);
Result<std::vector<Favourite>> favourite_customers(sqlite::Database& db);

// pinned.cpp
Result<PinnedFields> pinned_fields(sqlite::Database& db);
Result<> save_pinned_fields(sqlite::Database& db, PinnedFields const& pinned);

// purge.cpp: a device and all that is stored of it goes, a few rows at a time. A new table that refers to a device gets
// its line there.
Result<Loss> loss_of(sqlite::Database& db, std::string_view device_id);
/// From now on nobody sees it.
Result<> begin_purge(sqlite::Database& db, std::string_view device_id, UnixMs at_ms);
/// Deletes at most `limit` rows. False: nothing of the device is left.
Result<bool> purge_some(sqlite::Database& db, std::string_view device_id, std::int64_t limit);

// updates.cpp
Result<std::vector<OwnedUpdatePolicy>> all_update_policies(sqlite::Database& db);
/// One that says nothing is removed.
Result<> set_update_policy(sqlite::Database& db, std::string_view owner, UpdatePolicy const& policy);
Result<std::vector<UpdateAttempt>> all_update_attempts(sqlite::Database& db);
/// Adds or changes; only a new offer changes `offered_ms` of one that is there. Of a device the last
/// `update_attempts_kept` are kept.
inline constexpr std::int64_t update_attempts_kept = 32;
Result<> save_update_attempt(sqlite::Database& db, UpdateAttempt const& attempt);
/// Of all devices, since then.
Result<UpdateResults> update_results(sqlite::Database& db, std::string_view version, UnixMs since_ms);
Result<std::vector<ReleaseNote>> all_release_notes(sqlite::Database& db);
Result<> save_release_note(sqlite::Database& db, ReleaseNote const& note);

// devices.cpp
Result<> add_device(sqlite::Database& db, Device const& device);
Result<std::optional<Device>> find_device(sqlite::Database& db, std::string_view id);
Result<std::optional<Device>> find_device_by_hardware(sqlite::Database& db, std::string_view customer_id,
                                                      std::string_view hardware_id);
/// The device on this hardware that began as a copy of `origin_id`'s disk, unless it is revoked.
Result<std::optional<Device>> find_copy(sqlite::Database& db, std::string_view origin_id, std::string_view hardware_id);
/// Is the device that the copies of its disk came of revoked, or the copy on this hardware?
Result<bool> is_copy_revoked(sqlite::Database& db, std::string_view origin_id, std::string_view hardware_id);
/// Do other machines show this hardware id? Whoever is enrolled by it may be any of them.
Result<bool> has_look_alikes(sqlite::Database& db, std::string_view customer_id, std::string_view hardware_id);
Result<Copies> count_copies(sqlite::Database& db, std::string_view origin_id, UnixMs since_ms);
/// The machine that it runs on now, as it told itself.
Result<> set_hardware(sqlite::Database& db, std::string_view id, std::string_view hardware_id,
                      std::vector<std::string> const& disk_ids);
/// Another machine that shows its hardware id was told apart from it.
Result<> set_look_alikes(sqlite::Database& db, std::string_view id);
Result<std::vector<Device>> all_devices(sqlite::Database& db);
/// Enrolled again: the certificate that was known counts no more, even where a clock ahead has dated it.
Result<> replace_certificate(sqlite::Database& db, std::string_view id, std::string_view fingerprint, UnixMs issued_ms,
                             std::string_view token_id, std::string_view agent_version, UnixMs enrolled_ms);
/// A renewed certificate was shown: it takes the place of the one before.
Result<> adopt_certificate(sqlite::Database& db, std::string_view id, std::string_view fingerprint, UnixMs issued_ms);
Result<> set_last_seen(sqlite::Database& db, std::string_view id, UnixMs seen_ms, std::string_view agent_version);
Result<> revoke_device(sqlite::Database& db, std::string_view id, UnixMs at_ms);
Result<> restore_device(sqlite::Database& db, std::string_view id); ///< It is not revoked any more.
/// The address from which it begins a session.
Result<> set_remote(sqlite::Database& db, std::string_view id, std::string_view remote);
/// What people edit of it: customer, folder, name, whether it is monitored, and its version.
Result<> set_place(sqlite::Database& db, Device const& device);

// tokens.cpp
Result<> add_token(sqlite::Database& db, EnrolmentToken const& token);
Result<std::optional<EnrolmentToken>> find_token(sqlite::Database& db, std::string_view id);
Result<std::optional<EnrolmentToken>> find_token_by_secret(sqlite::Database& db, std::string_view secret_sha256);
Result<std::vector<EnrolmentToken>> tokens_of(sqlite::Database& db, std::string_view customer_id);
Result<std::vector<std::pair<std::string, std::string>>> devices_of_token(sqlite::Database& db,
                                                                          std::string_view id); ///< (id, name)
/// errc::refused with a sentence (expired, used up, revoked) where it may not be used; takes one use otherwise.
Result<> use_token(sqlite::Database& db, std::string_view id, UnixMs now_ms);
Result<> revoke_token(sqlite::Database& db, std::string_view id, UnixMs now_ms);

// technicians.cpp
Result<> save_technician(sqlite::Database& db, Technician const& technician); ///< Adds or replaces by id.
Result<std::optional<Technician>> find_technician(sqlite::Database& db, std::string_view id);
Result<std::optional<Technician>> find_technician_by_name(sqlite::Database& db, std::string_view name);
Result<std::int64_t> count_technicians(sqlite::Database& db);
Result<std::vector<Technician>> all_technicians(sqlite::Database& db); ///< By name.
Result<> save_session(sqlite::Database& db, WebSession const& session);
Result<std::optional<WebSession>> find_session(sqlite::Database& db, std::string_view secret_sha256);
Result<std::vector<WebSession>> sessions_of(sqlite::Database& db, std::string_view technician_id); ///< Newest first.
Result<> delete_session(sqlite::Database& db, std::string_view secret_sha256);
Result<> delete_sessions_of(sqlite::Database& db, std::string_view technician_id);
Result<> delete_expired_sessions(sqlite::Database& db, UnixMs now_ms);

// views.cpp
Result<> add_view(sqlite::Database& db, SavedView const& view); ///< errc::conflict: he has one of this name.
/// errc::conflict: the name, as above. errc::refused: it is not of the version before this one.
Result<> change_view(sqlite::Database& db, SavedView const& view);
Result<> delete_view(sqlite::Database& db, std::string_view id);
Result<std::optional<SavedView>> find_view(sqlite::Database& db, std::string_view id);
/// His own and those that are shared, by name.
Result<std::vector<SavedView>> views_for(sqlite::Database& db, std::string_view technician_id, std::string_view list);
Result<std::int64_t> count_views_of(sqlite::Database& db, std::string_view technician_id);
// access.cpp
Result<> save_role(sqlite::Database& db,
                   Role const& role); ///< Adds or replaces by id; errc::conflict: the name is taken.
Result<std::optional<Role>> find_role(sqlite::Database& db, std::string_view id);
Result<std::vector<Role>> all_roles(sqlite::Database& db); ///< By name.
Result<> delete_role(sqlite::Database& db, std::string_view id);
/// Takes the place of all that were there.
Result<> set_recovery_codes(sqlite::Database& db, std::string_view technician_id,
                            std::vector<std::string> const& code_sha256s);
/// True: it was there, and is used up now.
Result<bool> use_recovery_code(sqlite::Database& db, std::string_view technician_id, std::string_view code_sha256);
Result<std::int64_t> count_recovery_codes(sqlite::Database& db, std::string_view technician_id);
Result<> add_api_token(sqlite::Database& db, ApiToken const& token);
Result<std::optional<ApiToken>> find_api_token(sqlite::Database& db, std::string_view id);
Result<std::optional<ApiToken>> find_api_token_by_secret(sqlite::Database& db, std::string_view secret_sha256);
Result<std::vector<ApiToken>> api_tokens_of(sqlite::Database& db, std::string_view technician_id); ///< Newest first.
Result<> touch_api_token(sqlite::Database& db, std::string_view id, UnixMs used_ms);
Result<> delete_api_token(sqlite::Database& db, std::string_view id);
/// What was answered to a write that came with a key; status 0: it was begun, and how it ended nobody knows.
struct KeptAnswer {
    std::string request_sha256;
    std::int64_t status{};
    std::string answer; ///< Sealed.
};
Result<std::optional<KeptAnswer>> find_kept_answer(sqlite::Database& db, std::string_view key_sha256);
Result<> begin_kept_answer(sqlite::Database& db, std::string_view key_sha256, std::string_view request_sha256,
                           UnixMs at_ms);
Result<> finish_kept_answer(sqlite::Database& db, std::string_view key_sha256, std::int64_t status,
                            std::string_view answer);
Result<> forget_kept_answer(sqlite::Database& db, std::string_view key_sha256);
Result<> delete_idempotency(sqlite::Database& db, UnixMs before_ms);

// lanes.cpp
Result<std::uint64_t> high_water(sqlite::Database& db, std::string_view device_id, std::string_view epoch,
                                 wire::Lane lane);
Result<> set_high_water(sqlite::Database& db, std::string_view device_id, std::string_view epoch, wire::Lane lane,
                        std::uint64_t sequence);
Result<> add_gap(sqlite::Database& db, std::string_view device_id, std::string_view epoch, wire::Gap const& gap);
Result<std::vector<wire::Gap>> gaps_of(sqlite::Database& db, std::string_view device_id); ///< Oldest first.

// states.cpp
Result<std::vector<ProbeStatus>> probe_statuses(sqlite::Database& db, std::string_view device_id);
Result<std::optional<ProbeStatus>> probe_status(sqlite::Database& db, std::string_view device_id,
                                                std::string_view probe);
Result<> save_probe_status(sqlite::Database& db, std::string_view device_id, ProbeStatus const& status);
/// The probe was read again and nothing had changed.
Result<> set_checked(sqlite::Database& db, std::string_view device_id, std::string_view probe, UnixMs as_of_ms);
/// The rows valid now. `search` matches key and texts; "" = all. `total` (may be null) counts what matches.
Result<std::vector<StateRow>> state_rows(sqlite::Database& db, std::string_view device_id, std::string_view probe,
                                         std::string_view search, std::int64_t offset, std::int64_t limit,
                                         std::int64_t* total);
/// All rows valid now, with the columns of a newer agent that state_rows leaves out: what the digest is over.
Result<Snapshot> state_snapshot(sqlite::Database& db, std::string_view device_id, std::string_view probe);
/// Closes the rows that end (valid_to) and opens the new ones (valid_from) at `at_ms`. The device's history does not
/// tell of the keys in `quiet`.
Result<> change_state(sqlite::Database& db, std::string_view device_id, std::string_view probe, Snapshot const& changed,
                      std::vector<std::string> const& removed, UnixMs at_ms,
                      std::set<std::string, std::less<>> const& quiet = {});

// series.cpp: a reading is a row of its own until it is sealed into the block of its day and rolled up. Questions do
// not tell the difference; what cannot be read any more is logged and left out.
Result<> add_series(sqlite::Database& db, std::string_view device_id, wire::Series const& series);
Result<std::vector<StoredSeries>> series_between(sqlite::Database& db, std::string_view device_id,
                                                 std::string_view probe, UnixMs from_ms, UnixMs to_ms);
Result<std::optional<StoredSeries>> latest_series(sqlite::Database& db, std::string_view device_id,
                                                  std::string_view probe);
/// The buckets that touch the span. errc::limit_exceeded: more than fit into memory.
Result<Rolled> rolled_between(sqlite::Database& db, std::string_view device_id, std::string_view probe, Level level,
                              UnixMs from_ms, UnixMs to_ms);
struct SealedBlock {
    Level level{};
    UnixMs slot_ms{};
    std::int64_t part{};
    std::string block;
};
/// Some readings of one day, to be replaced by blocks.
struct Seal {
    std::string device_id;
    std::string probe;
    UnixMs from_ms{}; ///< Of the readings, whose number is `rows`.
    UnixMs to_ms{};
    std::size_t rows{};
    std::size_t values{};
    std::vector<SealedBlock> blocks;
};
/// The oldest readings before `before_ms`, as many as one work should take; nothing where there are none. Reads only:
/// what is slow about it keeps no writer waiting.
Result<std::optional<Seal>> prepare_seal(sqlite::Database& db, std::string_view device_id, std::string_view probe,
                                         UnixMs before_ms);
/// Blocks instead of rows, in one transaction. errc::conflict: a late reading came in between; prepare again.
Result<> apply_seal(sqlite::Database& db, Seal const& seal);

// events.cpp
Result<> add_event(sqlite::Database& db, std::string_view device_id, std::string_view epoch, wire::Event const& event);
Result<std::vector<StoredEvent>> events_of(sqlite::Database& db, std::string_view device_id,
                                           std::int64_t limit); ///< Newest first.

// alerts.cpp
Result<> open_alert(sqlite::Database& db,
                    Alert const& alert); ///< errc::conflict: one is open for (device, item, subject).
/// Everything of it that may change, but how often there are notes.
Result<> update_alert(sqlite::Database& db, Alert const& alert);
/// All of the device: it belongs to another customer now.
Result<> move_alerts(sqlite::Database& db, std::string_view device_id, std::string_view customer_id);
Result<> set_alert_latest(sqlite::Database& db, std::string_view id, std::string_view latest);
Result<std::optional<Alert>> find_alert(sqlite::Database& db, std::string_view id);
Result<std::vector<Alert>> open_alerts(sqlite::Database& db);
/// What the rules go by: open ones of a device, and resolved ones that linger.
Result<std::vector<Alert>> judged_alerts_of(sqlite::Database& db, std::string_view device_id);
/// The same, of one item and subject: one at most.
Result<std::optional<Alert>> find_judged_alert(sqlite::Database& db, std::string_view device_id, std::string_view item,
                                               std::string_view subject);
/// Open ones, those that linger, and those resolved since `since_ms`.
Result<std::vector<Alert>> recent_alerts(sqlite::Database& db, UnixMs since_ms);
/// Of an alert the last `alert_actions_kept` are kept, beside all its notes. A note counts at its alert.
inline constexpr std::int64_t alert_actions_kept = 200;
Result<> add_alert_action(sqlite::Database& db, AlertAction const& action);
/// Those that led beyond `version`, oldest first; notes too, of any version.
Result<std::vector<AlertAction>> alert_actions(sqlite::Database& db, std::string_view alert_id,
                                               std::int64_t version = 0);

// device_actions.cpp
/// Of a device the last `device_actions_kept` are kept: a script may do as much as it likes.
inline constexpr std::int64_t device_actions_kept = 1000;
Result<> add_device_action(sqlite::Database& db, DeviceAction const& action);
/// For a device that comes to another customer: the folders that it was moved between are the old one's.
Result<> forget_moves(sqlite::Database& db, std::string_view device_id);

// timeline.cpp
/// errc::bad_input: `before` is no place in a timeline.
Result<TimelinePage> timeline(sqlite::Database& db, std::string_view device_id, TimelineWish const& wish);

// sizes.cpp
Result<> add_size_sample(sqlite::Database& db, UnixMs at_ms, std::int64_t bytes);
/// From the oldest sample of the last 7 days to `bytes` now; nothing where there is none of at least 6 h ago.
Result<std::optional<Growth>> growth(sqlite::Database& db, UnixMs now_ms, std::int64_t bytes);

// expiry.cpp: what is too old goes, a few rows at a time.
enum class Expiring { state_changes, alerts, events, gaps, actions, readings, five_minutes, hours, days };
inline constexpr std::array all_expiring{Expiring::state_changes, Expiring::alerts,  Expiring::events,
                                         Expiring::gaps,          Expiring::actions, Expiring::readings,
                                         Expiring::five_minutes,  Expiring::hours,   Expiring::days};
[[nodiscard]] std::string_view to_string(Expiring kind);
/// State changes and alerts are asked for all devices at once; of series, whole blocks go when all of them is too old.
struct Expired {
    Expiring kind{};
    UnixMs before_ms{};
    std::string device_id;
    std::string probe;
};
Result<bool> has_expired(sqlite::Database& db, Expired const& what);
/// How many went; `limit` of them: there may be more.
Result<std::int64_t> delete_expired(sqlite::Database& db, Expired const& what, std::int64_t limit);
Result<std::vector<std::string>> device_ids_after(sqlite::Database& db, std::string_view after, std::int64_t limit);
/// The series of a device and the time of their oldest reading that is not sealed, if there is one.
struct SeriesState {
    std::string probe;
    std::optional<UnixMs> oldest_ms;
};
Result<std::vector<SeriesState>> series_states(sqlite::Database& db, std::string_view device_id);
/// When anything was last heard of any device.
Result<std::optional<UnixMs>> newest_trace(sqlite::Database& db);
Result<std::optional<AgeClock>> age_clock(sqlite::Database& db);
/// By what is kept, or else by the newest trace, after a look at the clock now.
Result<AgeClock> look_at_age(sqlite::Database& db, UnixMs now_ms);
Result<> save_age_clock(sqlite::Database& db, AgeClock const& clock);

} // namespace rollcall::store
