#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/fact.hpp"

/// Small text files of the kernel and of the system. Included by *_linux.cpp only.
namespace rollcall::platform::procfs
{

/// Nothing in /proc or /sys that we read is larger; dpkg's status file has its own limit.
inline constexpr std::size_t file_bytes = 1024UL * 1024;

/// The firmware's table (platform/smbios.hpp), where the kernel shows it.
inline constexpr std::string_view smbios_table = "/sys/firmware/dmi/tables/DMI";

/// The whole file. limit_exceeded where it is larger.
[[nodiscard]] Result<std::string> read_file(std::string const& path, std::size_t limit = file_bytes);
/// The file without white space around it; not_found where nothing remains.
[[nodiscard]] Result<std::string> read_word(std::string const& path);
/// The file as one whole number; bad_message where it is none.
[[nodiscard]] Result<std::int64_t> read_integer(std::string const& path);
/// Names in a folder, sorted, without "." and "..".
[[nodiscard]] Result<std::vector<std::string>> list_folder(std::string const& path);
/// Where a symbolic link points, as written there.
[[nodiscard]] Result<std::string> read_link(std::string const& path);
/// The path without any symbolic link in it.
[[nodiscard]] Result<std::string> real_path(std::string const& path);
[[nodiscard]] bool exists(std::string const& path);

/// When something was read, for rates between two readings.
[[nodiscard]] inline std::chrono::milliseconds steady_now()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::vector<std::string_view> lines(std::string_view text);
/// Pieces between blanks and tabs.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);
/// Of a tool's lines those with exactly `columns` fields, which stand between tabs; each without white space around it.
template <std::size_t columns>
[[nodiscard]] std::vector<std::array<std::string_view, columns>> tab_table(std::string_view text);
/// The whole text as a number without sign; nothing where it is none or too large.
[[nodiscard]] std::optional<std::uint64_t> to_number(std::string_view text);
/// The same with a sign.
[[nodiscard]] std::optional<std::int64_t> to_integer(std::string_view text);
[[nodiscard]] std::optional<double> to_real(std::string_view text);

/// NAME=value lines with the shell's quotes, as in os-release(5). Lines that are none are skipped.
[[nodiscard]] std::map<std::string, std::string, std::less<>> assignments(std::string_view text);

template <std::size_t columns>
std::vector<std::array<std::string_view, columns>> tab_table(std::string_view text)
{
    std::vector<std::array<std::string_view, columns>> rows;
    for (auto line : lines(text)) {
        std::array<std::string_view, columns> fields;
        std::size_t count = 0;
        for (;;) {
            auto const tab = line.find('\t');
            if (count < columns) fields[count] = trim(line.substr(0, tab));
            ++count;
            if (tab == std::string_view::npos) break;
            line.remove_prefix(tab + 1);
        }
        if (count == columns) rows.push_back(fields);
    }
    return rows;
}

} // namespace rollcall::platform::procfs
