#pragma once

#include <string_view>

namespace rollcall
{

/// Of the program that runs: MAJOR.MINOR.PATCH.
[[nodiscard]] std::string_view version() noexcept;

} // namespace rollcall
