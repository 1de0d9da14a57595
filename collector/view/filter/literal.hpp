#pragma once

#include <cstddef>
#include <variant>
#include <vector>

#include "collector/view/filter/expression.hpp"
#include "collector/view/filter/tokens.hpp"

namespace rollcall::filter
{

/// Reads the value that begins at token `at`, as the column needs it, and moves `at` behind it.
[[nodiscard]] std::variant<Literal, Fault> read_literal(Column const& column, Operator op,
                                                        std::vector<Token> const& tokens, std::size_t& at);

/// Does the text fit the pattern? `*` stands for any characters, `?` for one. Both folded. In the time of both lengths
/// multiplied at most.
[[nodiscard]] bool fits_pattern(std::string_view text, std::string_view pattern);

} // namespace rollcall::filter
