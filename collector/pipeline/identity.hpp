#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collector/gateway/ports.hpp"
#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/presence.hpp"
#include "collector/store/records.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::pipeline
{

/// What is said to a machine that may not do what it wants; nothing: it may.
using Objection = std::optional<wire::Refused>;

/// Who may speak for a device: by its certificate, by the hardware that it shows, and by what else spoke for it.
///
/// Owns: nothing.  Threads: the writer's only, within the transaction.  Blocks: no, but for the store's answers.
class Identity
{
public:
    Identity(Presence& presence, Clock const& clock);

    /// May whoever shows this certificate speak for the device? Each certificate of our CA was made by an enrolment or
    /// a renewal, so one that was issued after the one we know is either a renewed one that is shown for the first
    /// time, or of a time that a restored store does not remember.
    static Objection admit(gateway::AgentPeer const& peer, std::optional<store::Device> const& device);
    /// Such a later certificate takes the place of the one we know. Only for a session that begins: a copy that is
    /// refused must not void the device's certificate by showing a later one.
    static Result<> adopt_certificate(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer,
                                      store::Device const& device);
    /// What keeps a device that may speak from being given a certificate. `field` is the request's.
    [[nodiscard]] Objection unfit(gateway::AgentPeer const& peer, std::string_view request_pem,
                                  std::string_view field) const;
    [[nodiscard]] Speaker speaker(store::Device const& device, wire::Hardware const& hardware,
                                  std::string_view boot_id);
    /// Is it the device's own machine that says hello? Its board and disks are the known ones then.
    Result<Objection> recognise(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer,
                                store::Device const& device, wire::Hello const& hello);

    /// Something the collector knows of a device, among the device's events.
    Result<> tell(sqlite::Database& db, Effect& effect, store::Device const& device, std::string name, Row detail);

private:
    Result<> adopt_hardware(sqlite::Database& db, Effect& effect, gateway::AgentPeer const& peer,
                            store::Device const& device, wire::Hardware const& seen, bool rebuilt);

    Presence& presence_;
    Clock const& clock_;
};

} // namespace rollcall::pipeline
