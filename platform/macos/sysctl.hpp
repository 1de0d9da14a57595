#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/fact.hpp"

/// sysctl(3). Included by *_macos.cpp and their helpers only.
namespace rollcall::platform
{

[[nodiscard]] Fact<std::string> sysctl_text(char const* name);
/// Of four or eight bytes.
[[nodiscard]] Fact<std::int64_t> sysctl_number(char const* name);
/// A whole table, which may grow while it is read.
[[nodiscard]] Result<std::vector<char>> sysctl_table(std::vector<int> name, char const* step);

} // namespace rollcall::platform
