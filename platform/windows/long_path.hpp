#pragma once

#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// A path of a drive as functions of files take it whatever its length: whole, and after \\?\. One that begins so
/// already, and one on another machine, stays as it is.
[[nodiscard]] Result<std::wstring> long_path(std::string_view path);

} // namespace rollcall::platform
