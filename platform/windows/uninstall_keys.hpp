#pragma once

#include <string>
#include <vector>

#include <windows.h>

#include "common/core/result.hpp"
#include "platform/windows/uninstall_entries.hpp"

namespace rollcall::platform
{

/// What the Uninstall keys say. A test plants them elsewhere.
struct UninstallPlaces {
    HKEY machine{HKEY_LOCAL_MACHINE};
    HKEY users{HKEY_USERS};
    std::string prefix; ///< Before each path below `machine`, with its "\" at the end.
};

/// Both branches of the machine, and that of each user whose hive is loaded.
[[nodiscard]] Result<std::vector<UninstallEntry>> read_uninstall_keys(UninstallPlaces const& places);

} // namespace rollcall::platform
