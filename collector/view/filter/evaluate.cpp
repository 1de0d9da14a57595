#include "collector/view/filter/evaluate.hpp"

#include <algorithm>
#include <compare>
#include <limits>

#include "collector/store/fold.hpp"
#include "collector/view/filter/literal.hpp"
#include "common/core/compare_versions.hpp"

namespace rollcall::filter
{

namespace
{

using Kind = Expression::Kind;

Truth truth(bool value) { return value ? Truth::yes : Truth::no; }

Truth negation(Truth of)
{
    if (of == Truth::yes) return Truth::no;
    return of == Truth::no ? Truth::yes : of;
}

/// All of them (`stop` no), or any (`stop` yes): what is not read yet outweighs what cannot be known.
template <class Parts, class Ask>
Truth combined(Parts const& parts, Truth stop, Ask ask)
{
    auto result = negation(stop);
    for (auto const& part : parts) {
        auto const one = ask(part);
        if (one == stop) return stop;
        if (one == Truth::undecided || (one == Truth::unknown && result != Truth::undecided)) result = one;
    }
    return result;
}

bool holds(Operator op, std::partial_ordering order)
{
    switch (op) {
    case Operator::less:
        return std::is_lt(order);
    case Operator::less_equal:
        return std::is_lteq(order);
    case Operator::greater:
        return std::is_gt(order);
    case Operator::greater_equal:
        return std::is_gteq(order);
    default:
        return std::is_eq(order);
    }
}

/// `folded`: the text of the line. The literal's is folded, too.
bool text_fits(Test const& test, std::string_view folded, Literal const& value)
{
    switch (test.op) {
    case Operator::contains:
        return folded.find(value.text) != std::string_view::npos;
    case Operator::starts_with:
        return folded.starts_with(value.text);
    case Operator::ends_with:
        return folded.ends_with(value.text);
    case Operator::matches:
        return fits_pattern(folded, value.text);
    default:
        break;
    }
    if (test.column->type == Type::version) return holds(test.op, compare_versions(folded, value.text));
    return folded == value.text;
}

bool text_fits(Test const& test, std::string_view text)
{
    // Folding keeps the length, so most texts that are not equal need none.
    bool const by_length = test.column->type == Type::text && (test.op == Operator::equal || test.op == Operator::in);
    if (by_length && std::ranges::none_of(test.values, [&](auto const& one) { return one.text.size() == text.size(); }))
        return false;
    auto const folded = store::fold(text);
    return std::ranges::any_of(test.values, [&](Literal const& value) { return text_fits(test, folded, value); });
}

bool any_fits(Test const& test, std::span<std::string const> texts)
{
    return std::ranges::any_of(texts, [&](std::string const& one) { return text_fits(test, one); });
}

bool number_fits(Test const& test, double number)
{
    return std::ranges::any_of(test.values,
                               [&](Literal const& value) { return holds(test.op, number <=> value.number); });
}

bool time_fits(Test const& test, std::int64_t ms, UnixMs now_ms)
{
    auto const& value = test.values[0];
    auto border = value.ms;
    if (value.when == Literal::When::ago) border = now_ms - value.ms;
    if (value.when == Literal::When::ahead) border = now_ms + value.ms;
    return holds(test.op, ms <=> border);
}

/// nullopt: nobody knows, or the value is of another type than declared.
std::optional<bool> fits(Test const& test, Cell const& cell, UnixMs now_ms)
{
    auto const* const whole = std::get_if<std::int64_t>(&cell);
    switch (test.column->type) {
    case Type::text:
    case Type::version:
        if (auto const* const many = std::get_if<std::span<std::string const>>(&cell)) return any_fits(test, *many);
        // Whether one of the others fits nobody knows.
        if (auto const* const cut = std::get_if<CutTexts>(&cell))
            return any_fits(test, cut->known) ? std::optional(true) : std::nullopt;
        if (auto const* const text = std::get_if<std::string_view>(&cell)) return text_fits(test, *text);
        return std::nullopt;
    case Type::word:
        if (auto const* const text = std::get_if<std::string_view>(&cell)) {
            auto const place = std::ranges::find(test.column->words, *text) - test.column->words.begin();
            return number_fits(test, static_cast<double>(place));
        }
        return std::nullopt;
    case Type::number:
        if (whole != nullptr) return number_fits(test, static_cast<double>(*whole));
        if (auto const* const real = std::get_if<double>(&cell)) return number_fits(test, *real);
        return std::nullopt;
    case Type::boolean:
        if (auto const* const flag = std::get_if<bool>(&cell)) return number_fits(test, *flag ? 1 : 0);
        return std::nullopt;
    case Type::time:
        if (whole != nullptr) return time_fits(test, *whole, now_ms);
        return std::nullopt;
    }
    return std::nullopt;
}

Truth evaluate_test(Test const& test, Cell const& cell, UnixMs now_ms)
{
    bool const is_missing = std::holds_alternative<Missing>(cell);
    if (test.op == Operator::unknown) return truth(is_missing != test.negated);
    if (is_missing) return Truth::unknown;
    if (std::holds_alternative<std::monostate>(cell)) return truth(test.negated);
    auto const fitting = fits(test, cell, now_ms);
    if (!fitting) return Truth::unknown;
    return truth(*fitting != test.negated);
}

/// A row of a table. Without a row (nullptr) everything in it is unknown.
Cell cell_of(Table const& table, std::size_t place, std::string_view key, Row const* row)
{
    if (row == nullptr) return Missing{};
    if (table.has_many_rows && place == 0) return key;
    auto const found = row->find(table.columns[place].name);
    if (found == row->end()) return Missing{};
    auto const& value = found->second;
    if (auto const* const flag = std::get_if<bool>(&value)) return *flag;
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return *whole;
    if (auto const* const real = std::get_if<double>(&value)) return *real;
    if (auto const* const text = std::get_if<std::string>(&value)) return std::string_view(*text);
    return Missing{};
}

Truth evaluate_row(Expression const& part, Table const& table, std::string_view key, Row const* row, UnixMs now_ms)
{
    auto const ask = [&](Expression const& inner) { return evaluate_row(inner, table, key, row, now_ms); };
    switch (part.kind) {
    case Kind::both:
        return combined(part.parts, Truth::no, ask);
    case Kind::either:
        return combined(part.parts, Truth::yes, ask);
    case Kind::negated:
        return negation(ask(part.parts[0]));
    case Kind::test:
        return evaluate_test(part.test, cell_of(table, part.test.place, key, row), now_ms);
    case Kind::rows:
        break;
    }
    return Truth::unknown;
}

/// How many rows fit lies between the two.
struct Bounds {
    std::int64_t least = 0;
    std::int64_t most = 0;
};

Truth compare_count(RowTest const& about, Bounds const& bounds)
{
    auto const at = [&](std::int64_t count) { return holds(about.op, count <=> about.count); };
    auto answer = Truth::unknown;
    if (about.op == Operator::equal) {
        if (bounds.least == bounds.most)
            answer = truth(at(bounds.least));
        else if (about.count < bounds.least || about.count > bounds.most)
            answer = Truth::no;
    } else if (at(bounds.least) == at(bounds.most)) {
        answer = truth(at(bounds.least));
    }
    return about.negated ? negation(answer) : answer;
}

} // namespace

Truth evaluate(Expression const& expression, Line const& line, UnixMs now_ms)
{
    auto const ask = [&](Expression const& part) { return evaluate(part, line, now_ms); };
    switch (expression.kind) {
    case Kind::both:
        return combined(expression.parts, Truth::no, ask);
    case Kind::either:
        return combined(expression.parts, Truth::yes, ask);
    case Kind::negated:
        return negation(ask(expression.parts[0]));
    case Kind::test:
        return evaluate_test(expression.test, line.cell(expression.test.place), now_ms);
    case Kind::rows:
        return line.rows(expression.rows.number);
    }
    return Truth::unknown;
}

Truth evaluate_rows(Expression const& row_test, TableRows const& rows, UnixMs now_ms)
{
    auto const& about = row_test.rows;
    if (!rows.is_known) {
        // Whatever is asked of it is asked of a row that nobody knows.
        if (about.quantifier == RowTest::Quantifier::count) return Truth::unknown;
        return evaluate_row(row_test.parts[0], *about.table, {}, nullptr, now_ms);
    }
    Bounds fitting{.least = 0, .most = rows.cut_rows};
    bool any_fails = false;
    for (auto const& [key, row] : rows.rows) {
        auto const one =
            row_test.parts.empty() ? Truth::yes : evaluate_row(row_test.parts[0], *about.table, key, &row, now_ms);
        any_fails = any_fails || one == Truth::no;
        fitting.least += one == Truth::yes ? 1 : 0;
        fitting.most += one == Truth::no ? 0 : 1;
    }
    // Rows that were left out are there all the same.
    if (row_test.parts.empty()) fitting.least = fitting.most;
    switch (about.quantifier) {
    case RowTest::Quantifier::any:
        if (fitting.least > 0) return Truth::yes;
        return fitting.most > 0 ? Truth::unknown : Truth::no;
    case RowTest::Quantifier::all:
        if (any_fails) return Truth::no;
        return fitting.most > fitting.least ? Truth::unknown : Truth::yes;
    case RowTest::Quantifier::count:
        return compare_count(about, fitting);
    }
    return Truth::unknown;
}

} // namespace rollcall::filter
