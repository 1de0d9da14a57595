#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/patches.hpp"

/// What zypper prints with --xmlout.
namespace rollcall::platform
{

/// `list-updates`; sizes are not told, security is left not_yet_read. The architecture follows the name in `package`
/// only where two are listed.
[[nodiscard]] std::vector<Patch> parse_zypper_updates(std::string_view output);

/// Names of the patches that `list-patches --category security` says are needed.
[[nodiscard]] std::vector<std::string> parse_zypper_patches(std::string_view output);

/// The packages that patches replace, as `info --type patch` lists them: "bash.x86_64 < 5.1-2", with and without their
/// architecture.
[[nodiscard]] std::set<std::string, std::less<>> parse_zypper_conflicts(std::string_view output);

/// Some versions say so by their exit code, others by a warning alone.
[[nodiscard]] bool lacks_zypper_repositories(std::string_view output);

} // namespace rollcall::platform
