#pragma once

#include <vector>

#include "platform/software.hpp"

namespace rollcall::platform
{

/// The software of a Mac, all from files: applications by their Info.plist, receipts of packages, Homebrew's cellar.
/// Needs POSIX, but not macOS: tests read a tree of their own. Each name once; a bundle or receipt that makes no sense
/// is left out, a list without any application is an error.
///
/// Threads: any.  Blocks: for some thousand small file reads.
[[nodiscard]] Result<std::vector<Package>> read_mac_software(Root const& root);

} // namespace rollcall::platform
