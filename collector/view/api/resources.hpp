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
    static constexpr std::string_view about =
        "A line of the Devices view. name: assigned_name where a person gave one, otherwise as the machine was called "
        "when it was enrolled. availability: online; offline; unreachable (it left without a goodbye and devices of "
        "its "
        "customer at its public address are still online, or it keeps connecting without beginning a session); retired "
        "(by a person: it may not connect, and lists leave it out unless they are asked for it); unknown (the "
        "collector "
        "has just started). monitored: false = it raises no alerts. folder: its name after those it lies in. version: "
        "to be sent with an edit; it rises with each.";
    std::string id;
    std::string name;
    std::string assigned_name; ///< "" = none.
    std::string customer_id;
    std::string customer_name;
    std::optional<std::string> folder_id;
    std::string folder;
    bool monitored = true;
    bool favourite = false; ///< Of who asks.
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
    AlertCounts alerts;                ///< Open ones, but those that are snoozed.
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
    bool revoked{}; ///< It is retired.
    std::int64_t version = 1;
    std::string addresses_unknown; ///< For filters alone: why nobody knows the addresses now; "" = they are known.
    bool addresses_cut{};          ///< Likewise: there are more than the agent tells.
};
BOOST_DESCRIBE_STRUCT(DeviceRow, (),
                      (id, name, assigned_name, customer_id, customer_name, folder_id, folder, monitored, favourite,
                       host_name, device_type, os_family, os_name, availability, availability_reason,
                       availability_since_ms, last_seen_ms, held_back, alerts, last_login, pending_reboot,
                       reboot_reasons, patches, security_patches, addresses, memory_bytes, cpu_percent, memory_percent,
                       services, services_stopped, users, agent_version, clock_offset_ms, enrolled_ms, revoked,
                       version))

/// Of a list: all that match, in its order, on one page.
struct IdList {
    std::vector<std::string> ids;
    UnixMs as_of_ms{};
};
BOOST_DESCRIBE_STRUCT(IdList, (), (ids, as_of_ms))

struct DeviceList {
    std::vector<DeviceRow> items;
    std::int64_t total{}; ///< That match, not that are shown.
    UnixMs as_of_ms{};
    std::string next; ///< To be given as `after` for the lines behind these; "" = there are none.
};
BOOST_DESCRIBE_STRUCT(DeviceList, (), (items, total, as_of_ms, next))

struct AlertRow {
    static constexpr std::string_view about =
        "An alert. status_by: the technician who made the status what it is, \"\" where it became so by itself. "
        "snoozed_until_ms: null, of a snoozed one, until it changes: its cause has gone and held again, it says "
        "another "
        "word, or a more severe alert of the same value is raised. What is snoozed counts neither for its device nor "
        "for its customer. cause_persists: it was resolved by a person while its cause went on; it is not raised anew "
        "until that has ended. version: to be sent with what is done about it, so that nobody undoes unseen what "
        "somebody else has done.";
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
    std::int64_t version{};
    std::string status_by;
    std::optional<UnixMs> snoozed_ms; ///< Since when; null: it is not.
    std::optional<UnixMs> snoozed_until_ms;
    std::optional<UnixMs> reopened_ms;
    bool cause_persists{};
    std::string assigned_id; ///< Of a technician; "" = nobody.
    std::string assigned_name;
    std::string ticket;   ///< A number or an address; "" = none.
    std::int64_t notes{}; ///< How many there are.
};
BOOST_DESCRIBE_STRUCT(AlertRow, (),
                      (id, title, customer_id, customer_name, device_id, device_name, device_type, created_ms,
                       resolved_ms, severity, category, status, item, subject, explanation, value, latest, version,
                       status_by, snoozed_ms, snoozed_until_ms, reopened_ms, cause_persists, assigned_id, assigned_name,
                       ticket, notes))

struct AlertList {
    std::vector<AlertRow> items;
    std::int64_t total{};
    UnixMs as_of_ms{};
    std::string next;
};
BOOST_DESCRIBE_STRUCT(AlertList, (), (items, total, as_of_ms, next))

/// A note on an alert.
struct WrittenNote {
    UnixMs at_ms{};
    std::string technician_id;
    std::string technician; ///< His name then.
    std::string text;
};
BOOST_DESCRIBE_STRUCT(WrittenNote, (), (at_ms, technician_id, technician, text))

