#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace rollcall::client
{

/// A column of a table on a terminal.
struct Heading {
    std::string label;
    bool is_number = false; ///< Stands at the right.
    bool is_whole = false;  ///< Is of no use when it is cut.
};

/// Lines under their headings, each column as wide as what is in it. Where that is wider than `width` (0: there is no
/// terminal, and no limit), the widest columns are cut, but for those that have to be whole. What the cells hold is
/// made safe to show. Pure.
[[nodiscard]] std::string table(std::vector<Heading> const& headings,
                                std::vector<std::vector<std::string>> const& lines, std::size_t width);

} // namespace rollcall::client
