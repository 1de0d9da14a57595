#pragma once

#include <string>

#include "platform/hand_over.hpp"

/// What Linux and macOS have in common of programs that replace one another.
namespace rollcall::platform
{

/// execve(2). The limit is alarm(2), which goes on counting in the other program.
[[nodiscard]] Error become(Successor const& successor);

/// fsync(2) of the file, mode 0700, rename(2), fsync(2) of the folder.
[[nodiscard]] Result<> keep_file(std::string const& part, std::string const& program);

} // namespace rollcall::platform
