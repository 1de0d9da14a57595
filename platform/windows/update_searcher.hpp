#pragma once

#include <chrono>
#include <memory>

#include <windows.h>

#include "platform/patches.hpp"

namespace rollcall::platform
{

/// `session`: the class that gives an IUpdateSession; a test registers one of its own. A search that takes longer than
/// `limit` is asked to stop and is timed_out.
[[nodiscard]] std::unique_ptr<Patches> make_update_patches(CLSID const& session, std::chrono::milliseconds limit);

} // namespace rollcall::platform
