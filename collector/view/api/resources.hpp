#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "common/core/clock.hpp"

/// What the API shows, as described structs; `about` is what the document says of one. openapi.json, the JSON itself
/// and (through openapi.json) the page's TypeScript types are all made from these declarations. std::optional is `null`
/// in JSON; boost::json::value is "any value"; every field is always present.
namespace rollcall::api
{

/// A value read on a device. `value` is null and `unknown` holds the reason where it could not be read;
/// `as_of_ms` is when it was last read (null: never).
struct ObservedText {
    std::optional<std::string> value;
    std::string unknown;
    std::optional<UnixMs> as_of_ms;
};
BOOST_DESCRIBE_STRUCT(ObservedText, (), (value, unknown, as_of_ms))

struct ObservedInteger {
    std::optional<std::int64_t> value;
    std::string unknown;
    std::optional<UnixMs> as_of_ms;
};
BOOST_DESCRIBE_STRUCT(ObservedInteger, (), (value, unknown, as_of_ms))

struct ObservedReal {
    std::optional<double> value;
    std::string unknown;
    std::optional<UnixMs> as_of_ms;
};
BOOST_DESCRIBE_STRUCT(ObservedReal, (), (value, unknown, as_of_ms))

struct ObservedBoolean {
    std::optional<bool> value;
    std::string unknown;
    std::optional<UnixMs> as_of_ms;
};
BOOST_DESCRIBE_STRUCT(ObservedBoolean, (), (value, unknown, as_of_ms))

struct LastLogin {
    std::string user;
    std::optional<UnixMs> at_ms;
    std::string from;
};
BOOST_DESCRIBE_STRUCT(LastLogin, (), (user, at_ms, from))

struct ObservedLastLogin {
    std::optional<LastLogin> value;
    std::string unknown;
    std::optional<UnixMs> as_of_ms;
};
BOOST_DESCRIBE_STRUCT(ObservedLastLogin, (), (value, unknown, as_of_ms))

struct AlertCounts {
    std::int64_t information{};
    std::int64_t warning{};
    std::int64_t critical{};
};
BOOST_DESCRIBE_STRUCT(AlertCounts, (), (information, warning, critical))

/// A signal that asks for a reboot.
struct RebootReason {
    std::string signal;
    std::string reason;
    std::string detail;
    std::optional<UnixMs> since_ms;
};
BOOST_DESCRIBE_STRUCT(RebootReason, (), (signal, reason, detail, since_ms))

struct HeldBack {
    static constexpr std::string_view about =
        "What the device still held when it connected and the collector has not stored yet. At most so many: records "
        "that the device lost count until it has said so. What it observes while connected comes at once and is not "
        "counted; of states only the latest matters, so they have no number. null: the device is not connected, and "
        "nobody knows.";
    std::int64_t events{};
    std::int64_t readings{}; ///< Of all series probes.
    bool operator==(HeldBack const&) const = default;
};
BOOST_DESCRIBE_STRUCT(HeldBack, (), (events, readings))

/// A line of the Devices view.
struct DeviceRow {
    std::string id;
    std::string name;
    std::string customer_id;
    std::string customer_name;
    ObservedText host_name;
    ObservedText device_type; ///< PC, Server, Mac, Linux, SNMP, TCP, HTTP or Generic.
    ObservedText os_family;   ///< linux, windows, macos.
    ObservedText os_name;
    std::string availability; ///< online, offline, unreachable, retired or unknown.
    std::string
        availability_reason; ///< Why it is unknown, or how it went offline: "collector restarted", "silent", "closed".
    std::optional<UnixMs> availability_since_ms;
    std::optional<UnixMs> last_seen_ms;
    std::optional<HeldBack> held_back; ///< null: it is not connected.
    AlertCounts alerts;                ///< Open ones.
    ObservedLastLogin last_login;
    ObservedBoolean pending_reboot;
    std::vector<RebootReason> reboot_reasons; ///< Those that say yes.
    ObservedInteger patches;
    ObservedInteger security_patches;
    std::vector<std::string> addresses;
    ObservedInteger memory_bytes;
    ObservedReal cpu_percent;
    ObservedReal memory_percent;
    ObservedInteger services;         ///< How many there are.
    ObservedInteger services_stopped; ///< Should run and do not.
    ObservedInteger users;            ///< Sessions now.
    std::string agent_version;
    std::optional<std::int64_t>
        clock_offset_ms; ///< The device's clock less ours; null where within limits::clock_offset.
    UnixMs enrolled_ms{};
    bool revoked{};
};
BOOST_DESCRIBE_STRUCT(DeviceRow, (),
                      (id, name, customer_id, customer_name, host_name, device_type, os_family, os_name, availability,
                       availability_reason, availability_since_ms, last_seen_ms, held_back, alerts, last_login,
                       pending_reboot, reboot_reasons, patches, security_patches, addresses, memory_bytes, cpu_percent,
                       memory_percent, services, services_stopped, users, agent_version, clock_offset_ms, enrolled_ms,
                       revoked))

struct DeviceList {
    std::vector<DeviceRow> items;
    std::int64_t total{}; ///< That match, not that are shown.
    UnixMs as_of_ms{};
};
BOOST_DESCRIBE_STRUCT(DeviceList, (), (items, total, as_of_ms))

struct AlertRow {
    std::string id;
    std::string title;
    std::string customer_id;
    std::string customer_name;
    std::string device_id;
    std::string device_name;
    ObservedText device_type;
    UnixMs created_ms{};
    std::optional<UnixMs> resolved_ms;
    std::string severity; ///< information, warning or critical.
    std::string
        category; ///< Hardware, Disk, Availability, Performance, Exchange, General, Network, Apps or Script-based.
    std::string status;      ///< open, snoozed or resolved.
    std::string item;        ///< Id of the threshold item that raised it.
    std::string subject;     ///< What of the device: a volume, a service; "" = the device.
    std::string explanation; ///< The rule in words: "CPU used above 90 % for 5 min; resolves below 80 %."
    std::string value;       ///< What was seen when it was raised: "97.3 %".
    std::string latest;      ///< What was seen last.
};
BOOST_DESCRIBE_STRUCT(AlertRow, (),
                      (id, title, customer_id, customer_name, device_id, device_name, device_type, created_ms,
                       resolved_ms, severity, category, status, item, subject, explanation, value, latest))

struct AlertList {
    std::vector<AlertRow> items;
    std::int64_t total{};
    UnixMs as_of_ms{};
};
BOOST_DESCRIBE_STRUCT(AlertList, (), (items, total, as_of_ms))

struct CustomerRow {
    std::string id;
    std::string name;
    UnixMs created_ms{};
    std::int64_t devices{};
    std::int64_t online{};
    AlertCounts alerts;
    std::int64_t pending_reboots{};
    std::int64_t patches{}; ///< Sum over its devices, of those that know.
};
BOOST_DESCRIBE_STRUCT(CustomerRow, (), (id, name, created_ms, devices, online, alerts, pending_reboots, patches))

struct CustomerList {
    std::vector<CustomerRow> items;
    std::int64_t total{};
};
BOOST_DESCRIBE_STRUCT(CustomerList, (), (items, total))

struct NewCustomer {
    std::string name;
};
BOOST_DESCRIBE_STRUCT(NewCustomer, (), (name))

/// One row of a probe's table on a device. `cells` by column name: a value, or {"unknown": reason}.
struct ProbeRow {
    std::string key;
    UnixMs since_ms{}; ///< Since when it has been exactly so.
    boost::json::object cells;
};
BOOST_DESCRIBE_STRUCT(ProbeRow, (), (key, since_ms, cells))

struct ProbeTable {
    std::string probe;
    std::string unknown; ///< Reason why the last reading failed; rows are then those of the last that worked.
    std::optional<UnixMs> as_of_ms;
    std::vector<ProbeRow> rows;
    std::int64_t total{};
    std::int64_t cut_rows{}; ///< Left out by the agent's limit.
};
BOOST_DESCRIBE_STRUCT(ProbeTable, (), (probe, unknown, as_of_ms, rows, total, cut_rows))

/// One point of a curve; null where nothing was read.
struct Point {
    UnixMs at_ms{};
    std::optional<double> mean;
    std::optional<double> min;
    std::optional<double> max;
    std::int64_t readings{}; ///< With a number, that it is made of.
    std::int64_t unknown{};  ///< Readings whose value was unknown.
};
BOOST_DESCRIBE_STRUCT(Point, (), (at_ms, mean, min, max, readings, unknown))

struct Curve {
    std::string key;
    std::string column;
    std::vector<Point> points;
};
BOOST_DESCRIBE_STRUCT(Curve, (), (key, column, points))

struct SeriesAnswer {
    std::string probe;
    UnixMs from_ms{};
    UnixMs to_ms{};
    std::string resolution;  ///< reading, 5min, 1h or 1d.
    std::int64_t step_ms{};  ///< From one point to the next; of readings, as declared.
    std::string meaning;     ///< What a point, its min and its max are, in words.
    std::int64_t left_out{}; ///< Curves that did not fit into the answer.
    std::vector<Curve> curves;
};
BOOST_DESCRIBE_STRUCT(SeriesAnswer, (), (probe, from_ms, to_ms, resolution, step_ms, meaning, left_out, curves))

struct EventRow {
    std::string name;
    UnixMs at_ms{};
    boost::json::object detail;
};
BOOST_DESCRIBE_STRUCT(EventRow, (), (name, at_ms, detail))

struct EventList {
    std::vector<EventRow> items; ///< Newest first.
};
BOOST_DESCRIBE_STRUCT(EventList, (), (items))

/// A row of a state probe that appeared, changed or vanished. Of one that changed, only the columns that differ.
struct StateChange {
    std::string probe;
    std::string key;
    std::string what; ///< appeared, changed or vanished.
    boost::json::object before;
    boost::json::object after;
};
BOOST_DESCRIBE_STRUCT(StateChange, (), (probe, key, what, before, after))

struct GapNote {
    static constexpr std::string_view about =
        "Records of a device that are lost, by their numbers; at_ms of the entry is when that was noticed. reason: "
        "spool_full, thinned, too_old (dropped by the device, since they waited too long), spool_corrupt (the device's "
        "file was damaged), collector_behind (the collector was restored from a backup), store_damaged (of the "
        "collector's damaged database only a part could be saved, perhaps all of this device), bad_message (the "
        "collector could not read it) or missing (nobody said why). records: how many, null where nobody knows: first "
        "and last then only bound them.";
    std::string lane; ///< event, state or series.
    std::int64_t first{};
    std::int64_t last{};
    std::optional<std::int64_t> records;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(GapNote, (), (lane, first, last, records, reason))

struct AlertNote {
    std::string id;
    std::string what; ///< opened or resolved.
    std::string title;
    std::string severity;
    std::string category;
    std::string item;
    std::string subject;
    std::string value; ///< What was seen then.
};
BOOST_DESCRIBE_STRUCT(AlertNote, (), (id, what, title, severity, category, item, subject, value))

/// One thing in a device's past: what `kind` names is set, the others are null.
struct TimelineEntry {
    UnixMs at_ms{};
    std::string kind; ///< state, event, gap or alert.
    std::optional<StateChange> state;
    std::optional<EventRow> event;
    std::optional<GapNote> gap;
    std::optional<AlertNote> alert;
};
BOOST_DESCRIBE_STRUCT(TimelineEntry, (), (at_ms, kind, state, event, gap, alert))

struct Timeline {
    std::vector<TimelineEntry> items; ///< Newest first.
    std::string next;                 ///< To be given as `before` for what is older; "" = there is nothing.
};
BOOST_DESCRIBE_STRUCT(Timeline, (), (items, next))

struct NewToken {
    std::string customer_id;
    std::int64_t uses = 1;
    std::int64_t expires_in_s = 86'400;
};
BOOST_DESCRIBE_STRUCT(NewToken, (), (customer_id, uses, expires_in_s))

struct TokenDevice {
    std::string id;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(TokenDevice, (), (id, name))

struct TokenRow {
    std::string id;
    std::string customer_id;
    UnixMs created_ms{};
    UnixMs expires_ms{};
    std::int64_t uses{};
    std::int64_t uses_left{};
    bool revoked{};
    std::vector<TokenDevice> devices; ///< Enrolled with it.
};
BOOST_DESCRIBE_STRUCT(TokenRow, (), (id, customer_id, created_ms, expires_ms, uses, uses_left, revoked, devices))

struct TokenList {
    std::vector<TokenRow> items;
};
BOOST_DESCRIBE_STRUCT(TokenList, (), (items))

struct InstallLine {
    static constexpr std::string_view about = "How a machine of this system is installed and enrolled with one line. "
                                              "missing: why there is no such line (then "
                                              "command is empty), and what to do.";
    std::string system; ///< linux, windows or macos.
    std::string command;
    std::string version; ///< That it installs.
    std::string missing;
};
BOOST_DESCRIBE_STRUCT(InstallLine, (), (system, command, version, missing))

/// The only time the secret is shown.
struct TokenMade {
    TokenRow token;
    std::string word;    ///< What the agent takes.
    std::string command; ///< The line to paste on a machine that has the agent's package.
    std::vector<InstallLine> install;
};
BOOST_DESCRIBE_STRUCT(TokenMade, (), (token, word, command, install))

struct LogIn {
    std::string name;
    std::string password;
};
BOOST_DESCRIBE_STRUCT(LogIn, (), (name, password))

struct NewPassword {
    std::string current_password;
    std::string new_password;
};
BOOST_DESCRIBE_STRUCT(NewPassword, (), (current_password, new_password))

struct Session {
    static constexpr std::string_view about =
        "Who is logged in, and what he may do. awaits_code: the password was right, and POST /api/v1/session/code is "
        "all that is open. must_change_password, must_set_up_totp: likewise, until that is done. csrf_token is to be "
        "sent as X-CSRF-Token with every request that writes. all_customers: whether he sees all of them.";
    std::string technician_id;
    std::string name;
    std::string csrf_token;
    bool awaits_code{};
    bool must_change_password{};
    bool must_set_up_totp{};
    bool has_totp{};
    UnixMs expires_ms{};
    std::string role_id;
    std::string role_name;
    std::vector<std::string> permissions;
    bool all_customers{};
};
BOOST_DESCRIBE_STRUCT(Session, (),
                      (technician_id, name, csrf_token, awaits_code, must_change_password, must_set_up_totp, has_totp,
                       expires_ms, role_id, role_name, permissions, all_customers))

/// One item of the threshold profile.
struct ThresholdItem {
    std::string id;
    std::string title;
    std::string probe;
    std::string column;
    std::string severity;
    std::string category;
    std::string explanation;
    std::int64_t hold_s{};
};
BOOST_DESCRIBE_STRUCT(ThresholdItem, (), (id, title, probe, column, severity, category, explanation, hold_s))

struct ThresholdProfile {
    std::string name;
    std::vector<ThresholdItem> items;
};
BOOST_DESCRIBE_STRUCT(ThresholdProfile, (), (name, items))

struct ColumnInfo {
    std::string name;
    std::string label;
    std::string type;
    std::string unit;
    std::string meaning;
};
BOOST_DESCRIBE_STRUCT(ColumnInfo, (), (name, label, type, unit, meaning))

struct ProbeInfo {
    std::string name;
    std::string label;
    std::string kind;
    std::string key_label;
    std::int64_t every_s{};
    std::string meaning;
    std::vector<ColumnInfo> columns;
};
BOOST_DESCRIBE_STRUCT(ProbeInfo, (), (name, label, kind, key_label, every_s, meaning, columns))

struct EventTypeInfo {
    std::string name;
    std::string label;
    std::string meaning;
    std::vector<ColumnInfo> columns;
};
BOOST_DESCRIBE_STRUCT(EventTypeInfo, (), (name, label, meaning, columns))

struct Catalogue {
    std::vector<ProbeInfo> probes;
    std::vector<EventTypeInfo> event_types;
};
BOOST_DESCRIBE_STRUCT(Catalogue, (), (probes, event_types))

struct SystemInfo {
    std::string version;
    UnixMs started_ms{};
    UnixMs now_ms{};
    std::int64_t data_bytes{};
    std::optional<std::int64_t> data_bytes_per_day; ///< How fast that grows; null while it is not known.
    std::optional<UnixMs> data_measured_from_ms;    ///< Over how long that was measured.
    std::string ca_sha256;
};
BOOST_DESCRIBE_STRUCT(SystemInfo, (),
                      (version, started_ms, now_ms, data_bytes, data_bytes_per_day, data_measured_from_ms, ca_sha256))

/// What is said about updates at one level.
struct UpdatePolicy {
    static constexpr std::string_view about =
        "What is said about updates of agents at one level: for all, for a customer, for a device. null: as it is said "
        "further up; of each the nearest level that says something wins. channel: stable, or beta (which takes both); "
        "where nobody says anything, stable. pinned: this version and no other; \"\" = none, whatever is said further "
        "up.";
    std::optional<std::string> channel;
    std::optional<std::string> pinned;
    std::optional<bool> paused;
};
BOOST_DESCRIBE_STRUCT(UpdatePolicy, (), (channel, pinned, paused))

struct EffectiveUpdatePolicy {
    static constexpr std::string_view about =
        "What counts for one device. *_from: the level that says it (device, customer, collector); \"\" = nobody does.";
    std::string channel;
    std::string channel_from;
    std::string pinned; ///< "" = no version.
    std::string pinned_from;
    bool paused{};
    std::string paused_from;
};
BOOST_DESCRIBE_STRUCT(EffectiveUpdatePolicy, (), (channel, channel_from, pinned, pinned_from, paused, paused_from))

/// How far a device came with a version that it was offered.
struct UpdateAttempt {
    std::string version;
    std::string from_version;
    std::string state; ///< offered, downloading, ready, trial, confirmed, failed, rolled_back, refused; asked: to
                       ///< be offered again.
    std::string reason;
    UnixMs offered_ms{};
    UnixMs at_ms{};
};
BOOST_DESCRIBE_STRUCT(UpdateAttempt, (), (version, from_version, state, reason, offered_ms, at_ms))

struct DeviceUpdate {
    static constexpr std::string_view about = "Which version a device runs and what comes next. verdict: offered, "
                                              "under_way, current, none (no release), paused, "
                                              "pinned, waiting (for its wave, from opens_ms on), queued (too many are "
                                              "under way), failed, refused, stopped, unfit "
                                              "(no program for its system) or unknown; reason says it in words.";
    std::string device_id;
    std::string device_name;
    std::string customer_id;
    std::string customer_name;
    std::string availability;
    std::string version;
    std::string verdict;
    std::string reason;
    std::string target; ///< The version that this is about; "" = none.
    std::optional<UnixMs> opens_ms;
    std::optional<UpdateAttempt> attempt; ///< The last one.
    EffectiveUpdatePolicy policy;
};
BOOST_DESCRIBE_STRUCT(DeviceUpdate, (),
                      (device_id, device_name, customer_id, customer_name, availability, version, verdict, reason,
                       target, opens_ms, attempt, policy))

struct VersionCount {
    std::string version; ///< "" = not known.
    std::int64_t devices{};
};
BOOST_DESCRIBE_STRUCT(VersionCount, (), (version, devices))

struct UpdateList {
    std::vector<DeviceUpdate> items;
    std::int64_t total{};               ///< That match, not that are shown.
    std::vector<VersionCount> versions; ///< Of all devices of the customer, whatever else is asked for; newest first.
};
BOOST_DESCRIBE_STRUCT(UpdateList, (), (items, total, versions))

struct ReleaseFile {
    std::string name;
    std::string kind;
    std::string system;
    std::string architecture;
    std::int64_t bytes{};
    std::string sha256;
};
BOOST_DESCRIBE_STRUCT(ReleaseFile, (), (name, kind, system, architecture, bytes, sha256))

struct ReleaseWave {
    std::int64_t percent{};
    UnixMs opens_ms{};
};
BOOST_DESCRIBE_STRUCT(ReleaseWave, (), (percent, opens_ms))

struct ReleaseRow {
    static constexpr std::string_view about = "A release that this collector offers. Its waves begin when the "
                                              "collector first saw it. stopped_ms: since when it is "
                                              "not offered any more, since too many devices failed. running to waiting "
                                              "count the devices that the asker may see.";
    std::string version;
    std::string channel;
    UnixMs released_ms{};
    std::optional<UnixMs> first_seen_ms;
    std::string warning; ///< Why devices will refuse it; "" = nothing is known against it.
    std::optional<UnixMs> stopped_ms;
    std::string stopped_why;
    std::vector<ReleaseWave> waves; ///< Empty: all at once.
    std::vector<ReleaseFile> files;
    std::int64_t running{}; ///< Run this version now.
    std::int64_t under_way{};
    std::int64_t confirmed{};
    std::int64_t failed{};
    std::int64_t refused{};
    std::int64_t waiting{}; ///< Wait for their wave, or for a place.
};
BOOST_DESCRIBE_STRUCT(ReleaseRow, (),
                      (version, channel, released_ms, first_seen_ms, warning, stopped_ms, stopped_why, waves, files,
                       running, under_way, confirmed, failed, refused, waiting))

struct BrokenRelease {
    std::string name;
    std::string why;
};
BOOST_DESCRIBE_STRUCT(BrokenRelease, (), (name, why))

struct ReleaseList {
    std::vector<ReleaseRow> items; ///< Newest version first.
    std::vector<BrokenRelease> broken;
    std::string unreadable; ///< Why the folder of releases could not be read; "" = it could.
};
BOOST_DESCRIBE_STRUCT(ReleaseList, (), (items, broken, unreadable))

/// RFC 9457. `field` and `remedy` are ours: which input is wrong and what to do.
struct Problem {
    std::string type; ///< "urn:rollcall:problem:bad-input".
    std::string title;
    std::int64_t status{};
    std::string detail;
    std::string field;
    std::string remedy;
    std::string request_id;
};
BOOST_DESCRIBE_STRUCT(Problem, (), (type, title, status, detail, field, remedy, request_id))

/// collector -> page on the live feed (WebSocket /api/v1/live). The page then reads what it shows again: data goes
/// through the API only, so scopes are enforced in one place. At most one per `live_interval_ms`.
struct Changed {
    std::string type = "changed";
    std::vector<std::string> devices; ///< Ids; empty with all_devices = more than fit.
    bool all_devices{};
    bool alerts{};
    bool customers{};
    bool tokens{};
    bool updates{}; ///< Releases, policies of updates, or how far devices have come.
};
BOOST_DESCRIBE_STRUCT(Changed, (), (type, devices, all_devices, alerts, customers, tokens, updates))

} // namespace rollcall::api
