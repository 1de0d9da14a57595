#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::filter
{

/// What is wrong with an expression, and where.
struct Fault {
    std::size_t position = 0; ///< Of its first character, from 0.
    std::size_t length = 0;   ///< In characters.
    std::string message;      ///< A sentence.
    std::string remedy;       ///< What to write instead.
    std::vector<std::string> nearest = {};
};

struct Token {
    enum class Kind {
        bare,   ///< A name, a keyword, a number, a text without blanks.
        quoted, ///< A text between quotes, without them.
        sign,   ///< ( ) , = != < <= > >=
        end,
    };
    Kind kind{};
    std::string text;
    std::size_t position = 0; ///< In characters.
    std::size_t length = 0;
};

/// The expression's words and signs, the last one `end`; a fault where a quote stays open or a sign stands alone.
struct Tokens {
    std::vector<Token> all;
    std::optional<Fault> fault;
};
[[nodiscard]] Tokens split_tokens(std::string_view text);

/// Can it be written as a value without quotes, and be read as the same?
[[nodiscard]] bool is_bare_text(std::string_view text);
/// With quotes where it needs them.
[[nodiscard]] std::string quoted_where_needed(std::string_view text);
/// and, or, not, is …: words of the language.
[[nodiscard]] bool is_keyword(std::string_view folded);

} // namespace rollcall::filter
