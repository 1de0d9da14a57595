#include "collector/client/table.hpp"

#include <algorithm>
#include <numeric>

#include "collector/client/limits.hpp"
#include "collector/client/text.hpp"

namespace rollcall::client
{

/// Between two columns.
static constexpr std::size_t gap = 2;

/// The widest give way first, one place at a time, until all fit or none can be narrower.
static void narrow(std::vector<std::size_t>& widths, std::vector<Heading> const& headings, std::size_t width)
{
    auto const between = gap * (widths.size() - 1);
    auto all = std::accumulate(widths.begin(), widths.end(), between);
    while (all > width) {
        std::size_t* widest = nullptr;
        for (std::size_t at = 0; at < widths.size(); ++at)
            if (!headings[at].is_whole && (widest == nullptr || widths[at] > *widest)) widest = &widths[at];
        if (widest == nullptr || *widest <= limits::column_least) return;
        --*widest;
        --all;
    }
}

std::string table(std::vector<Heading> const& headings, std::vector<std::vector<std::string>> const& lines,
                  std::size_t width)
{
    if (headings.empty()) return {};
    std::vector<std::vector<std::string>> safe;
    safe.reserve(lines.size() + 1);
    auto& first = safe.emplace_back();
    for (auto const& heading : headings)
        first.push_back(shown(heading.label));
    for (auto const& line : lines) {
        auto& made = safe.emplace_back();
        for (auto const& cell : line)
            made.push_back(shown(cell));
    }
    std::vector<std::size_t> widths(headings.size(), 1);
    for (auto const& line : safe)
        for (std::size_t at = 0; at < line.size(); ++at)
            widths[at] = std::max(widths[at], display_width(line[at]));
    if (width > 0) narrow(widths, headings, width);
    std::string text;
    for (auto const& line : safe) {
        std::string made;
        for (std::size_t at = 0; at < line.size(); ++at) {
            if (at > 0) made.append(gap, ' ');
            made += fitted(line[at], widths[at], headings[at].is_number);
        }
        made.erase(made.find_last_not_of(' ') + 1);
        text += made + '\n';
    }
    return text;
}

} // namespace rollcall::client
