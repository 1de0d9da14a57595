#pragma once

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// From now on libraries that are loaded by their name alone come from the system's folder, whoever loads them: not
/// from the folder we stand in, nor from others that somebody may write to. To be called first of all.
/// errc::not_supported where the system's loader does not look in such places anyhow.
Result<> load_from_system_only();

} // namespace rollcall::platform
