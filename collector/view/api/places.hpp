#pragma once

#include <optional>
#include <string_view>

#include "collector/view/api/limits.hpp"
#include "collector/view/api/router.hpp"

/// Keyset cursors of the lists: a script that walks through one by `next` misses and repeats nothing, whatever comes
/// and goes meanwhile.
namespace rollcall::api
{

/// The parameter `after`.
[[nodiscard]] inline Parameter place_parameter()
{
    auto parameter = text("after", "`next` of the page before, in the same order; where absent, from the first line.");
    parameter.max = limits::place_bytes;
    return parameter;
}

[[nodiscard]] inline std::optional<Problem> wrong_with_place(std::string_view after, std::string_view sort)
{
    if (after.empty() || view::is_place(after, sort)) return std::nullopt;
    return bad_input("after", "'after' is no place in this list in this order.",
                     "Give `next` of the page before with the same 'sort', or nothing.");
}

} // namespace rollcall::api