struct AlertAction {
    static constexpr std::string_view about =
        "Something that was done about an alert: what is snoozed, woken (its snooze ended), resolved, reopened, "
        "assigned "
        "or ticket. technician_id \"\": it happened by itself. text: the ticket, to whom it was assigned (\"\" = "
        "nobody), or what was seen. until_ms: of a snooze, and of the end of one that was given a time; null: until it "
        "changed. version is the alert's after it.";
    UnixMs at_ms{};
    std::string technician_id;
    std::string technician; ///< His name then.
    std::string what;
    std::string text;
    std::optional<UnixMs> until_ms;
    std::int64_t version{};
};
BOOST_DESCRIBE_STRUCT(AlertAction, (), (at_ms, technician_id, technician, what, text, until_ms, version))

struct AlertDetail {
    AlertRow alert;
    std::vector<WrittenNote> notes;   ///< Oldest first.
    std::vector<AlertAction> history; ///< Oldest first; of very many, the last ones.
};
BOOST_DESCRIBE_STRUCT(AlertDetail, (), (alert, notes, history))

struct AlertChoice {
    static constexpr std::string_view about =
        "Which alerts something is done about. versions: by id, the version that was seen; what is another one by now "
        "stays as it is. Of what is left out, or with null, any version will do.";
    std::vector<std::string> ids;
    std::optional<boost::json::object> versions;
};
BOOST_DESCRIBE_STRUCT(AlertChoice, (), (ids, versions))

struct SnoozeAlerts {
    AlertChoice alerts;
    std::optional<UnixMs> until_ms; ///< null: until it changes.
};
BOOST_DESCRIBE_STRUCT(SnoozeAlerts, (), (alerts, until_ms))

/// To resolve them, or to open them again.
struct ChooseAlerts {
    AlertChoice alerts;
};
BOOST_DESCRIBE_STRUCT(ChooseAlerts, (), (alerts))

struct AssignAlerts {
    AlertChoice alerts;
    std::optional<std::string> technician_id; ///< null: nobody any more.
};
BOOST_DESCRIBE_STRUCT(AssignAlerts, (), (alerts, technician_id))

struct TicketAlerts {
    AlertChoice alerts;
    std::string ticket; ///< A number or an address; "" = none.
};
BOOST_DESCRIBE_STRUCT(TicketAlerts, (), (alerts, ticket))

struct NoteAlerts {
    AlertChoice alerts;
    std::string text;
};
BOOST_DESCRIBE_STRUCT(NoteAlerts, (), (alerts, text))

struct AlertOutcome {
    static constexpr std::string_view about =
        "What became of one alert: outcome is done, unchanged (it was so already), not_found, stale (somebody changed "
        "it since; detail says who did what) or refused (detail says why). alert: as it is now.";
    std::string id;
    std::string outcome;
    std::string detail;
    std::optional<AlertRow> alert;
};
BOOST_DESCRIBE_STRUCT(AlertOutcome, (), (id, outcome, detail, alert))

struct AlertOutcomes {
    static constexpr std::string_view about =
        "Of several alerts each is done or not, whatever became of the others. Where one alert was asked for and "
        "nothing could be done, the answer is a problem instead.";
    std::vector<AlertOutcome> results; ///< In the order of the ids.
    std::int64_t done{};
};
BOOST_DESCRIBE_STRUCT(AlertOutcomes, (), (results, done))

