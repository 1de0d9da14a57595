#pragma once

#include <compare>
#include <string_view>

namespace rollcall
{

/// Compares runs of digits as numbers and the rest as text; '~' sorts before the end, as package managers have it.
[[nodiscard]] std::strong_ordering compare_versions(std::string_view a, std::string_view b);

} // namespace rollcall
