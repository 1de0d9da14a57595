#pragma once

#include <string_view>

#include "platform/tpms.hpp"

namespace rollcall::platform
{

/// The `caps` file of a TPM 1.2: manufacturer, version of the specification and of the firmware, a line each.
[[nodiscard]] Tpm parse_tpm_caps(std::string_view text);

} // namespace rollcall::platform
