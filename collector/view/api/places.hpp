#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "collector/view/api/limits.hpp"
#include "collector/view/api/router.hpp"

/// Where a page of a list begins: at an offset, for a grid, or behind a line (keyset cursor), for a script that walks
/// through all of it and is to miss and repeat nothing, whatever comes and goes meanwhile.
namespace rollcall::api
{

/// The parameters of a list, and `after`, `offset` and `limit`.
[[nodiscard]] inline std::vector<Parameter> with_place(std::vector<Parameter> parameters)
{
    auto after = text("after", "`next` of the page before, in the same order; where absent, from the first line.");
    after.max = limits::place_bytes;
    parameters.push_back(std::move(after));
    parameters.push_back(integer("offset", 0, limits::offset, "0", "Rows to skip."));
    parameters.push_back(integer("limit", 0, limits::list_rows, "100", "Rows to return."));
    return parameters;
}

/// Into a query of the projection, whose order is known.
template <class Query>
[[nodiscard]] std::optional<Problem> read_place(Arguments const& given, Query& query)
{
    query.after = given.text("after");
    query.offset = given.integer("offset");
    query.limit = given.integer("limit");
    if (query.after.empty() || view::is_place(query.after, query.sort)) return std::nullopt;
    return bad_input("after", "'after' is no place in this list in this order.",
                     "Give `next` of the page before with the same 'sort', or nothing.");
}

} // namespace rollcall::api
