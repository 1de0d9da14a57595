#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "collector/view/filter/columns.hpp"

namespace rollcall::filter
{

enum class Operator {
    equal,
    less,
    less_equal,
    greater,
    greater_equal,
    contains,
    starts_with,
    ends_with,
    matches,
    in,
    unknown
};

/// Something that a column is compared with.
struct Literal {
    enum class When { at, ago, ahead };

    std::string shown;   ///< As it is written: "10 GB".
    std::string text;    ///< Of texts: folded. Of versions: as it is.
    double number = 0;   ///< In the column's unit; of a boolean 1 or 0; of a word its place among the words.
    std::int64_t ms = 0; ///< Of times: a moment, or a span before or after now.
    When when = When::at;
};

struct Test {
    Column const* column = nullptr;
    std::size_t place = 0; ///< Of the column, within the list or the table.
    Operator op{};
    bool negated = false;
    std::vector<Literal> values; ///< One, but of `in`; none of `unknown`.
};

/// A question about the rows of a table: does any fit, do all, how many do?
struct RowTest {
    enum class Quantifier { any, all, count };

    Table const* table = nullptr;
    Quantifier quantifier{};
    Operator op{}; ///< Of count; equal to greater_equal.
    bool negated = false;
    std::int64_t count = 0;
    std::size_t number = 0; ///< Among those of the whole expression, from left to right.
};

/// A typed expression that was checked: all names exist and all values fit their columns.
struct Expression {
    enum class Kind {
        both,    ///< All of `parts`, two or more.
        either,  ///< Any of `parts`, two or more.
        negated, ///< Not the one of `parts`.
        test,    ///< Of a column of the list, or of the table around it.
        rows,    ///< Of a table: `parts` is the condition, or empty for count(table).
    };
    Kind kind{};
    std::vector<Expression> parts;
    Test test;
    RowTest rows;
};

/// The one way to write it: whoever reads that again gets the same expression.
[[nodiscard]] std::string to_string(Expression const& expression, Subject const& subject);

/// The questions about rows in it, by their number.
[[nodiscard]] std::vector<Expression const*> row_tests(Expression const& expression);

/// Does any part of it change with time alone ("3 days ago")?
[[nodiscard]] bool depends_on_now(Expression const& expression);

/// As it is written: "starts with", "is not", "!=".
[[nodiscard]] std::string word_of(Operator op, bool negated, Type type);

} // namespace rollcall::filter
