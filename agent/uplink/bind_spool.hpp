#pragma once

#include <string>
#include <string_view>

#include "agent/spool/spool.hpp"
#include "common/core/result.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::uplink
{

/// What the spool remembers about whose it is.
inline constexpr std::string_view spool_device = "device_id";
inline constexpr std::string_view spool_hardware = "hardware";
/// The device of whose disk it is a copy, where that was noticed: all that the spool holds was read on this machine
/// since.
inline constexpr std::string_view own_since_copy = "own_since_copy";

/// At a start: what one device saw, or one machine, is never told in the name of another. A spool that was filled for
/// another device, or on other hardware (a copied disk), starts over.
///
/// Threads: the spool's.  Blocks: on the disk.
Result<> bind_spool(spool::Spool& spool, std::string const& device_id, wire::Hardware const& hardware);

} // namespace rollcall::uplink
