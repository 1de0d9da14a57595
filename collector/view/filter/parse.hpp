#pragma once

#include <string_view>
#include <variant>

#include "collector/view/filter/expression.hpp"
#include "collector/view/filter/tokens.hpp"

namespace rollcall::filter
{

/// Reads and checks an expression: README.md of this folder has the grammar. Pure; any bytes are safe.
[[nodiscard]] std::variant<Expression, Fault> parse(std::string_view text, Subject const& subject);

} // namespace rollcall::filter
