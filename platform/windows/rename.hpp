#pragma once

#include <string>

#include <windows.h>

namespace rollcall::platform
{

/// Moves a file over another one in one step, on the disk when this returns. ERROR_SUCCESS, or why not.
/// Blocks: up to half a second where somebody has the file open.
[[nodiscard]] DWORD rename_over(std::wstring const& from, std::wstring const& to);

} // namespace rollcall::platform
