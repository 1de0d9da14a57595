#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// A key is never larger; what is larger is no secret of ours.
inline constexpr std::size_t secret_file_bytes = 64UL * 1024;

/// Writes a file that only its owner can read. Whole or not at all: an old one is replaced in one step, also when the
/// power fails. Blocks: until it is on the disk.
[[nodiscard]] Result<> write_secret_file(std::string const& path, std::string_view content);

/// errc::refused where somebody else could read or replace it (the trace says how to mend that); errc::not_found;
/// errc::limit_exceeded.
[[nodiscard]] Result<std::string> read_secret_file(std::string const& path);

} // namespace rollcall::platform
