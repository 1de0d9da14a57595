#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/core/value.hpp"
#include "common/wire/messages.hpp"

/// What the store keeps, as plain records. Times are Unix milliseconds by the collector's clock unless named otherwise.
namespace rollcall::store
{

/// Which customers a question may see: the first predicate of every list, count, search and read.
struct Scope {
    bool all = false;
    std::set<std::string, std::less<>> customers;
    [[nodiscard]] bool sees(std::string_view customer_id) const { return all || customers.contains(customer_id); }
    /// Does it see all that the other one sees?
    [[nodiscard]] bool covers(Scope const& other) const;
    [[nodiscard]] static Scope both(Scope const& one, Scope const& other); ///< What one and the other see.
    static Scope everything() { return {.all = true}; }
    bool operator==(Scope const&) const = default;
};

struct Customer {
    std::string id;
    std::string name;
    UnixMs created_ms{};
};

struct Device {
    std::string id;
    std::string customer_id;
    std::string name;        ///< Given by a person, at first the host name.
    std::string hardware_id; ///< "" = none could be read.
    std::string fingerprint; ///< Of the certificate that may speak for it: SHA-256 of the DER, hexadecimal.
    std::string agent_version;
    std::string token_id; ///< The enrolment token that brought it.
    UnixMs enrolled_ms{};
    std::optional<UnixMs> last_seen_ms;
    std::optional<UnixMs> revoked_ms;
    UnixMs issued_ms{};                ///< A certificate that begins later takes the place of the one we know.
    std::vector<std::string> disk_ids; ///< Of the drives of its machine.
    std::string copied_from;           ///< The device that its disk was once copied from; "" = it was enrolled.
    bool hardware_told = false;        ///< By an accepted hello: what an enrolment said is compared with nothing.
    bool has_look_alikes = false;      ///< Other machines show the same hardware_id.
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
};

/// What a device's timeline tells of.
enum class Happened { appeared, changed, vanished, event, gap, alert_opened, alert_resolved };

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
    std::string before; ///< `next` of the page before; "" = from the newest.
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

/// How fast the store grows.
struct Growth {
    UnixMs since_ms{}; ///< Measured from here on.
    double bytes_per_day{};
};

} // namespace rollcall::store
