#include "collector/pipeline/separations.hpp"

#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "collector/pipeline/limits.hpp"
#include "collector/pipeline/session.hpp"
#include "collector/store/store.hpp"
#include "common/core/ids.hpp"
#include "common/core/text.hpp"
#include "common/log/log.hpp"
#include "common/wire/hardware.hpp"

namespace rollcall::pipeline
{

/// A machine beside the device whose certificate it shows.
struct Separations::Copy {
    store::Device origin;               ///< Whose certificate it is.
    std::string first_id;               ///< The device that this one and all its copies came of.
    std::optional<store::Device> known; ///< What it became already, if it has.
};

Separations::Separations(Works& works, Identity& identity, Presence& presence, Roster& roster, Sign const& sign,
                         Clock const& clock)
    : works_(works)
    , identity_(identity)
    , presence_(presence)
    , roster_(roster)
    , sign_(sign)
    , clock_(clock)
{
}

void Separations::separate(gateway::AgentPeer const& peer, wire::Separate asked,
                           std::shared_ptr<gateway::AgentSocket> socket)
{
    auto const answer = std::make_shared<Answer>();
    auto const job = std::make_shared<Job>();
    job->body = [this, peer, asked = std::move(asked), answer](sqlite::Database& db, Effect& effect) {
        return decide(db, effect, peer, asked, *answer);
    };
    job->finish = [peer, answer, socket = std::move(socket)](Result<> const& result, Effect&) {
        if (!result) {
            log::error("device.not_separated", {{"copy_of", peer.device_id}, {"error", result.error()}});
            *answer =
                refuse_device(wire::refused_storage, "The collector cannot store data now. The agent tries again.");
        }
        if (auto const* const refused = std::get_if<wire::Refused>(answer.get())) return socket->refuse(*refused);
        socket->send(std::get<wire::Separated>(*answer));
    };
    works_.enqueue(job, {});
}

/// On the writer's thread, within the transaction.
Result<> Separations::decide(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer,
                             wire::Separate const& asked, Answer& answer)
{
    Copy copy;
    auto const refused = recognise(db, peer, asked, copy);
    if (!refused) return refused.error();
    if (*refused) {
        answer = **refused;
        return {};
    }
    auto const at_ms = clock_.now_ms();
    bool const again = copy.known.has_value();
    auto device = again ? *copy.known : copy.origin;
    if (!again) device.id = make_uuid(at_ms);
    auto certificate = sign_(asked.request_pem, device.id);
    if (!certificate) {
        answer = not_signed(certificate.error(), "separate.request_pem");
        return {};
    }
    device.agent_version = clean_text(asked.agent_version, word_bytes);
    device.enrolled_ms = at_ms;
    if (auto saved = save(db, asked, *certificate, copy, device); !saved) return saved;
    if (auto told = tell(db, effect, peer, copy, device); !told) return told;
    answer = wire::Separated{.device_id = device.id,
                             .certificate_pem = std::move(certificate->certificate_pem),
                             .ca_pem = std::move(certificate->ca_pem)};
    note(effect.change, device.id, device.location()).customers = true;
    effect.after.push_back(
        [this, device, again, origin_id = copy.origin.id, boot_id = asked.boot_id, remote = peer.remote] {
            log::warning("device.separated",
                         {{"device", device.id}, {"copy_of", origin_id}, {"again", again}, {"remote", remote}});
            roster_.install(device, again, remote);
            presence_.settle_twin(origin_id, boot_id, device.id);
        });
    return {};
}

/// May it speak with this certificate, is it a copy, and may it become a device? Fills in what it is.
Result<Objection> Separations::recognise(sqlite::Database& db, gateway::AgentPeer const& peer,
                                         wire::Separate const& asked, Copy& copy)
{
    auto const found = store::find_device(db, peer.device_id);
    if (!found) return found.error();
    if (auto refused = Identity::admit(peer, *found)) return refused;
    if (auto unfit = identity_.unfit(peer, asked.request_pem, "separate.request_pem")) return unfit;
    if (auto const wrong = wire::misfit(asked.hardware); !wrong.empty())
        return Objection(refuse_device("message", "separate." + wrong));
    copy.origin = **found;
    if (identity_.speaker(copy.origin, asked.hardware, asked.boot_id) != Speaker::copy)
        return Objection(refuse_device("not_copied", "This machine is the device itself."));
    copy.first_id = copy.origin.copied_from.empty() ? copy.origin.id : copy.origin.copied_from;
    auto known = find(db, copy, asked);
    if (!known) return known.error();
    copy.known = *std::move(known);
    return object(db, copy, asked);
}

/// The device that this copy has become already, if it has: asked again, it is the same one.
Result<std::optional<store::Device>> Separations::find(sqlite::Database& db, Copy const& copy,
                                                       wire::Separate const& asked) const
{
    auto const twin = presence_.twin(copy.origin.id, asked.boot_id);
    if (!twin) return store::find_copy(db, copy.first_id, asked.hardware.id);
    return store::find_device(db, *twin);
}

/// What keeps a machine that may ask from becoming a device.
Result<Objection> Separations::object(sqlite::Database& db, Copy const& copy, wire::Separate const& asked) const
{
    auto const revoked = [] {
        return Objection(refuse_device("revoked", "This device was revoked, or the one that its disk was copied from: "
                                                  "ask whoever is in charge; enrol with a token."));
    };
    if (copy.known && copy.known->revoked_ms) return revoked();
    // Somebody else's word must not throw out a device that is at work.
    if (copy.known && presence_.session_of(copy.known->id))
        return Objection(refuse_device("in_doubt", "The device that this machine is said to be is connected: the agent "
                                                   "tries again in some minutes."));
    if (copy.known) return Objection();
    auto const gone = store::is_copy_revoked(db, copy.first_id, asked.hardware.id);
    if (!gone) return gone.error();
    if (*gone) return revoked();
    auto const of_another = is_of_another(db, copy, asked);
    if (!of_another) return of_another.error();
    if (*of_another)
        return Objection(refuse_device(
            "known_hardware", "This machine was enrolled as another device, before its disk was overwritten with a "
                              "copy: run rollcall-agent enrol --replace with a new token, and it is that device "
                              "again."));
    return object_to_number(db, copy);
}

/// Whoever has one device's key must not become another one by naming its hardware.
Result<bool> Separations::is_of_another(sqlite::Database& db, Copy const& copy, wire::Separate const& asked)
{
    if (copy.origin.hardware_id == asked.hardware.id) return false;
    auto const other = store::find_device_by_hardware(db, copy.origin.customer_id, asked.hardware.id);
    if (!other) return other.error();
    return other->has_value();
}

Result<Objection> Separations::object_to_number(sqlite::Database& db, Copy const& copy) const
{
    auto const day_ago_ms = clock_.now_ms() - std::chrono::milliseconds(std::chrono::hours(24)).count();
    auto const copies = store::count_copies(db, copy.first_id, day_ago_ms);
    if (!copies) return copies.error();
    if (copies->not_revoked >= copies_in_all)
        return Objection(refuse_device(
            "too_many_copies", fmt::format("At most {} copies of a device become devices of their own: revoke those "
                                           "that are gone, or enrol with a token.",
                                           copies_in_all)));
    if (copies->since < copies_a_day) return Objection();
    return Objection(refuse_device(
        "too_many_copies", fmt::format("At most {} copies of a device become devices of their own in a day: try "
                                       "tomorrow, or enrol with a token.",
                                       copies_a_day)));
}

Result<> Separations::save(sqlite::Database& db, wire::Separate const& asked, SignedCertificate const& certificate,
                           Copy const& copy, store::Device& device)
{
    if (copy.known)
        return store::replace_certificate(db, device.id, certificate.fingerprint, certificate.issued_ms,
                                          device.token_id, device.agent_version, device.enrolled_ms);
    if (auto name = clean_text(asked.host_name, name_characters); !name.empty()) device.name = std::move(name);
    device.assigned_name.clear();
    device.remote.clear();
    device.hardware_id = asked.hardware.id;
    device.disk_ids = asked.hardware.disks;
    device.hardware_told = !asked.hardware.id.empty();
    device.has_look_alikes = copy.origin.has_look_alikes && asked.hardware.id == copy.origin.hardware_id;
    device.fingerprint = certificate.fingerprint;
    device.issued_ms = certificate.issued_ms;
    device.last_seen_ms.reset();
    device.copied_from = copy.first_id;
    return store::add_device(db, device);
}

/// Both tell of it among their events.
Result<> Separations::tell(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer, Copy const& copy,
                           store::Device const& device)
{
    auto const& origin = copy.origin;
    auto told = identity_.tell(db, effect, origin, copy.known ? "copied_again" : "disk_copied",
                               {{"device_id", device.id}, {"name", device.name}, {"remote", peer.remote}});
    if (!told) return told;
    return identity_.tell(db, effect, device, copy.known ? "copied_again" : "made_from_copy",
                          {{"device_id", origin.id}, {"name", origin.name}, {"remote", peer.remote}});
}

} // namespace rollcall::pipeline
