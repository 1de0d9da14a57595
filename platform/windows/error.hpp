#pragma once

#include <string_view>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// Starts an error from a Windows error number (GetLastError(), LSTATUS), with the system's text for it.
/// `code` is a DWORD: spelled so that this header needs no <windows.h>.
[[nodiscard]] Error fail_windows(unsigned long code, std::string_view step);

/// The same for an HRESULT, as COM gives it. One that wraps a Windows error number is judged by that number.
[[nodiscard]] Error fail_hresult(long code, std::string_view step);

} // namespace rollcall::platform
