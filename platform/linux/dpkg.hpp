#pragma once

#include <string_view>
#include <vector>

#include "platform/software.hpp"

namespace rollcall::platform
{

/// The installed packages of dpkg's status file (deb822 paragraphs). Paragraphs that make no sense are skipped.
[[nodiscard]] std::vector<Package> parse_dpkg_status(std::string_view text);

} // namespace rollcall::platform