/// Whom an alert may be assigned to.
struct Assignee {
    std::string id;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(Assignee, (), (id, name))

struct AssigneeList {
    std::vector<Assignee> items;
};
BOOST_DESCRIBE_STRUCT(AssigneeList, (), (items))

struct CustomerRow {
    static constexpr std::string_view about =
        "A customer and its counts. null: who asks may not read what is counted (devices.read; of alerts alerts.read "
        "will do, too).";
    std::string id;
    std::string name;
    std::string rank;       ///< A (matters most), B, C, D; "" = none.
    bool favourite = false; ///< Of who asks.
    bool partial =
        false; ///< Who asks sees some folders only: rank and created_ms are left out, and counts are of those.
    UnixMs created_ms{};
    std::optional<std::int64_t> devices;
    std::optional<std::int64_t> online;
    std::optional<AlertCounts> alerts;
    std::optional<std::int64_t> pending_reboots;
    std::optional<std::int64_t> patches; ///< Sum over its devices, of those that know.
};
BOOST_DESCRIBE_STRUCT(CustomerRow, (),
                      (id, name, rank, favourite, partial, created_ms, devices, online, alerts, pending_reboots,
                       patches))

struct CustomerList {
    std::vector<CustomerRow> items;
    std::int64_t total{};
};
BOOST_DESCRIBE_STRUCT(CustomerList, (), (items, total))

struct NewCustomer {
    std::string name;
};
BOOST_DESCRIBE_STRUCT(NewCustomer, (), (name))

struct CustomField {
    std::string name;
    std::string value;
};
BOOST_DESCRIBE_STRUCT(CustomField, (), (name, value))

struct CustomerDetails {
    static constexpr std::string_view about = "What people have written down about a customer. rank: A (matters most), "
                                              "B, C, D, or \"\" for none. version: to be sent with an edit.";
    std::string id;
    std::string name;
    std::string rank;
    std::string phone;
    std::string address;
    std::string postal_code;
    std::string fax;
    std::vector<std::string> domains;
    std::string website;
    std::string business_id;
    std::string notes;
    std::vector<CustomField> custom_fields;
    UnixMs created_ms{};
    UnixMs modified_ms{};
    std::int64_t version{};
};
BOOST_DESCRIBE_STRUCT(CustomerDetails, (),
                      (id, name, rank, phone, address, postal_code, fax, domains, website, business_id, notes,
                       custom_fields, created_ms, modified_ms, version))

struct CustomerEdit {
    std::string name;
    std::string rank;
    std::string phone;
    std::string address;
    std::string postal_code;
    std::string fax;
    std::vector<std::string> domains;
    std::string website;
    std::string business_id;
    std::string notes;
    std::vector<CustomField> custom_fields;
    std::int64_t version{};
};
BOOST_DESCRIBE_STRUCT(CustomerEdit, (),
                      (name, rank, phone, address, postal_code, fax, domains, website, business_id, notes,
                       custom_fields, version))

struct PinnedFields {
    static constexpr std::string_view about =
        "The fields that stand above every customer's page, in their order: 3 to 6 of rank, phone, address, "
        "postal_code, "
        "fax, domains, website, business_id, created, modified, devices, online, alerts, patches, or custom:NAME. "
        "Where "
        "nobody has chosen any, the version is 0 and the page's own choice is given.";
    std::vector<std::string> fields;
    std::int64_t version{};
};
BOOST_DESCRIBE_STRUCT(PinnedFields, (), (fields, version))

struct FolderRow {
    std::string id;
    std::string customer_id;
    std::optional<std::string> parent_id; ///< null: it stands at the top.
    std::string name;
    std::string path;     ///< The name after those of the folders that it lies in: "Berlin / 2nd floor".
    std::int64_t depth{}; ///< 1 at the top.
    std::int64_t devices{};
    std::int64_t devices_below{}; ///< With those of the folders in it.
    std::int64_t version{};
};
BOOST_DESCRIBE_STRUCT(FolderRow, (), (id, customer_id, parent_id, name, path, depth, devices, devices_below, version))

struct FolderList {
    std::vector<FolderRow> items;  ///< Each before what lies in it.
    std::int64_t without_folder{}; ///< Devices that lie in none.
};
BOOST_DESCRIBE_STRUCT(FolderList, (), (items, without_folder))

struct FolderName {
    static constexpr std::string_view about =
        "A folder and where it is, for those who choose among folders of all customers.";
    std::string id;
    std::string customer_id;
    std::string customer_name;
    std::string path; ///< As of FolderRow.
};
BOOST_DESCRIBE_STRUCT(FolderName, (), (id, customer_id, customer_name, path))

struct FolderNames {
    std::vector<FolderName> items; ///< By customer, then by path; the first of them.
    std::int64_t total{};
};
BOOST_DESCRIBE_STRUCT(FolderNames, (), (items, total))

struct NewFolder {
    std::string name;
    std::optional<std::string> parent_id;
};
BOOST_DESCRIBE_STRUCT(NewFolder, (), (name, parent_id))

struct FolderEdit {
    std::string name;
    std::optional<std::string> parent_id;
    std::int64_t version{};
};
BOOST_DESCRIBE_STRUCT(FolderEdit, (), (name, parent_id, version))

struct DeviceEdit {
    std::string assigned_name; ///< "" = none.
    std::optional<std::string> folder_id;
    bool monitored = true;
    std::int64_t version{};
};
BOOST_DESCRIBE_STRUCT(DeviceEdit, (), (assigned_name, folder_id, monitored, version))

struct DeviceIds {
    std::vector<std::string> ids; ///< At most 1,000.
};
BOOST_DESCRIBE_STRUCT(DeviceIds, (), (ids))

struct DeviceMove {
    std::vector<std::string> ids;
    std::string customer_id;
    std::optional<std::string> folder_id;
};
BOOST_DESCRIBE_STRUCT(DeviceMove, (), (ids, customer_id, folder_id))

struct DeviceMonitoring {
    std::vector<std::string> ids;
    bool monitored = true;
};
BOOST_DESCRIBE_STRUCT(DeviceMonitoring, (), (ids, monitored))

/// Of one device among several.
struct BulkResult {
    std::string id;
    bool done{};
    std::string reason; ///< Why it was not done.
};
BOOST_DESCRIBE_STRUCT(BulkResult, (), (id, done, reason))

struct BulkAnswer {
    std::vector<BulkResult> items; ///< In the order of the request.
    std::int64_t done{};
};
BOOST_DESCRIBE_STRUCT(BulkAnswer, (), (items, done))

struct DevicePurge {
    std::vector<std::string> ids;
    bool dry_run = true; ///< Only says what would be lost.
};
BOOST_DESCRIBE_STRUCT(DevicePurge, (), (ids, dry_run))

struct PurgeResult {
    static constexpr std::string_view about =
        "What is lost for ever with a device: rows of its tables (of now and of the past), events, alerts, notes of "
        "gaps, curves, and since when the oldest of it is. Only retired devices are purged; the rows go in small "
        "steps.";
    std::string id;
    std::string name;
    bool done{};
    std::string reason; ///< Why it was not, or cannot be, done.
    std::int64_t states{};
    std::int64_t events{};
    std::int64_t alerts{};
    std::int64_t gaps{};
    std::int64_t curves{};
    std::optional<UnixMs> since_ms;
};
BOOST_DESCRIBE_STRUCT(PurgeResult, (), (id, name, done, reason, states, events, alerts, gaps, curves, since_ms))

struct PurgeAnswer {
    bool dry_run{};
    std::vector<PurgeResult> items;
};
BOOST_DESCRIBE_STRUCT(PurgeAnswer, (), (dry_run, items))

/// Somebody of a customer.
struct ContactRow {
    std::string id;
    std::string customer_id;
    std::string name;
    std::string job_title;
    std::string email;
    std::string phone;
    std::string mobile;
    std::optional<std::string> device_id; ///< That this person works on.
    std::string device_name;
    std::string status; ///< active or deactivated.
    UnixMs created_ms{};
    UnixMs modified_ms{};
    std::int64_t version{};
};
BOOST_DESCRIBE_STRUCT(ContactRow, (),
                      (id, customer_id, name, job_title, email, phone, mobile, device_id, device_name, status,
                       created_ms, modified_ms, version))

struct ContactList {
    std::vector<ContactRow> items;
    std::int64_t total{}; ///< That match, not that are shown.
};
BOOST_DESCRIBE_STRUCT(ContactList, (), (items, total))

struct NewContact {
    std::string name;
    std::string job_title;
    std::string email;
    std::string phone;
    std::string mobile;
    std::optional<std::string> device_id;
    std::string status;
};
BOOST_DESCRIBE_STRUCT(NewContact, (), (name, job_title, email, phone, mobile, device_id, status))

struct ContactEdit {
    std::string name;
    std::string job_title;
    std::string email;
    std::string phone;
    std::string mobile;
    std::optional<std::string> device_id;
    std::string status;
    std::int64_t version{};
};
BOOST_DESCRIBE_STRUCT(ContactEdit, (), (name, job_title, email, phone, mobile, device_id, status, version))

struct ContactImport {
    static constexpr std::string_view about = "Contacts as CSV (RFC 4180; commas, semicolons or tabs; UTF-8). The "
                                              "first line names the columns: name (needed), "
                                              "job_title, email, phone, mobile, device (its name) and status (active "
                                              "or deactivated). dry_run: only says what "
                                              "would happen.";
    std::string csv;
    bool dry_run = true;
};
BOOST_DESCRIBE_STRUCT(ContactImport, (), (csv, dry_run))

struct ImportedLine {
    std::int64_t line{}; ///< Of the file, from 1, where the record begins.
    std::string name;
    bool added{};
    std::string reason; ///< Why it was not.
};
BOOST_DESCRIBE_STRUCT(ImportedLine, (), (line, name, added, reason))

struct ContactImported {
    bool dry_run{};
    std::int64_t added{};
    std::vector<ImportedLine> lines;
};
BOOST_DESCRIBE_STRUCT(ContactImported, (), (dry_run, added, lines))

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

struct AlertEvidence {
    static constexpr std::string_view about =
        "What an alert rests on. comparison: above, below, or \"\" where its value has no level; raise and clear are "
        "null there, and where the rule has changed since. series: the value's curve around the crossing, null where "
        "the value is no series. alike counts the other devices that have the same alert now; some of them are named.";
    std::string alert_id;
    std::string explanation; ///< The rule as it was when the alert was raised.
    std::string probe;       ///< "" = presence, or the rule is not there any more.
    std::string column;
    std::string comparison;
    std::optional<double> raise;
    std::optional<double> clear;
    std::int64_t hold_s{};
    std::optional<SeriesAnswer> series;
    std::int64_t alike{};
    std::vector<AlertRow> others; ///< Those of its customer first, then the newest.
};
BOOST_DESCRIBE_STRUCT(AlertEvidence, (),
                      (alert_id, explanation, probe, column, comparison, raise, clear, hold_s, series, alike, others))

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

struct StateChange {
    static constexpr std::string_view about =
        "A row of a state probe that appeared, changed or vanished. Of one that changed, only the columns that differ "
        "and are news: not those that change by themselves all the time (since_ms of a service), nor one that became "
        "unknown or known. What the first reading of a probe found is left out. before is empty where it is too old to "
        "be kept.";
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
    static constexpr std::string_view about =
        "What happened to an alert of the device. what: opened, resolved, snoozed, woken, reopened, assigned, ticket "
        "or "
        "note; by: the technician who did it, empty where it happened by itself. value: what was seen when it opened "
        "or "
        "resolved; text: the note, the ticket, to whom it was assigned; until_ms: of a snooze, null: until it changes.";
    std::string id;
    std::string what;
    std::string title;
    std::string severity;
    std::string category;
    std::string item;
    std::string subject;
    std::string value;
    std::string by;
    std::string text;
    std::optional<UnixMs> until_ms;
};
BOOST_DESCRIBE_STRUCT(AlertNote, (), (id, what, title, severity, category, item, subject, value, by, text, until_ms))

struct ActionNote {
    static constexpr std::string_view about =
        "What a person did to the device. what: renamed, moved (between folders), customer_changed, monitored, "
        "unmonitored, retired or taken_back. was, became: the names of the device, of the folders or of the customers; "
        "empty where there is none, or where who asks may not see that customer or folder.";
    std::string what;
    std::string by; ///< The technician.
    std::string was;
    std::string became;
};
BOOST_DESCRIBE_STRUCT(ActionNote, (), (what, by, was, became))

/// One thing in a device's past: what `kind` names is set, the others are null.
struct TimelineEntry {
    UnixMs at_ms{};
    std::string kind; ///< state, event, gap, alert or action.
    std::optional<StateChange> state;
    std::optional<EventRow> event;
    std::optional<GapNote> gap;
    std::optional<AlertNote> alert;
    std::optional<ActionNote> action;
};
BOOST_DESCRIBE_STRUCT(TimelineEntry, (), (at_ms, kind, state, event, gap, alert, action))

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
    std::string comparison;      ///< above, below, is_true, is_one_of or offline.
    std::optional<double> raise; ///< The levels of above and below.
    std::optional<double> clear;
    std::int64_t hold_s{};
};
BOOST_DESCRIBE_STRUCT(ThresholdItem, (),
                      (id, title, probe, column, severity, category, explanation, comparison, raise, clear, hold_s))

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
    bool in_history{}; ///< A device's timeline tells of its rows.
    std::string appeared_label;
    std::string vanished_label;
};
BOOST_DESCRIBE_STRUCT(ProbeInfo, (),
                      (name, label, kind, key_label, every_s, meaning, columns, in_history, appeared_label,
                       vanished_label))

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

