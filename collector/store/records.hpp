#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/core/value.hpp"
#include "common/wire/messages.hpp"

/// What the store keeps, as plain records. Times are Unix milliseconds by the collector's clock unless named otherwise.
namespace rollcall::store
{

/// Where something lies: a device in a folder, or what is of a customer as a whole.
struct Location {
    std::string customer_id;
    std::string folder_id = {};                        ///< "" = in none, or of the customer as a whole.
    auto operator<=>(Location const&) const = default; // NOLINT(modernize-use-nullptr): clang-tidy 14 sees the 0 of it
};

/// Which customers, and folders of others, a question may see: the first predicate of every list, count, search and
/// read.
struct Scope {
    using Ids = std::set<std::string, std::less<>>;

    bool all = false;
    Ids customers;
    /// Ids by customer, none of them empty. As somebody is limited; the scope that he looks with has all that lie in
    /// them, too (`unfolded`).
    std::map<std::string, Ids, std::less<>> folders = {};

    /// All of the customer?
    [[nodiscard]] bool sees(std::string_view customer_id) const { return all || customers.contains(customer_id); }
    /// What lies in this folder of the customer; "" = in none?
    [[nodiscard]] bool sees(std::string_view customer_id, std::string_view folder_id) const;
    [[nodiscard]] bool sees(Location const& where) const { return sees(where.customer_id, where.folder_id); }
    /// The customer, or folders of it?
    [[nodiscard]] bool sees_some_of(std::string_view customer_id) const;
    /// Does it see all that the other one sees?
    [[nodiscard]] bool covers(Scope const& other) const;
    /// May who looks so know of somebody limited to `other`? Who has lost his last limit is for those who see all.
    [[nodiscard]] bool oversees(Scope const& other) const { return all || (!other.is_empty() && covers(other)); }
    [[nodiscard]] bool is_empty() const { return !all && customers.empty() && folders.empty(); }
    /// Is there something that both see, as they look? Who is there for others only is nobody's colleague here.
    [[nodiscard]] bool meets(Scope const& other) const;
    [[nodiscard]] static Scope both(Scope const& one, Scope const& other); ///< What one and the other see.
    static Scope everything() { return {.all = true}; }
    bool operator==(Scope const&) const = default;
};

/// A field of a customer that people have made themselves.
struct CustomField {
    std::string name;
    std::string value;
    bool operator==(CustomField const&) const = default;
};

struct Customer {
    std::string id;
    std::string name;
    UnixMs created_ms{};
    std::string rank = {}; ///< A (matters most), B, C, D; "" = none.
    std::string phone = {};
    std::string address = {};
    std::string postal_code = {};
    std::string fax = {};
    std::vector<std::string> domains = {};
    std::string website = {};
    std::string business_id = {};
    std::string notes = {};
    std::vector<CustomField> custom_fields = {};
    UnixMs modified_ms{};
    std::int64_t version = 1; ///< Rises with each change.
};

/// A folder of a customer's devices.
struct Folder {
    std::string id;
    std::string customer_id;
    std::string parent_id; ///< "" = it stands at the top.
    std::string name;
    UnixMs created_ms{};
    std::int64_t version = 1;
};

/// Somebody of a customer.
struct Contact {
    std::string id;
    std::string customer_id;
    std::string name;
    std::string job_title;
    std::string email;
    std::string phone;
    std::string mobile;
    std::string device_id; ///< That this person works on; "" = none.
    bool active = true;
    UnixMs created_ms{};
    UnixMs modified_ms{};
    std::int64_t version = 1;
};

/// What a technician has starred.
struct Favourite {
    std::string technician_id;
    std::string id; ///< Of the device or customer.
};

/// The fields that stand above every customer's page.
struct PinnedFields {
    std::vector<std::string> fields;
    std::int64_t version = 0; ///< 0: nobody has chosen any.
};

/// What goes when a device is purged.
struct Loss {
    std::int64_t states{}; ///< Rows of tables, of now and of the past.
    std::int64_t events{};
    std::int64_t alerts{};
    std::int64_t gaps{};
    std::int64_t curves{};          ///< Series that have readings.
    std::optional<UnixMs> since_ms; ///< Of the oldest of it.
};

struct Device {
    std::string id;
    std::string customer_id;
    std::string name;        ///< As its machine was called when it was enrolled.
    std::string hardware_id; ///< "" = none could be read.
    std::string fingerprint; ///< Of the certificate that may speak for it: SHA-256 of the DER, hexadecimal.
    std::string agent_version;
    std::string token_id; ///< The enrolment token that brought it.
    UnixMs enrolled_ms{};
    std::optional<UnixMs> last_seen_ms;
    std::optional<UnixMs> revoked_ms;
    UnixMs issued_ms{};                   ///< A certificate that begins later takes the place of the one we know.
    std::vector<std::string> disk_ids;    ///< Of the drives of its machine.
    std::string copied_from;              ///< The device that its disk was once copied from; "" = it was enrolled.
    bool hardware_told = false;           ///< By an accepted hello: what an enrolment said is compared with nothing.
    bool has_look_alikes = false;         ///< Other machines show the same hardware_id.
    std::string assigned_name = {};       ///< Given by a person; "" = by nobody.
    std::string folder_id = {};           ///< "" = none.
    bool monitored = true;                ///< False: it raises no alerts.
    std::string remote = {};              ///< The address from which it last began a session; "" = it never did.
    std::optional<UnixMs> purged_ms = {}; ///< Since when it is being deleted: nobody sees it any more.
    std::int64_t version = 1;             ///< Rises with each change by a person.

