#pragma once

#include "platform/macos/software_update.hpp"
#include "platform/macos/tool.hpp"

namespace rollcall::platform
{

/// The settings of Software Update, with what its last scan found.
inline constexpr std::string_view software_update_settings = "/Library/Preferences/com.apple.SoftwareUpdate.plist";
/// Which system is installed.
inline constexpr std::string_view system_version_file = "/System/Library/CoreServices/SystemVersion.plist";

/// What the last scan found, without asking any server: `softwareupdate --list --no-scan`; where the tool fails, the
/// list in `settings`, which may be older. not_yet_read: no scan was ever made.
///
/// Threads: any.  Blocks: for as long as the tool takes, a minute at most.
[[nodiscard]] Result<std::vector<MacUpdate>> updates_of_last_scan(Result<plist::Value> const& settings,
                                                                  RunTool const& run);

} // namespace rollcall::platform