/// A column that a filter can name.
struct FilterColumn {
    std::string name; ///< As it is written: "name", "volumes.free_percent".
    std::string label;
    std::string group; ///< Label of the probe; "" = a column of the list itself.
    bool many_rows{};  ///< A device has several rows of it; a condition holds if it holds for any of them.
    std::string type;  ///< text, word, version, number, boolean or time.
    std::string unit;
    std::string meaning;
    std::vector<std::string> operators; ///< As they are written; "is unknown" and "is not unknown" fit all.
    std::vector<std::string> words;     ///< Of a word: all there are.
    std::vector<std::string> units;     ///< That may stand behind its numbers.
};
BOOST_DESCRIBE_STRUCT(FilterColumn, (), (name, label, group, many_rows, type, unit, meaning, operators, words, units))

struct FilterColumns {
    std::vector<FilterColumn> items;
};
BOOST_DESCRIBE_STRUCT(FilterColumns, (), (items))

struct FilterText {
    std::string of; ///< devices or alerts.
    std::string filter;
};
BOOST_DESCRIBE_STRUCT(FilterText, (), (of, filter))

struct FilterCondition {
    std::string column;
    std::string op;    ///< "starts with", "is unknown".
    std::string value; ///< As it is written, with quotes where it needs them; of `in` those between the brackets.
};
BOOST_DESCRIBE_STRUCT(FilterCondition, (), (column, op, value))

