#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "collector/gateway/ports.hpp"
#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/identity.hpp"
#include "collector/pipeline/presence.hpp"
#include "collector/pipeline/roster.hpp"
#include "collector/pipeline/signing.hpp"
#include "collector/pipeline/works.hpp"
#include "collector/store/records.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::pipeline
{

/// Machines that run from a copy of a device's disk become devices of their own.
///
/// Owns: nothing.  Threads: any.  Blocks: no: the socket is answered after the commit.
class Separations
{
public:
    Separations(Works& works, Identity& identity, Presence& presence, Roster& roster, Sign const& sign,
                Clock const& clock);

    void separate(gateway::AgentPeer const& peer, wire::Separate asked, std::shared_ptr<gateway::AgentSocket> socket);

private:
    using Answer = std::variant<wire::Refused, wire::Separated>;
    struct Copy;

    Result<> decide(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer, wire::Separate const& asked,
                    Answer& answer);
    Result<Objection> recognise(sqlite::Database& db, gateway::AgentPeer const& peer, wire::Separate const& asked,
                                Copy& copy);
    Result<std::optional<store::Device>> find(sqlite::Database& db, Copy const& copy,
                                              wire::Separate const& asked) const;
    Result<Objection> object(sqlite::Database& db, Copy const& copy, wire::Separate const& asked) const;
    static Result<bool> is_of_another(sqlite::Database& db, Copy const& copy, wire::Separate const& asked);
    Result<Objection> object_to_number(sqlite::Database& db, Copy const& copy) const;
    static Result<> save(sqlite::Database& db, wire::Separate const& asked, SignedCertificate const& certificate,
                         Copy const& copy, store::Device& device);
    Result<> tell(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer, Copy const& copy,
                  store::Device const& device);

    Works& works_;
    Identity& identity_;
    Presence& presence_;
    Roster& roster_;
    Sign const& sign_;
    Clock const& clock_;
};

} // namespace rollcall::pipeline
