#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rollcall::platform
{

struct TpmProperties {
    std::string manufacturer; ///< "IFX"; empty where the module does not say.
    std::string firmware_version;
};

/// TPM2_GetCapability of the fixed properties (TPM 2.0 Library, part 3, 30.2), as bytes for the module.
[[nodiscard]] std::string tpm_properties_command();
/// Its answer.
[[nodiscard]] Result<TpmProperties> parse_tpm_properties(std::string_view answer);

} // namespace rollcall::platform
