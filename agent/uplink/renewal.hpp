#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "agent/spool/spool_thread.hpp"
#include "agent/uplink/channel.hpp"
#include "agent/uplink/identity.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::uplink
{

/// When to renew a certificate: after two thirds of its life, and up to a twelfth of it later, so that devices that
/// were enrolled on one day do not come on one day. For one and the same certificate it is always the same moment.
/// errc::bad_input where it does not parse. Pure.
[[nodiscard]] Result<UnixMs> renewal_due(std::string const& certificate_pem);

/// What a renewal works with; all of it must live until it ends.
struct Renewal {
    net::Address const& address;
    std::optional<Proxy> const& proxy;
    Segments segments{};
    spool::SpoolThread& spool; ///< Its thread may wait for the disk.
    Identity const& old;
    std::filesystem::path const& folder; ///< Where `old` is kept.
    /// Set: this machine runs from a copy of the disk of `old`, and wants to be a device of its own. Without a request.
    std::optional<wire::Separate> separate{};
};

/// Makes a new key, has it certified over `channel`, which `old` opens, and leaves the new identity in the folder.
/// Until it is there whole, the old one is; both are good until the new one is used. Closing the channel cuts it off.
/// errc::refused with what the collector said; errc::conflict where the machine was enrolled again meanwhile.
/// Of a copy the spool forgets what is not this machine's own.
///
/// Threads: the executor's of the channel.  Blocks: no.
boost::asio::awaitable<Result<Identity>> renew_identity(Channel& channel, Renewal renewal);

} // namespace rollcall::uplink
