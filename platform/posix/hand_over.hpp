#pragma once

#include <string>

#include "platform/hand_over.hpp"

/// Programs that replace one another where a process can become another program (execve): all of platform/hand_over.hpp
/// but what names the system and knows its mounts.
namespace rollcall::platform::posix
{

/// The refusal of check_may_run().
[[nodiscard]] Error no_programs_here(std::string const& folder);

} // namespace rollcall::platform::posix
