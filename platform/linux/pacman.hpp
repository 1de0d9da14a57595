#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "platform/patches.hpp"
#include "platform/software.hpp"

namespace rollcall::platform
{

/// `pacman --query --upgrades`: "bash 5.1-1 -> 5.2-1". What it holds back ("[ignored]") waits for nobody. Sizes and
/// security are not_supported: it does not tell.
[[nodiscard]] std::vector<Patch> parse_pacman_upgrades(std::string_view output);

/// A file /var/lib/pacman/local/*/desc: "%NAME%", its value on the lines after it, an empty line. Nothing where it
/// makes no sense.
[[nodiscard]] std::optional<Package> parse_pacman_desc(std::string_view text);

} // namespace rollcall::platform
