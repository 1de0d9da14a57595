#pragma once

#include <string_view>

#include "platform/hardware.hpp"

namespace rollcall::probe
{

/// "PC" or "Server". A portable chassis is a PC and a server chassis a Server, whatever runs on it. Everything else,
/// virtual machines included, is what its system is made for: with a desktop a PC, without one a Server.
/// Where it is not known whether there is a desktop, the chassis alone cannot tell: not_found.
[[nodiscard]] Result<std::string> device_type(platform::HardwareFacts const& hardware);

} // namespace rollcall::probe
