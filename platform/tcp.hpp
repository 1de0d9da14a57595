#pragma once

#include <cstdint>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// A socket as the system has it; as wide as the widest (a SOCKET of Windows).
using NativeSocket = std::uintptr_t;

/// Keeps the segments of a TCP socket that is open and not yet connected to `bytes`, which the peer is told as it
/// connects, so that both sides keep to it (TCP_MAXSEG). not_supported: the system sends as it always does.
/// Threads: any.  Blocks: no.
[[nodiscard]] Result<> limit_segments(NativeSocket socket, int bytes);

} // namespace rollcall::platform