struct FilterOutline {
    static constexpr std::string_view about =
        "The conditions of a filter that is nothing but conditions with the same word (join: and, or) between them.";
    std::string join;
    std::vector<FilterCondition> conditions;
};
BOOST_DESCRIBE_STRUCT(FilterOutline, (), (join, conditions))

struct FilterFault {
    static constexpr std::string_view about =
        "What is wrong with a filter: position and length in characters (Unicode code points), from 0; nearest: names "
        "that look like what was written.";
    std::int64_t position{};
    std::int64_t length{};
    std::string message;
    std::string remedy;
    std::vector<std::string> nearest;
};
BOOST_DESCRIBE_STRUCT(FilterFault, (), (position, length, message, remedy, nearest))

struct FilterCheck {
    static constexpr std::string_view about =
        "fault: null where the filter is right; then canonical is the one way to write it, reads_probes says whether "
        "more than columns of the list have to be read, and outline (null where it is no mere list of conditions) what "
        "it consists of.";
    std::string canonical;
    bool reads_probes{};
    std::optional<FilterOutline> outline;
    std::optional<FilterFault> fault;
};
BOOST_DESCRIBE_STRUCT(FilterCheck, (), (canonical, reads_probes, outline, fault))

/// A column of a view, in its place.
struct ViewColumn {
    std::string id;
    std::optional<std::int64_t> width_px; ///< null: as it comes.
};
BOOST_DESCRIBE_STRUCT(ViewColumn, (), (id, width_px))

