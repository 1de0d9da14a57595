#pragma once

#include <string>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// The table of Macs with Intel's processors. not_supported: this one has none. Included by *_macos.cpp only.
[[nodiscard]] Result<std::string> read_smbios_data();

} // namespace rollcall::platform
