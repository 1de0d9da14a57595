#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// Pieces of texts that systems and their tools write.
namespace rollcall::platform::texts
{

/// Without the white space around it.
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

} // namespace rollcall::platform::texts
