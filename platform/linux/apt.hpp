#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/patches.hpp"

namespace rollcall::platform
{

/// The "Inst" lines of `apt-get --simulate`; sizes are left `not_yet_read`. Other lines are skipped.
[[nodiscard]] std::vector<Patch> parse_apt_simulation(std::string_view output);

/// Bytes per "name version" of `apt-get --print-uris`, which lists what is not yet downloaded.
[[nodiscard]] std::map<std::string, std::int64_t, std::less<>> parse_apt_uris(std::string_view output);

/// Does the origin ("Debian-Security:12/stable-security", "Ubuntu:22.04/jammy-security, Ubuntu:22.04/jammy-updates")
/// name a security source?
[[nodiscard]] bool is_security_origin(std::string_view origin);

} // namespace rollcall::platform
