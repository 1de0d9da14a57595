#include "collector/pipeline/renewals.hpp"

#include <utility>

#include "collector/pipeline/session.hpp"
#include "collector/store/store.hpp"
#include "common/log/log.hpp"

namespace rollcall::pipeline
{

Renewals::Renewals(Works& works, Identity& identity, Sign const& sign)
    : works_(works)
    , identity_(identity)
    , sign_(sign)
{
}

void Renewals::renew(gateway::AgentPeer const& peer, wire::Renew asked, std::shared_ptr<gateway::AgentSocket> socket)
{
    auto const answer = std::make_shared<Answer>();
    auto const job = std::make_shared<Job>();
    job->body = [this, peer, asked = std::move(asked), answer](sqlite::Database& db, Effect&) {
        return decide(db, peer, asked, *answer);
    };
    job->finish = [peer, answer, socket = std::move(socket)](Result<> const& result, Effect&) {
        if (!result) {
            log::error("device.not_renewed", {{"device", peer.device_id}, {"error", result.error()}});
            *answer =
                refuse_device(wire::refused_storage, "The collector cannot store data now. The agent tries again.");
        }
        if (auto const* const refused = std::get_if<wire::Refused>(answer.get())) return socket->refuse(*refused);
        log::info("device.renewed", {{"device", peer.device_id}, {"remote", peer.remote}});
        socket->send(std::get<wire::Renewed>(*answer));
    };
    works_.enqueue(job, {});
}

/// On the writer's thread, within the transaction.
Result<> Renewals::decide(sqlite::Database& db, gateway::AgentPeer const& peer, wire::Renew const& asked,
                          Answer& answer) const
{
    auto const device = store::find_device(db, peer.device_id);
    if (!device) return device.error();
    auto refused = Identity::admit(peer, *device);
    if (!refused) refused = identity_.unfit(peer, asked.request_pem, "renew.request_pem");
    if (refused) {
        answer = *refused;
        return {};
    }
    auto certificate = sign_(asked.request_pem, peer.device_id);
    if (!certificate) {
        answer = not_signed(certificate.error(), "renew.request_pem");
        return {};
    }
    // Certificates count whole seconds. It is not dated forward, or whoever stole a key could make himself one that
    // outlives an enrolment.
    if (certificate->issued_ms <= peer.issued_ms) {
        answer = refuse_device("too_soon", "The certificate is as new as a new one: the agent tries again later.");
        return {};
    }
    answer = wire::Renewed{.certificate_pem = std::move(certificate->certificate_pem),
                           .ca_pem = std::move(certificate->ca_pem)};
    return {};
}

} // namespace rollcall::pipeline
