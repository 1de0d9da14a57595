#pragma once

#include <string>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// The firmware's table (platform/smbios.hpp), as GetSystemFirmwareTable gives it. not_supported where the machine has
/// none.
[[nodiscard]] Result<std::string> read_smbios_table();

/// The table within what GetSystemFirmwareTable("RSMB") answers with: a head of its own, RawSMBIOSData.
[[nodiscard]] Result<std::string> unwrap_smbios(std::string answer);

} // namespace rollcall::platform
