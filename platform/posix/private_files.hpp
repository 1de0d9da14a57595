#pragma once

#include <string>
#include <string_view>

#include "common/core/result.hpp"

/// Files and folders that nobody else may read, for systems with owners and modes (POSIX.1).
namespace rollcall::platform::posix
{

/// As paths.hpp's make_own_folder.
[[nodiscard]] Result<> make_private_folder(std::string const& path);
/// As secret_file.hpp's write_secret_file.
[[nodiscard]] Result<> write_private_file(std::string const& path, std::string_view content);
/// As secret_file.hpp's read_secret_file.
[[nodiscard]] Result<std::string> read_private_file(std::string const& path);

} // namespace rollcall::platform::posix
