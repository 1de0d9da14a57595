#pragma once

#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// What of a program's file is asked for: its head, and in a universal one the table that follows.
inline constexpr std::size_t macho_head_bytes = 4'096;

/// For which processors a program is (mach-o/loader.h, mach-o/fat.h): "arm64", "x86_64", "i386", "universal" for the
/// first two together. not_supported: it is none of Apple's programs, or for another processor.
[[nodiscard]] Result<std::string> macho_architecture(std::string_view head);

} // namespace rollcall::platform
