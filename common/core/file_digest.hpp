#pragma once

#include <filesystem>
#include <string>

#include "common/core/result.hpp"

namespace rollcall
{

/// SHA-256 of what the file holds, as 64 lower-case hexadecimal digits. errc::io names the file.
/// Blocks: until it is read from end to end.
[[nodiscard]] Result<std::string> sha256_of_file(std::filesystem::path const& path);

} // namespace rollcall
