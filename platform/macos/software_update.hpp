#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/macos/plist.hpp"
#include "platform/patches.hpp"
#include "platform/reboot.hpp"

/// What Apple's Software Update found when it last looked.
namespace rollcall::platform
{

/// An update that can be had.
struct MacUpdate {
    std::string label; ///< How the tool wants it named: "macOS Sonoma 14.3-23D56".
    std::string title;
    std::string version;
    Fact<std::int64_t> size_bytes;
    bool restarts{}; ///< It asks for a restart, or to be shut down, once it is installed.
};

/// `softwareupdate --list`, from macOS 10.15 on ("* Label: ...") and before ("   * NAME"). Empty only where the tool
/// said that there is nothing new. io: its scan failed; bad_message: neither, such as an answer in another language.
[[nodiscard]] Result<std::vector<MacUpdate>> parse_softwareupdate_list(std::string_view text);

/// RecommendedUpdates of com.apple.SoftwareUpdate.plist. not_yet_read: no scan was ever made.
[[nodiscard]] Result<std::vector<MacUpdate>> recommended_updates(plist::Value const& settings);

/// The list of patches; each name once. Those of the system itself are told with the version that runs.
[[nodiscard]] std::vector<Patch> mac_patches(std::vector<MacUpdate> const& updates, std::string_view system_version);

/// "FileVault is On, but needs to be restarted to finish.": the restart that fdesetup(8) waits for. A tool that fails
/// or says what we do not know leaves the signal unknown.
[[nodiscard]] RebootSignal disk_encryption_restart(Result<std::string> const& fdesetup_status);

/// The system that runs against the one that is installed, by their builds ("23D56"). `installed_ms`: when its file was
/// put there.
[[nodiscard]] RebootSignal system_build_older(Result<std::string> const& running_build,
                                              Result<std::string> const& installed_build,
                                              Fact<UnixMs> const& installed_ms);

/// Updates that were fetched and are put in place at the next log-out or restart: a file says so, which was changed at
/// that time; not_found where there is none.
[[nodiscard]] RebootSignal update_at_log_out(Result<UnixMs> const& file_changed_ms);

/// Never a reason by itself: updates that would restart the Mac, were they installed.
[[nodiscard]] RebootSignal updates_that_restart(Result<std::vector<MacUpdate>> const& updates);

} // namespace rollcall::platform
