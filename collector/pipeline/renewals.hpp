#pragma once

#include <memory>
#include <variant>

#include "collector/gateway/ports.hpp"
#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/identity.hpp"
#include "collector/pipeline/signing.hpp"
#include "collector/pipeline/works.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::pipeline
{

/// New certificates for devices that show an old one.
///
/// Owns: nothing.  Threads: any.  Blocks: no: the socket is answered after the commit.
class Renewals
{
public:
    Renewals(Works& works, Identity& identity, Sign const& sign);

    void renew(gateway::AgentPeer const& peer, wire::Renew asked, std::shared_ptr<gateway::AgentSocket> socket);

private:
    using Answer = std::variant<wire::Refused, wire::Renewed>;
    Result<> decide(sqlite::Database& db, gateway::AgentPeer const& peer, wire::Renew const& asked,
                    Answer& answer) const;

    Works& works_;
    Identity& identity_;
    Sign const& sign_;
};

} // namespace rollcall::pipeline
