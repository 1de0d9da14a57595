#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// Paths of a list that a person wrote, one a line, each once and sorted; empty lines and those that begin with # say
/// nothing. A byte order mark at the beginning is Notepad's.
[[nodiscard]] std::vector<std::string> listed_paths(std::string_view text);

/// bad_input unless it is a whole path of a drive of this machine ("C:\folder\file"). Another machine's
/// (\\server\share) could hang whoever looks, and a device (\\.\, NUL) is no file.
[[nodiscard]] Result<> check_listed_path(std::string_view path);

} // namespace rollcall::platform
