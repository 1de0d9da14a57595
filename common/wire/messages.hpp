#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/describe.hpp>

#include "common/core/value.hpp"

/// Every message either side may send. One JSON object per WebSocket text message, with its kind in `type`; Readings
/// alone are an array.
/// Unknown fields are skipped, missing ones are an error that names the path (`state.taken_ms`), but for those that a
/// message lists as `optional`: they came later than the first agents.
namespace rollcall::wire
{

inline constexpr std::string_view subprotocol = "rollcall.v1";
inline constexpr std::string_view alpn_agent = "rollcall-agent/1";
/// HTTP with the collector's own certificate, whatever browsers are shown: for enrolment, which pins the CA.
inline constexpr std::string_view alpn_enrolment = "rollcall-enrol/1";
inline constexpr std::int64_t protocol = 1;

/// The lanes are numbered apart, so that a backlog of series never blocks a receipt.
enum class Lane { event, state, series };
[[nodiscard]] std::string_view to_string(Lane lane);

/// What of a lane the spool holds: `first` is the oldest sequence not yet acknowledged, `next` the one the next
/// record will get. first == next: nothing waits. Sequences start at 1.
struct LaneRange {
    std::uint64_t first{};
    std::uint64_t next{};
};
BOOST_DESCRIBE_STRUCT(LaneRange, (), (first, next))

/// The machine that an agent runs on, as digests: nothing of it is told in the clear.
struct Hardware {
    std::string id;                 ///< Of system and board (platform::Hardware::identity); "" = could not be read.
    std::vector<std::string> disks; ///< Of the built-in drives that hold the agent's state; none in a virtual machine.
};
BOOST_DESCRIBE_STRUCT(Hardware, (), (id, disks))

/// agent -> collector, first on every connection.
struct Hello {
    static constexpr std::string_view type = "hello";
    static constexpr std::array<std::string_view, 1> optional{"hardware"};
    std::int64_t protocol{};
    std::string agent_version;
    std::string device_id; ///< Must be the one of the client certificate.
    std::string boot_id;   ///< A new one at every boot; where no hardware is known, at every start of the agent.
    UnixMs sent_ms{};      ///< The agent's clock: its offset is measured from it.
    std::string epoch;     ///< Random id of the spool file.
    LaneRange event;
    LaneRange state;
    LaneRange series;
    std::map<std::string, std::string> digests; ///< Per state probe: digest of what the agent sees now.
    Hardware hardware;                          ///< Of the machine that says this: a copied disk says it elsewhere.
};
BOOST_DESCRIBE_STRUCT(Hello, (),
                      (protocol, agent_version, device_id, boot_id, sent_ms, epoch, event, state, series, digests,
                       hardware))

/// collector -> agent, the answer to Hello.
struct Welcome {
    static constexpr std::string_view type = "welcome";
    UnixMs server_ms{};
    std::uint64_t event{}; ///< High-water marks: everything up to here is stored.
    std::uint64_t state{};
    std::uint64_t series{};
    std::vector<std::string> need; ///< State probes whose digest differs: send them whole.
};
BOOST_DESCRIBE_STRUCT(Welcome, (), (server_ms, event, state, series, need))

/// agent -> collector: what one state probe sees. Only the latest of a probe waits in the spool, so sequences of
/// this lane have holes where a newer record took an older one's place.
struct State {
    static constexpr std::string_view type = "state";
    std::uint64_t sequence{};
    std::string probe;
    UnixMs taken_ms{};
    std::string base;         ///< Digest of the snapshot this is a change of; "" = whole.
    std::string digest;       ///< Digest of the snapshot after it.
    std::string unknown;      ///< Reason why the probe saw nothing at all; "" = it did. Rows then stay as they were.
    std::uint64_t cut_rows{}; ///< Rows beyond limits::snapshot_rows that were left out.
    Snapshot rows;            ///< New and changed rows, each whole.
    std::vector<std::string> removed; ///< Keys of rows that vanished.
};
BOOST_DESCRIBE_STRUCT(State, (), (sequence, probe, taken_ms, base, digest, unknown, cut_rows, rows, removed))

/// One line of a series: the subject's key and its values in the order of the probe's columns.
struct Sample {
    std::string key;
    std::vector<Value> values; ///< Numbers or Unknown; on the wire an array: ["sda", 1024.0, 0.0, "timed_out"].
};

/// One reading of one series probe: a record of the series lane, as the spool keeps it and the store takes it. On the
/// wire it is part of a Readings.
struct Series {
    static constexpr std::string_view type = "series";
    std::uint64_t sequence{};
    std::string probe;
    UnixMs taken_ms{};
    std::vector<Sample> samples;
};
BOOST_DESCRIBE_STRUCT(Series, (), (sequence, probe, taken_ms, samples))

/// One record of a Readings.
struct Reading {
    std::string probe;
    std::int64_t after_ms{}; ///< Since the `taken_ms` of the whole.
    std::vector<Sample> samples;
};

/// agent -> collector: readings that follow one another in the series lane, in one message, since a record in a
/// message of its own costs several times its values. They stand for a Series each (codec.hpp, unpack).
///
/// It is most of what travels, and the only message that is an array, without a `type`:
/// [first, taken_ms, [0, 1.8, 1.1], 12, [5, ["sda", 1.8, 1.1], …], …]. A reading begins with its probe (as its place in
/// a list of readings.cpp, or its name); where the only key is "", its values follow at once. A number between them is
/// the `after_ms` of those that follow.
struct Readings {
    std::uint64_t first{}; ///< Sequence of the first; each other has the next one.
    UnixMs taken_ms{};
    std::vector<Reading> readings;
};

/// agent -> collector: something happened.
struct Event {
    static constexpr std::string_view type = "event";
    std::uint64_t sequence{};
    std::string name; ///< A name from the catalogue's event types.
    UnixMs at_ms{};
    Row detail;
};
BOOST_DESCRIBE_STRUCT(Event, (), (sequence, name, at_ms, detail))

/// agent -> collector: records `first` to `last` of a lane are lost, since when that is known (`at_ms`), and why. It
/// travels on that lane in their place. How much a damaged spool held nobody knows: that gap is one number wide.
struct Gap {
    static constexpr std::string_view type = "gap";
    std::string lane;
    std::uint64_t first{};
    std::uint64_t last{};
    UnixMs at_ms{};
    std::string reason; ///< "spool_full", "spool_corrupt", "thinned", "too_old".
};
BOOST_DESCRIBE_STRUCT(Gap, (), (lane, first, last, at_ms, reason))

/// agent -> collector: these state probes were read again and nothing had changed. Not spooled.
struct Checked {
    static constexpr std::string_view type = "checked";
    std::map<std::string, UnixMs> probes;
};
BOOST_DESCRIBE_STRUCT(Checked, (), (probes))

/// agent -> collector: I end on purpose (service stopped, machine shuts down).
struct Goodbye {
    static constexpr std::string_view type = "goodbye";
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(Goodbye, (), (reason))

/// collector -> agent: everything of this lane up to `sequence` is stored durably; the spool may forget it.
struct Ack {
    static constexpr std::string_view type = "ack";
    std::string lane;
    std::uint64_t sequence{};
};
BOOST_DESCRIBE_STRUCT(Ack, (), (lane, sequence))

/// collector -> agent: a change did not fit what is stored; send these probes whole.
struct Resync {
    static constexpr std::string_view type = "resync";
    std::vector<std::string> probes;
};
BOOST_DESCRIBE_STRUCT(Resync, (), (probes))

/// Refused::reason where the collector's disk is full or failing: the agent comes back as after a lost connection.
inline constexpr std::string_view refused_storage = "storage";

/// collector -> agent, before it closes: why, and what a person can do about it.
struct Refused {
    static constexpr std::string_view type = "refused";
    /// "revoked", "unknown_device", "certificate_expired", "copied", "protocol", "message", "storage", …
    std::string reason;
    std::string remedy;
};
BOOST_DESCRIBE_STRUCT(Refused, (), (reason, remedy))

/// agent -> collector, instead of Hello and as the only message of its connection: a certificate for a new key, please.
/// Whoever shows the device's certificate may ask, also for a while after that one ran out.
struct Renew {
    static constexpr std::string_view type = "renew";
    std::string request_pem; ///< PKCS #10 (RFC 2986) for the new P-256 key.
};
BOOST_DESCRIBE_STRUCT(Renew, (), (request_pem))

/// collector -> agent, the answer to Renew. The old certificate is valid until the new one was shown once.
struct Renewed {
    static constexpr std::string_view type = "renewed";
    std::string certificate_pem;
    std::string ca_pem;
};
BOOST_DESCRIBE_STRUCT(Renewed, (), (certificate_pem, ca_pem))

/// agent -> collector, instead of Hello and as the only message of its connection: this machine runs from a copy of the
/// device's disk, and wants to be a device of its own. Whoever may renew the device's certificate may ask.
struct Separate {
    static constexpr std::string_view type = "separate";
    std::string request_pem; ///< As in Renew.
    std::string host_name;
    std::string boot_id; ///< As in Hello.
    std::string agent_version;
    Hardware hardware;
};
BOOST_DESCRIBE_STRUCT(Separate, (), (request_pem, host_name, boot_id, agent_version, hardware))

/// collector -> agent, the answer to Separate. The device it was copied from stays what it is.
struct Separated {
    static constexpr std::string_view type = "separated";
    std::string device_id;
    std::string certificate_pem;
    std::string ca_pem;
};
BOOST_DESCRIBE_STRUCT(Separated, (), (device_id, certificate_pem, ca_pem))

/// collector -> agent: there is a program for you. An agent of before this message skips it.
struct Update {
    static constexpr std::string_view type = "update";
    std::string manifest;    ///< Exactly the bytes that were signed (common/release).
    std::string signature;   ///< As in manifest.sig.
    std::int64_t spread_s{}; ///< The agent begins at a random moment within this time.
    bool again{};            ///< A technician asked for it although it failed on this very device.
};
BOOST_DESCRIBE_STRUCT(Update, (), (manifest, signature, spread_s, again))

using FromAgent = std::variant<Hello, State, Series, Readings, Event, Gap, Checked, Goodbye, Renew, Separate>;
using FromCollector = std::variant<Welcome, Ack, Resync, Refused, Renewed, Separated, Update>;

/// POST /enrol, without a client certificate.
struct EnrolRequest {
    static constexpr std::string_view type = "enrol";
    std::string token;       ///< The secret part.
    std::string request_pem; ///< PKCS #10 (RFC 2986): the device's own P-256 key asks for a certificate.
    std::string host_name;
    std::string hardware_id; ///< Digest of what identifies the hardware; "" = none could be read.
    std::string agent_version;
};
BOOST_DESCRIBE_STRUCT(EnrolRequest, (), (token, request_pem, host_name, hardware_id, agent_version))

struct EnrolAnswer {
    static constexpr std::string_view type = "enrolled";
    std::string device_id;
    std::string certificate_pem;
    std::string ca_pem;
};
BOOST_DESCRIBE_STRUCT(EnrolAnswer, (), (device_id, certificate_pem, ca_pem))

/// What an enrolment token says to the agent. A person sees it as one word: "rc1." + base64url of its JSON.
struct TokenContent {
    static constexpr std::string_view type = "token";
    std::string address;   ///< "host:port" of the collector.
    std::string ca_sha256; ///< Fingerprint of the CA's certificate (DER), so that the first connection is safe.
    std::string secret;
};
BOOST_DESCRIBE_STRUCT(TokenContent, (), (address, ca_sha256, secret))

} // namespace rollcall::wire