struct ViewWish {
    static constexpr std::string_view about =
        "What a view is to be. choices: what else is chosen above the list, as the page's address has it "
        "(type=PC,Server); version: the one that is changed, 0 for a new view.";
    std::string list; ///< devices or alerts.
    std::string name;
    bool shared{};
    std::string filter;
    std::string choices;
    std::string sort;
    std::vector<ViewColumn> columns; ///< Those that are shown; none: as they come.
    std::string density;             ///< detailed or compact.
    std::int64_t version{};
};
BOOST_DESCRIBE_STRUCT(ViewWish, (), (list, name, shared, filter, choices, sort, columns, density, version))

struct SavedView {
    static constexpr std::string_view about =
        "A list as somebody wants to see it again. mine: the asker's own, which nobody else changes; problems: what of "
        "it there is no more (a column that is gone), in words.";
    std::string id;
    std::string list;
    std::string name;
    std::string owner;
    bool mine{};
    bool shared{};
    std::string filter;
    std::string choices;
    std::string sort;
    std::vector<ViewColumn> columns;
    std::string density;
    std::int64_t version{};
    UnixMs changed_ms{};
    std::vector<std::string> problems;
};
BOOST_DESCRIBE_STRUCT(SavedView, (),
                      (id, list, name, owner, mine, shared, filter, choices, sort, columns, density, version,
                       changed_ms, problems))

struct SavedViews {
    std::vector<SavedView> items;
};
BOOST_DESCRIBE_STRUCT(SavedViews, (), (items))

struct Problem {
    static constexpr std::string_view about =
        "RFC 9457. field and remedy are ours: which input is wrong and what to do. current: what is there now, where "
        "somebody has changed it meanwhile (409); null elsewhere.";
    std::string type; ///< "urn:rollcall:problem:bad-input".
    std::string title;
    std::int64_t status{};
    std::string detail;
    std::string field;
    std::string remedy;
    std::string request_id;
    std::optional<boost::json::object> current;
};
BOOST_DESCRIBE_STRUCT(Problem, (), (type, title, status, detail, field, remedy, request_id, current))

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
