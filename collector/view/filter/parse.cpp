#include "collector/view/filter/parse.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "collector/store/fold.hpp"
#include "collector/view/filter/limits.hpp"
#include "collector/view/filter/literal.hpp"

namespace rollcall::filter
{

namespace
{

using Kind = Expression::Kind;
using Part = std::optional<Expression>;

/// The same one level up: (a and b) and c is a and b and c.
Expression flattened(Kind kind, std::vector<Expression> parts)
{
    if (parts.size() == 1) return std::move(parts[0]);
    Expression whole;
    whole.kind = kind;
    for (auto& part : parts) {
        if (part.kind == kind)
            std::move(part.parts.begin(), part.parts.end(), std::back_inserter(whole.parts));
        else
            whole.parts.push_back(std::move(part));
    }
    return whole;
}

Expression negation_of(Expression part)
{
    if (part.kind == Kind::negated) {
        auto inner = std::move(part.parts[0]);
        return inner;
    }
    Expression whole;
    whole.kind = Kind::negated;
    whole.parts.push_back(std::move(part));
    return whole;
}

void number_row_tests(Expression& expression, std::size_t& next)
{
    if (expression.kind == Kind::rows) {
        expression.rows.number = next++;
        return;
    }
    for (auto& part : expression.parts)
        number_row_tests(part, next);
}

bool is_fit_for(Operator op, Column const& column)
{
    auto const type = column.type;
    switch (op) {
    case Operator::equal:
        return type != Type::time;
    case Operator::less:
    case Operator::less_equal:
    case Operator::greater:
    case Operator::greater_equal:
        return type == Type::number || type == Type::time || type == Type::version || column.ranked;
    case Operator::contains:
    case Operator::starts_with:
    case Operator::ends_with:
    case Operator::matches:
        return type == Type::text || type == Type::version;
    case Operator::in:
        return type != Type::time && type != Type::boolean;
    case Operator::unknown:
        return true;
    }
    return false;
}

std::string operator_list(Column const& column)
{
    std::string list;
    for (auto const& word : operators_of(column))
        list += word + ", ";
    return list + "is unknown";
}

/// What stands where the operator of a column is expected.
struct Written {
    Operator op{};
    bool negated = false;
};

class Parser
{
public:
    Parser(std::vector<Token> tokens, Subject const& subject)
        : tokens_(std::move(tokens))
        , subject_(subject)
    {
    }

    std::variant<Expression, Fault> run()
    {
        auto whole = either(nullptr);
        if (whole && here().kind != Token::Kind::end)
            whole = refuse(here(), "Here " + shown(here()) + " is not expected.",
                           "Put and, or, or nothing here; a text of several words stands between quotes.");
        if (!whole) return *std::move(fault_);
        std::size_t next = 0;
        number_row_tests(*whole, next);
        return *std::move(whole);
    }

private:
    static std::string shown(Token const& token)
    {
        if (token.kind == Token::Kind::end) return "the end";
        return "'" + token.text + "'";
    }

    [[nodiscard]] Token const& here() const { return tokens_[at_]; }
    [[nodiscard]] Token const& next() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
    [[nodiscard]] bool is_word(std::string_view word) const
    {
        return here().kind == Token::Kind::bare && store::fold(here().text) == word;
    }
    [[nodiscard]] static bool is_sign(Token const& token, std::string_view sign)
    {
        return token.kind == Token::Kind::sign && token.text == sign;
    }
    bool take_word(std::string_view word)
    {
        if (!is_word(word)) return false;
        ++at_;
        return true;
    }
    bool take_sign(std::string_view sign)
    {
        if (!is_sign(here(), sign)) return false;
        ++at_;
        return true;
    }

    /// Keeps the first fault only: what follows comes of it.
    std::nullopt_t refuse(Token const& token, std::string message, std::string remedy,
                          std::vector<std::string> nearest = {})
    {
        if (!fault_)
            fault_ = Fault{.position = token.position,
                           .length = std::max<std::size_t>(token.length, 1),
                           .message = std::move(message),
                           .remedy = std::move(remedy),
                           .nearest = std::move(nearest)};
        return std::nullopt;
    }

    /// Of brackets and `not`, so that no expression exhausts the stack.
    class Level
    {
    public:
        explicit Level(std::size_t& depth)
            : depth_(depth)
        {
            ++depth_;
        }
        ~Level() { --depth_; }
        Level(Level const&) = delete;
        Level& operator=(Level const&) = delete;

    private:
        std::size_t& depth_;
    };
    [[nodiscard]] bool too_deep()
    {
        if (depth_ <= limits::depth) return false;
        refuse(here(), fmt::format("More than {} brackets and nots stand within one another.", limits::depth),
               "Write it with fewer of them.");
        return true;
    }

    Part either(Table const* table)
    {
        std::vector<Expression> parts;
        do {
            auto part = both(table);
            if (!part) return std::nullopt;
            parts.push_back(*std::move(part));
        } while (take_word("or"));
        return flattened(Kind::either, std::move(parts));
    }

