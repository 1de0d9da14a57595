#pragma once

#include <cstdint>

#include "common/core/clock.hpp"
#include "platform/fact.hpp"

namespace rollcall::platform
{

/// When a process was started. not_found: there is none of that number. Included by *_macos.cpp only.
[[nodiscard]] Result<UnixMs> process_start_ms(std::int64_t pid);

} // namespace rollcall::platform
