#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// The name and meaning of an error of the Windows Update Agent ("Windows Update error codes by component"); empty for
/// one that is not in the list.
[[nodiscard]] std::string_view update_error_text(std::uint32_t code);

/// Starts an error from it, with that text: "patches: 0x8024402c: WU_E_PT_WINHTTP_NAME_NOT_RESOLVED: …".
[[nodiscard]] Error fail_update(std::uint32_t code, std::string_view step);

} // namespace rollcall::platform
