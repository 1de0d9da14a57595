#pragma once

#include <string>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// "C:\Windows\System32": the system tells, not the environment.
[[nodiscard]] Result<std::wstring> system_folder();
/// "C:\Windows", also in a session of a terminal server, where others have one of their own.
[[nodiscard]] Result<std::wstring> windows_folder();

} // namespace rollcall::platform
