#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "collector/view/filter/expression.hpp"
#include "common/core/clock.hpp"
#include "common/core/value.hpp"

/// What an expression says of one line of a list. Pure.
namespace rollcall::filter
{

/// Unknown satisfies neither a comparison nor its negation. Undecided: rows would have to be read first.
enum class Truth : std::uint8_t { no, yes, unknown, undecided };

/// A value that could not be read.
struct Missing {
};

/// Several values of which some are known.
struct CutTexts {
    std::span<std::string const> known;
};

/// A column's value in a line. monostate: known, and there is none (nobody has ever logged in). A span: any of these.
using Cell = std::variant<std::monostate, Missing, bool, std::int64_t, double, std::string_view,
                          std::span<std::string const>, CutTexts>;

/// A line, as expressions see it.
class Line
{
public:
    virtual ~Line() = default;
    /// Of the subject's column at `place`.
    [[nodiscard]] virtual Cell cell(std::size_t place) const = 0;
    /// The answer to the row test of this number; `undecided` where its rows have not been read.
    [[nodiscard]] virtual Truth rows(std::size_t number) const = 0;
};

[[nodiscard]] Truth evaluate(Expression const& expression, Line const& line, UnixMs now_ms);

/// The rows of one table on one device.
struct TableRows {
    bool is_known = false; ///< It could be read.
    Snapshot rows;
    std::int64_t cut_rows = 0; ///< Left out by the agent's limit: nobody knows what they say.
};

/// `row_test` is one of row_tests().
[[nodiscard]] Truth evaluate_rows(Expression const& row_test, TableRows const& rows, UnixMs now_ms);

} // namespace rollcall::filter
