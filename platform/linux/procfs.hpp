#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "platform/posix/file.hpp"
#include "platform/texts.hpp"

/// Small text files of the kernel and of the system. Included by *_linux.cpp only.
namespace rollcall::platform::procfs
{

/// Nothing in /proc or /sys that we read is larger; dpkg's status file has its own limit.
inline constexpr std::size_t file_bytes = posix::file_bytes;

/// The firmware's table (platform/smbios.hpp), where the kernel shows it.
inline constexpr std::string_view smbios_table = "/sys/firmware/dmi/tables/DMI";

using posix::exists;
using posix::list_folder;
using posix::read_file;
using posix::read_link;
using posix::real_path;

using texts::lines;
using texts::tab_table;
using texts::to_integer;
using texts::to_number;
using texts::trim;
using texts::words;

/// The file without white space around it; not_found where nothing remains.
[[nodiscard]] Result<std::string> read_word(std::string const& path);
/// The file as one whole number; bad_message where it is none.
[[nodiscard]] Result<std::int64_t> read_integer(std::string const& path);

/// When something was read, for rates between two readings.
[[nodiscard]] inline std::chrono::milliseconds steady_now()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

[[nodiscard]] std::optional<double> to_real(std::string_view text);

/// NAME=value lines with the shell's quotes, as in os-release(5). Lines that are none are skipped.
[[nodiscard]] std::map<std::string, std::string, std::less<>> assignments(std::string_view text);

} // namespace rollcall::platform::procfs
