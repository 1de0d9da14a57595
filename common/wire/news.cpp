#include "common/wire/news.hpp"

#include <algorithm>

namespace rollcall::wire
{

static Value const* known_value(Row const& row, std::string_view column)
{
    auto const found = row.find(column);
    return found == row.end() || std::holds_alternative<Unknown>(found->second) ? nullptr : &found->second;
}

bool is_news(Probe const& probe, std::string_view column, Row const& before, Row const& after)
{
    auto const* const declared = find_column(probe, column);
    if (declared == nullptr || !declared->news) return false;
    auto const* const old = known_value(before, column);
    auto const* const now = known_value(after, column);
    return old != nullptr && now != nullptr && *old != *now;
}

bool is_news(Probe const& probe, Row const& before, Row const& after)
{
    return std::ranges::any_of(probe.columns,
                               [&](Column const& column) { return is_news(probe, column.name, before, after); });
}

} // namespace rollcall::wire
