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
/// The same for what a renewal made of `old`: errc::conflict where the file holds another one by now (somebody enrolled
/// the machine again), which is then left alone.
Result<> replace_identity(std::filesystem::path const& folder, Identity const& old, Identity const& fresh);

/// Do key, certificate and CA belong together, and is the certificate this device's? What does not fit would only be
/// noticed at the first connection.
[[nodiscard]] Result<> check_identity(Identity const& identity);

} // namespace rollcall::uplink
