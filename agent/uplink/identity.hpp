#pragma once

#include <filesystem>
#include <string>

#include "common/core/result.hpp"
#include "common/net/tls.hpp"

namespace rollcall::uplink
{

/// Who this device is and whom it reports to: what enrolment leaves in the state folder, as one file (identity.json,
/// readable by its owner only), so that key, certificate and CA are replaced together or not at all.
struct Identity {
    std::string address; ///< "host:port" of the collector.
    std::string device_id;
    net::AgentIdentity tls;
};

[[nodiscard]] bool has_identity(std::filesystem::path const& folder);
/// errc::not_found where the device was never enrolled, with what to do.
[[nodiscard]] Result<Identity> load_identity(std::filesystem::path const& folder);
Result<> save_identity(std::filesystem::path const& folder, Identity const& identity);

} // namespace rollcall::uplink
