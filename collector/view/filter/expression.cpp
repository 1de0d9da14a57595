#include "collector/view/filter/expression.hpp"

#include <algorithm>

namespace rollcall::filter
{

namespace
{

using Kind = Expression::Kind;

std::string sign_of(Operator op, bool negated)
{
    switch (op) {
    case Operator::equal:
        return negated ? "!=" : "=";
    case Operator::less:
        return "<";
    case Operator::less_equal:
        return "<=";
    case Operator::greater:
        return ">";
    default:
        return ">=";
    }
}

std::string shown(Test const& test, std::string_view prefix)
{
    auto text = std::string(prefix)
                    .append(test.column->name)
                    .append(" ")
                    .append(word_of(test.op, test.negated, test.column->type));
    if (test.op == Operator::unknown) return text;
    if (test.op != Operator::in) return text.append(" ").append(test.values[0].shown);
    text += " (";
    for (auto const& value : test.values)
        text.append(&value == test.values.data() ? "" : ", ").append(value.shown);
    return text += ')';
}

struct Printer {
    Subject const& subject;

    /// `prefix` stands before the names of a table's columns.
    [[nodiscard]] std::string print(Expression const& expression, std::string_view prefix) const
    {
        switch (expression.kind) {
        case Kind::both:
            return joined(expression, " and ", prefix);
        case Kind::either:
            return joined(expression, " or ", prefix);
        case Kind::negated:
            return "not " + in_brackets(expression.parts[0], prefix);
        case Kind::test:
            return shown(expression.test, prefix);
        case Kind::rows:
            return rows(expression);
        }
        return {};
    }

private:
    [[nodiscard]] std::string in_brackets(Expression const& part, std::string_view prefix) const
    {
        if (part.kind != Kind::both && part.kind != Kind::either) return print(part, prefix);
        return "(" + print(part, prefix) + ")";
    }

    [[nodiscard]] std::string joined(Expression const& expression, std::string_view word, std::string_view prefix) const
    {
        std::string text;
        for (auto const& part : expression.parts) {
            if (!text.empty()) text += word;
            text += expression.kind == Kind::both ? in_brackets(part, prefix) : print(part, prefix);
        }
        return text;
    }

    [[nodiscard]] std::string rows(Expression const& expression) const
    {
        auto const& about = expression.rows;
        auto const name = subject.table_prefix + about.table->name;
        std::string inner = name;
        if (!expression.parts.empty()) {
            auto const& part = expression.parts[0];
            inner = part.kind == Kind::test ? print(part, name + ".") : name + "(" + print(part, {}) + ")";
        }
        switch (about.quantifier) {
        case RowTest::Quantifier::any:
            return inner;
        case RowTest::Quantifier::all:
            return "all(" + inner + ")";
        case RowTest::Quantifier::count:
            return "count(" + inner + ") " + sign_of(about.op, about.negated) + " " + std::to_string(about.count);
        }
        return inner;
    }
};

void collect(Expression const& expression, std::vector<Expression const*>& found)
{
    if (expression.kind == Kind::rows) {
        found.push_back(&expression);
        return;
    }
    for (auto const& part : expression.parts)
        collect(part, found);
}

} // namespace

std::string word_of(Operator op, bool negated, Type type)
{
    std::string const no = negated ? "not " : "";
    switch (op) {
    case Operator::equal:
        if (type == Type::number || type == Type::version) return sign_of(op, negated);
        return negated ? "is not" : "is";
    case Operator::less:
    case Operator::less_equal:
    case Operator::greater:
    case Operator::greater_equal:
        return sign_of(op, negated);
    case Operator::contains:
        return no + "contains";
    case Operator::starts_with:
        return no + "starts with";
    case Operator::ends_with:
        return no + "ends with";
    case Operator::matches:
        return no + "matches";
    case Operator::in:
        return no + "in";
    case Operator::unknown:
        return negated ? "is not unknown" : "is unknown";
    }
    return {};
}

std::string to_string(Expression const& expression, Subject const& subject)
{
    return Printer{subject}.print(expression, {});
}

std::vector<Expression const*> row_tests(Expression const& expression)
{
    std::vector<Expression const*> found;
    collect(expression, found);
    return found;
}

bool depends_on_now(Expression const& expression)
{
    return std::ranges::any_of(expression.test.values,
                               [](Literal const& value) { return value.when != Literal::When::at; }) ||
           std::ranges::any_of(expression.parts, depends_on_now);
}

} // namespace rollcall::filter