    Part both(Table const* table)
    {
        std::vector<Expression> parts;
        do {
            auto part = negatable(table);
            if (!part) return std::nullopt;
            parts.push_back(*std::move(part));
        } while (take_word("and"));
        return flattened(Kind::both, std::move(parts));
    }

    Part negatable(Table const* table)
    {
        Level const level(depth_);
        if (too_deep()) return std::nullopt;
        if (take_word("not")) {
            auto part = negatable(table);
            if (!part) return std::nullopt;
            return negation_of(*std::move(part));
        }
        if (take_sign("(")) {
            auto part = either(table);
            if (!part || !close()) return std::nullopt;
            return part;
        }
        return condition(table);
    }

    bool close()
    {
        if (take_sign(")")) return true;
        refuse(here(), "A closing bracket is missing before " + shown(here()) + ".", "Put ) here, or and, or or.");
        return false;
    }

    Part condition(Table const* table)
    {
        if (here().kind != Token::Kind::bare)
            return refuse(here(), "Here a condition is expected, not " + shown(here()) + ".",
                          "Begin it with the name of a column: " + example(table) + ".");
        if (++conditions_ > limits::conditions)
            return refuse(here(), fmt::format("There are more than {} conditions.", limits::conditions),
                          "Use in (…) for many values of one column, or split the filter.");
        if (table != nullptr) return test_in(*table);
        if (is_sign(next(), "(")) {
            if (is_word("all")) return quantified(RowTest::Quantifier::all);
            if (is_word("count")) return quantified(RowTest::Quantifier::count);
            return rows();
        }
        auto const name = store::fold(here().text);
        auto const found = std::ranges::find(subject_.columns, name, &Column::name);
        if (found == subject_.columns.end()) return rows();
        return test_of(*found, static_cast<std::size_t>(found - subject_.columns.begin()));
    }

    [[nodiscard]] std::string example(Table const* table) const
    {
        if (table != nullptr) return table->columns.front().name;
        return subject_.columns.front().name;
    }

    Part test_in(Table const& table)
    {
        auto const name = store::fold(here().text);
        auto const found = std::ranges::find(table.columns, name, &Column::name);
        if (found != table.columns.end())
            return test_of(*found, static_cast<std::size_t>(found - table.columns.begin()));
        std::vector<std::string> names;
        std::string list;
        for (auto const& column : table.columns) {
            names.push_back(column.name);
            list.append(list.empty() ? "" : ", ").append(column.name);
        }
        return refuse(here(), fmt::format("'{}' has no column '{}'.", table.name, here().text),
                      "Within its brackets are: " + list + ".", nearest_names(name, names));
    }

    [[nodiscard]] Table const* find_table(std::string_view name) const
    {
        auto const found = std::ranges::find(tables(), name, &Table::name);
        return found == tables().end() ? nullptr : &*found;
    }

    Part unknown_name()
    {
        std::vector<std::string> names;
        for (auto const& column : subject_.columns)
            names.push_back(column.name);
        for (auto const& table : tables()) {
            names.push_back(subject_.table_prefix + table.name);
            for (auto const& column : table.columns)
                names.push_back(subject_.table_prefix + table.name + "." + column.name);
        }
        return refuse(here(), "There is no column '" + here().text + "'.",
                      "GET /api/v1/filter/columns lists all of them.", nearest_names(here().text, names));
    }

    /// table.column test, or table(condition).
    Part rows()
    {
        if (here().kind != Token::Kind::bare)
            return refuse(here(), "Here a table is expected, not " + shown(here()) + ".",
                          "Write a table's condition: volumes.free_percent < 10.");
        auto name = store::fold(here().text);
        if (!name.starts_with(subject_.table_prefix)) return unknown_name();
        name.erase(0, subject_.table_prefix.size());
        Expression made;
        made.kind = Kind::rows;
        if (is_sign(next(), "(")) {
            made.rows.table = find_table(name);
            if (made.rows.table == nullptr) return unknown_name();
            at_ += 2;
            auto inner = either(made.rows.table);
            if (!inner || !close()) return std::nullopt;
            made.parts.push_back(*std::move(inner));
            return made;
        }
        auto const dot = name.find('.');
        made.rows.table = find_table(name.substr(0, dot));
        if (made.rows.table == nullptr || dot == std::string::npos) return unknown_name();
        auto const& columns = made.rows.table->columns;
        auto const found = std::ranges::find(columns, name.substr(dot + 1), &Column::name);
        if (found == columns.end()) return unknown_name();
        auto test = test_of(*found, static_cast<std::size_t>(found - columns.begin()));
        if (!test) return std::nullopt;
        made.parts.push_back(*std::move(test));
        return made;
    }

