#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "platform/fact.hpp"

/// Small files and folders, as POSIX shows them. Included by *_linux.cpp, *_macos.cpp and their helpers only.
namespace rollcall::platform::posix
{

/// Few files that we read are larger; those have limits of their own.
inline constexpr std::size_t file_bytes = 1024UL * 1024;

/// The whole file. limit_exceeded where it is larger.
[[nodiscard]] Result<std::string> read_file(std::string const& path, std::size_t limit = file_bytes);
/// Its first bytes, as many as there are up to `size`.
[[nodiscard]] Result<std::string> read_beginning(std::string const& path, std::size_t size);
/// Names in a folder, sorted, without "." and "..".
[[nodiscard]] Result<std::vector<std::string>> list_folder(std::string const& path);
/// Where a symbolic link points, as written there.
[[nodiscard]] Result<std::string> read_link(std::string const& path);
/// The path without any symbolic link in it.
[[nodiscard]] Result<std::string> real_path(std::string const& path);
[[nodiscard]] bool exists(std::string const& path);
/// Brings what was written through a descriptor onto the disk; errno, or 0.
[[nodiscard]] int flush(int file);

} // namespace rollcall::platform::posix
