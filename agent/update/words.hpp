#pragma once

#include <string>

#include "agent/update/decide.hpp"

namespace rollcall::update
{

/// What an administrator of this machine is told: a few lines. Pure.
/// `installed`: of the package's program; `running`: as the running agent told last, "" = none did.
[[nodiscard]] std::string for_people(Memory const& memory, std::string const& installed, std::string const& running,
                                     bool takes_updates, bool paused);

} // namespace rollcall::update