    /// all(rows), count(rows) < n, count(table) < n.
    Part quantified(RowTest::Quantifier quantifier)
    {
        at_ += 2;
        Part made;
        bool const is_count = quantifier == RowTest::Quantifier::count;
        if (is_count && here().kind == Token::Kind::bare && is_sign(next(), ")")) {
            auto name = store::fold(here().text);
            if (!name.starts_with(subject_.table_prefix)) return unknown_name();
            auto const* const table = find_table(name.substr(subject_.table_prefix.size()));
            if (table == nullptr) return unknown_name();
            made.emplace();
            made->kind = Kind::rows;
            made->rows.table = table;
            ++at_;
        } else {
            made = rows();
        }
        if (!made || !close()) return std::nullopt;
        made->rows.quantifier = quantifier;
        if (is_count && !read_count(made->rows)) return std::nullopt;
        return made;
    }

    bool read_count(RowTest& about)
    {
        auto const written = read_sign();
        if (!written) {
            refuse(here(), "Here a comparison of the count is expected.", "Write one: count(…) > 3.");
            return false;
        }
        Column const column{.name = "count", .label = "Count", .type = Type::number, .meaning = {}};
        auto const at = at_;
        auto const value = read_literal(column, written->op, tokens_, at_);
        auto const* const number = std::get_if<Literal>(&value);
        if (number == nullptr || number->number < 0 || number->number > limits::count ||
            number->number != std::floor(number->number)) {
            refuse(tokens_[at], "A count is compared with a whole number from 0 to 1,000,000,000.", "Write one.");
            return false;
        }
        about.op = written->op;
        about.negated = written->negated;
        about.count = static_cast<std::int64_t>(number->number);
        return true;
    }

    std::optional<Written> read_sign()
    {
        struct Sign {
            std::string_view text;
            Written written;
        };
        static constexpr Sign signs[] = {{"=", {Operator::equal}},   {"!=", {Operator::equal, true}},
                                         {"<", {Operator::less}},    {"<=", {Operator::less_equal}},
                                         {">", {Operator::greater}}, {">=", {Operator::greater_equal}}};
        for (auto const& sign : signs)
            if (take_sign(sign.text)) return sign.written;
        return std::nullopt;
    }

    std::optional<Written> read_operator()
    {
        if (auto const sign = read_sign()) return sign;
        if (take_word("is")) {
            bool const negated = take_word("not");
            return Written{take_word("unknown") ? Operator::unknown : Operator::equal, negated};
        }
        bool const negated = take_word("not");
        struct Word {
            std::string_view text;
            Operator op;
        };
        static constexpr Word words[] = {
            {"contains", Operator::contains}, {"matches", Operator::matches}, {"in", Operator::in}};
        static constexpr Word ends[] = {{"starts", Operator::starts_with}, {"ends", Operator::ends_with}};
        for (auto const& end : ends)
            if (take_word(end.text)) return take_word("with") ? std::optional(Written{end.op, negated}) : std::nullopt;
        for (auto const& word : words)
            if (take_word(word.text)) return Written{word.op, negated};
        return std::nullopt;
    }

    Part test_of(Column const& column, std::size_t place)
    {
        ++at_;
        auto const& token = here();
        auto const written = read_operator();
        if (!written)
            return refuse(here(), "Here a comparison of '" + column.name + "' is expected, not " + shown(here()) + ".",
                          "Write one of: " + operator_list(column) + ".");
        if (!is_fit_for(written->op, column))
            return refuse(token, fmt::format("'{}' ({}) cannot be compared so.", column.name, to_string(column.type)),
                          "Write one of: " + operator_list(column) + ".");
        Expression made;
        made.kind = Kind::test;
        made.test = {.column = &column, .place = place, .op = written->op, .negated = written->negated, .values = {}};
        if (written->op == Operator::unknown) return made;
        if (written->op == Operator::in) return read_list(made.test) ? Part(std::move(made)) : std::nullopt;
        if (!read_value(made.test)) return std::nullopt;
        return made;
    }

    bool read_value(Test& test)
    {
        auto value = read_literal(*test.column, test.op, tokens_, at_);
        if (auto* const bad = std::get_if<Fault>(&value)) {
            if (!fault_) fault_ = std::move(*bad);
            return false;
        }
        test.values.push_back(std::get<Literal>(std::move(value)));
        return true;
    }

    bool read_list(Test& test)
    {
        if (!take_sign("(")) {
            refuse(here(), "Behind 'in' brackets are expected.", "Write in (one, another).");
            return false;
        }
        do {
            if (test.values.size() == limits::values) {
                refuse(here(), fmt::format("There are more than {} values.", limits::values),
                       "Compare with fewer, or use contains or matches.");
                return false;
            }
            if (!read_value(test)) return false;
        } while (take_sign(","));
        return close();
    }

    std::vector<Token> const tokens_;
    Subject const& subject_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::size_t conditions_ = 0;
    std::optional<Fault> fault_;
};

} // namespace

std::variant<Expression, Fault> parse(std::string_view text, Subject const& subject)
{
    if (text.size() > limits::text_bytes)
        return Fault{.position = 0,
                     .length = 1,
                     .message = fmt::format("The filter is longer than {} bytes.", limits::text_bytes),
                     .remedy = "Shorten it."};
    auto tokens = split_tokens(text);
    if (tokens.fault) return *std::move(tokens.fault);
    return Parser(std::move(tokens.all), subject).run();
}

} // namespace rollcall::filter
