#include "collector/pipeline/identity.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "collector/pipeline/limits.hpp"
#include "collector/pipeline/session.hpp"
#include "collector/store/store.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"
#include "common/wire/hardware.hpp"
#include "common/wire/limits.hpp"

namespace rollcall::pipeline
{

namespace
{

/// Of the events that the collector itself tells of a device; no agent may call its own so.
constexpr std::string_view own_epoch;

} // namespace

Identity::Identity(Presence& presence, Clock const& clock)
    : presence_(presence)
    , clock_(clock)
{
}

Objection Identity::admit(gateway::AgentPeer const& peer, std::optional<store::Device> const& device)
{
    if (!device) return refuse_device("unknown_device", "Enrol this device again with a new token.");
    if (device->revoked_ms) return refuse_device("revoked", "Ask whoever is in charge; enrol again with a new token.");
    if (equal_constant_time(device->fingerprint, peer.fingerprint)) return std::nullopt;
    if (peer.issued_ms <= device->issued_ms)
        return refuse_device("unknown_device",
                             "This certificate was replaced by a later one of the device: enrol again.");
    return std::nullopt;
}

Result<> Identity::adopt_certificate(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer,
                                     store::Device const& device)
{
    if (equal_constant_time(device.fingerprint, peer.fingerprint)) return {};
    effect.after.push_back([id = device.id, remote = peer.remote, issued_ms = peer.issued_ms] {
        log::info("device.certificate_adopted", {{"device", id}, {"remote", remote}, {"issued_ms", issued_ms}});
    });
    return store::adopt_certificate(db, device.id, peer.fingerprint, peer.issued_ms);
}

Objection Identity::unfit(gateway::AgentPeer const& peer, std::string_view request_pem, std::string_view field) const
{
    if (clock_.now_ms() - peer.expires_ms > std::chrono::milliseconds(renewal_grace).count())
        return refuse_device("certificate_too_old",
                             fmt::format("A certificate may be renewed up to {} days after its end: enrol this device "
                                         "again with a new token.",
                                         renewal_grace.count() / 24));
    if (request_pem.size() > wire::limits::certificate_request_bytes)
        return refuse_device("message",
                             fmt::format("{}: at most {} bytes.", field, wire::limits::certificate_request_bytes));
    return std::nullopt;
}

Speaker Identity::speaker(store::Device const& device, wire::Hardware const& hardware, std::string_view boot_id)
{
    auto sameness = wire::compare({.id = device.hardware_id, .disks = device.disk_ids}, hardware);
    // An older agent's digest, or that of the machine where an image was built, says nothing against this one.
    if (sameness == wire::Sameness::other && !device.hardware_told) sameness = wire::Sameness::rebuilt;
    return presence_.speaker(device.id, sameness, boot_id);
}

Result<Objection> Identity::recognise(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer,
                                      store::Device const& device, wire::Hello const& hello)
{
    if (auto const wrong = wire::misfit(hello.hardware); !wrong.empty())
        return Objection(refuse_device("message", "hello." + wrong));
    auto const who = speaker(device, hello.hardware, hello.boot_id);
    if (who == Speaker::in_doubt)
        return Objection(refuse_device("in_doubt", "The device is connected from other hardware: the agent tries again "
                                                   "in some minutes."));
    auto const& shown = hello.hardware.id;
    bool const looks_alike = who != Speaker::copy && presence_.takes_turns(device.id, hello.boot_id, !shown.empty());
    // One that shows nothing does not show what the device has told.
    if (looks_alike && (shown == device.hardware_id || !device.hardware_told))
        if (auto marked = store::set_look_alikes(db, device.id); !marked) return marked.error();
    if (who == Speaker::copy || looks_alike)
        return Objection(refuse_device(
            "copied", "This machine runs from a copy of another one's disk. The agent asks for an identity of its own. "
                      "If this stays: run rollcall-agent enrol --replace with a new token."));
    auto adopted = adopt_hardware(db, effect, peer, device, hello.hardware, who == Speaker::rebuilt);
    if (!adopted) return adopted.error();
    return Objection();
}

/// What the device says of its hardware counts from now on.
Result<> Identity::adopt_hardware(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer,
                                  store::Device const& device, wire::Hardware const& seen, bool rebuilt)
{
    bool const other_board = !seen.id.empty() && seen.id != device.hardware_id;
    std::optional<store::Device> owner;
    if (other_board) {
        auto found = store::find_device_by_hardware(db, device.customer_id, seen.id);
        if (!found) return found.error();
        owner = *std::move(found);
    }
    // A board by which another device is known stays that one's, or two would be found by it.
    if (owner)
        effect.after.push_back([id = device.id, other = owner->id, remote = peer.remote] {
            log::warning("device.board_of_another", {{"device", id}, {"other", other}, {"remote", remote}});
        });
    if (rebuilt && device.hardware_told && !owner) {
        if (auto told = tell(db, effect, device, "board_changed", {{"remote", peer.remote}}); !told) return told;
        effect.after.push_back([id = device.id, remote = peer.remote] {
            log::info("device.board_changed", {{"device", id}, {"remote", remote}});
        });
    }
    // Drives that do not answer for once are known still.
    auto const& disks = seen.disks.empty() ? device.disk_ids : seen.disks;
    bool const known = !other_board && disks == device.disk_ids && device.hardware_told;
    if (seen.id.empty() || known || (owner && !device.hardware_told)) return {};
    return store::set_hardware(db, device.id, owner ? device.hardware_id : seen.id, disks);
}

Result<> Identity::tell(sqlite::Database& db, Effect& effect, store::Device const& device, std::string name, Row detail)
{
    auto const mark = store::high_water(db, device.id, own_epoch, wire::Lane::event);
    if (!mark) return mark.error();
    wire::Event const event{
        .sequence = *mark + 1, .name = std::move(name), .at_ms = clock_.now_ms(), .detail = std::move(detail)};
    if (auto added = store::add_event(db, device.id, own_epoch, event); !added) return added;
    note(effect.change, device.id, device.location());
    return store::set_high_water(db, device.id, own_epoch, wire::Lane::event, event.sequence);
}

} // namespace rollcall::pipeline
