#pragma once

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// Keeps this program's heap small rather than fast, for one that runs beside others and does little: all threads
/// share it, and what was freed goes back to the system soon. To be called first of all, before there are threads.
/// errc::not_supported where the system's allocator cannot be told; nothing is lost by that but memory.
Result<> keep_heap_small();

} // namespace rollcall::platform