    [[nodiscard]] std::string const& shown_name() const { return assigned_name.empty() ? name : assigned_name; }
    [[nodiscard]] Location location() const { return {.customer_id = customer_id, .folder_id = folder_id}; }
};

/// Devices that began as copies of one first device's disk.
struct Copies {
    std::int64_t since{};       ///< Those that became devices after a certain time, revoked or not.
    std::int64_t not_revoked{}; ///< Whenever they did.
};

struct EnrolmentToken {
    std::string id;
    std::string customer_id;
    std::string secret_sha256; ///< Only the hash is kept.
    UnixMs created_ms{};
    UnixMs expires_ms{};
    std::int64_t uses{};
    std::int64_t uses_left{};
    std::optional<UnixMs> revoked_ms;
};

struct Technician {
    std::string id;
    std::string name;
    std::string password_hash; ///< argon2id, encoded (PHC string).
    bool must_change_password{};
    std::optional<UnixMs> password_expires_ms; ///< A first password that nobody used in time is void.
    UnixMs created_ms{};
    std::string role_id = "owner";
    Scope scope = Scope::everything();
    std::optional<UnixMs> disabled_ms; ///< Since when he may not come in.
    std::int64_t version = 1;          ///< Grows with each change of name, role, limits or of being disabled.
    std::string totp_secret;           ///< Sealed (access/keys.hpp); "" = he has no second step.
    std::string totp_pending;          ///< Likewise, of one that he has not confirmed yet.
    std::int64_t totp_step{};          ///< Of the last code that was taken: none is good twice.
};

struct WebSession {
    std::string secret_sha256; ///< Of the cookie's value.
    std::string id;            ///< By which people name it.
    std::string technician_id;
    std::string csrf_token;
    UnixMs created_ms{};
    UnixMs used_ms{};
    UnixMs expires_ms{};
    std::string remote;       ///< Address that it was begun from.
    std::string program;      ///< What that said it is (User-Agent).
    bool awaits_code = false; ///< The password was right, the second step is still to come.
};

/// A role that somebody made; of a built-in one only `totp_required` and `version` count.
struct Role {
    std::string id;
    std::string name;
    std::string permissions; ///< Words with blanks between them.
    bool totp_required = false;
    std::int64_t version = 1;
    UnixMs created_ms{};
};

/// What a program uses instead of a session.
struct ApiToken {
    std::string id;
    std::string technician_id; ///< In whose name, and within whose rights.
    std::string name;
    std::string secret_sha256; ///< Only the hash is kept.
    std::string permissions;   ///< Words with blanks between them.
    Scope scope;
    UnixMs created_ms{};
    UnixMs expires_ms{};
    std::optional<UnixMs> used_ms;
};

/// The latest reading of one state probe of one device, without its rows.
struct ProbeStatus {
    std::string probe;
    std::string digest;
    UnixMs as_of_ms{};
    std::string unknown;
    std::int64_t cut_rows{};
};

struct StateRow {
    std::string key;
    UnixMs valid_from_ms{};
    Row cells;
};

struct StoredEvent {
    std::string name;
    UnixMs at_ms{};
    Row detail;
};

struct StoredSeries {
    UnixMs taken_ms{};
    std::vector<wire::Sample> samples;
};

enum class Severity { information, warning, critical };

struct Alert {
    std::string id;
    std::string device_id;
    std::string customer_id;
    std::string item;    ///< Threshold item.
    std::string subject; ///< Volume, service …; "" = the device.
    std::string title;
    Severity severity{};
    std::string category;
    std::string explanation;
    std::string value;
    std::string latest;
    UnixMs created_ms{};
    std::optional<UnixMs> resolved_ms;
    std::int64_t version = 1;               ///< Goes up with whatever people decide by: not with `latest` and notes.
    std::string status_by;                  ///< Who made its status what it is; "" = it became so by itself.
    std::optional<UnixMs> snoozed_ms;       ///< Since when it is; nothing: it is not.
    std::optional<UnixMs> snoozed_until_ms; ///< Nothing, of a snoozed one: until it changes.
    std::optional<UnixMs> reopened_ms;      ///< When a person opened it again.
    /// A person resolved it while its cause went on: nothing is raised anew until that has ended.
    bool lingers = false;
    /// A person reopened it after its cause had ended: it stays until he resolves it, or the cause was there again.
    bool kept_open = false;
    std::string assigned_id;   ///< Of a technician; "" = nobody.
    std::string assigned_name; ///< His name as it is now; stands with the technician.
    std::string ticket;        ///< A number or an address; "" = none.
    std::int64_t notes{};      ///< How many there are.
};

enum class AlertStatus { open, snoozed, resolved };

[[nodiscard]] constexpr AlertStatus status_of(Alert const& alert)
{
    if (alert.resolved_ms) return AlertStatus::resolved;
    return alert.snoozed_ms ? AlertStatus::snoozed : AlertStatus::open;
}

/// Something that was done about an alert, or that it did by itself.
struct AlertAction {
    std::string alert_id;
    std::int64_t version{}; ///< Of the alert, after it.
    UnixMs at_ms{};
    std::string technician_id;      ///< "" = it happened by itself.
    std::string technician;         ///< His name then.
    std::string what;               ///< snoozed, woken, resolved, reopened, assigned, ticket or note.
    std::string text;               ///< The note, the ticket, to whom it was assigned, or what was seen.
    std::optional<UnixMs> until_ms; ///< Of a snooze, and of its end; nothing: until it changed.
};

/// Something that a person did to a device.
struct DeviceAction {
    std::string device_id;
    UnixMs at_ms{};
    std::string technician_id;
    std::string technician; ///< His name then.
    std::string what;       ///< renamed, moved, customer_changed, monitored, unmonitored, retired or taken_back.
    std::string was;        ///< The device's or the folder's name as it was, the customer's id; "" = none.
    std::string became;     ///< Likewise.
};

/// What a device's timeline tells of. Of an alert: that it was raised, that it resolved by itself, and what was done.
enum class Happened { appeared, changed, vanished, event, gap, alert_opened, alert_resolved, alert_action, action };

/// One thing in a device's past. `what` says which of the fields count.
struct TimelineEntry {
    UnixMs at_ms{};
    Happened what{};
    std::string name; ///< The probe, or the event's name.
    std::string key;  ///< Of the probe's row.
    Row before;       ///< Of what changed: only the columns that differ; empty where it is too old to be kept.
    Row after;        ///< Likewise; an event's detail.
    wire::Gap gap;
    Alert alert; ///< Without times, device and explanation.
    AlertAction alert_action;
    DeviceAction action;
};

struct TimelinePage {
    std::vector<TimelineEntry> entries; ///< Newest first.
    std::string next;                   ///< Where the next page begins; "" = this is the last one.
};

struct TimelineWish {
    bool states = true;
    bool events = true;
    bool gaps = true;
    bool alerts = true;
    bool actions = true;
    std::vector<std::string> probes;      ///< Rows of these only; none named: of all.
    std::vector<std::string> event_names; ///< Events of these only; none named: all.
    std::string before;                   ///< `next` of the page before; "" = from the newest.
    std::int64_t limit = 100;
};

/// What was said about updates at one level; nothing: as it is said further up.
struct UpdatePolicy {
    std::optional<std::string> channel; ///< stable or beta.
    std::optional<std::string> pinned;  ///< A version; "" = none, whatever is said further up.
    std::optional<bool> paused;
    bool operator==(UpdatePolicy const&) const = default;
};

/// Whose policy: of all (owner ""), of a customer, of a device.
struct OwnedUpdatePolicy {
    std::string owner;
    UpdatePolicy policy;
};

/// How far a device came with a version that it was offered.
struct UpdateAttempt {
    std::string device_id;
    std::string version;
    std::string from_version;
    std::string state;  ///< asked, offered, downloading, ready, trial, confirmed, failed, rolled_back or refused.
    std::string reason; ///< Why it went wrong.
    UnixMs offered_ms{};
    UnixMs at_ms{}; ///< Of the state.
};

/// Of the devices that came to an end with a version.
struct UpdateResults {
    std::int64_t tried{};
    std::int64_t failed{};
};

/// What this collector knows of a release beside what it holds.
struct ReleaseNote {
    std::string version;
    UnixMs first_seen_ms{};
    std::optional<UnixMs> stopped_ms; ///< Since when it is not offered any more, because too many failed.
    std::string stopped_why;
    UnixMs forgiven_ms{}; ///< What failed before this does not count: somebody let it go on.
};

/// What a technician wants to look at again.
struct SavedView {
    std::string id;
    std::string technician_id; ///< Whose it is: nobody else changes it.
    std::string owner;         ///< His name; not stored here.
    std::string list;          ///< devices or alerts.
    std::string name;          ///< His own for this list.
    bool shared = false;       ///< All see it.
    std::string filter;
    std::string choices; ///< What else is chosen, as the page's address has it.
    std::string sort;
    std::string columns = "[]"; ///< JSON.
    std::string density = "detailed";
    std::int64_t version = 1; ///< Counts its changes, so that of two at once one is told.
    UnixMs changed_ms{};
};

/// How fast the store grows.
struct Growth {
    UnixMs since_ms{}; ///< Measured from here on.
    double bytes_per_day{};
};

} // namespace rollcall::store
