#pragma once

#include <cstdint>
#include <string>

#include "common/core/result.hpp"

namespace rollcall::platform
{

struct OsVersion {
    std::uint32_t major_number{};
    std::uint32_t minor_number{};
    std::uint32_t build{};
    bool workstation{}; ///< Not one of the server editions.
};

/// What runs, not what this program says it was made for (RtlGetVersion).
[[nodiscard]] Result<OsVersion> os_version();

/// Since Windows 11 the registry's ProductName still says "Windows 10": the build tells.
[[nodiscard]] std::string product_name(std::string name, OsVersion const& version);

/// Does this run in a Windows container? Then the registry says of which type.
[[nodiscard]] bool in_container();

} // namespace rollcall::platform
