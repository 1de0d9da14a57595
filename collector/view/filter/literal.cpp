#include "collector/view/filter/literal.hpp"

#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "collector/store/fold.hpp"
#include "collector/view/filter/limits.hpp"

namespace rollcall::filter
{

namespace
{

using Read = std::variant<Literal, Fault>;

constexpr std::int64_t second_ms = 1000;
constexpr std::int64_t minute_in_ms = 60 * second_ms;
constexpr std::int64_t day_in_ms = std::int64_t{24} * 60 * minute_in_ms;
/// Nobody asks about a span that is longer.
constexpr double longest_span_ms = 1000.0 * 366 * day_in_ms;

Fault fault_at(Token const& token, std::string message, std::string remedy)
{
    return {
        .position = token.position, .length = token.length, .message = std::move(message), .remedy = std::move(remedy)};
}

std::string named(Column const& column) { return "'" + column.name + "'"; }

bool may_be_value(Token const& token)
{
    if (token.kind == Token::Kind::quoted) return true;
    return token.kind == Token::Kind::bare && !is_keyword(store::fold(token.text));
}

/// A number at the begin of a text; what follows it stays in `rest`.
std::optional<double> leading_number(std::string_view text, std::string_view& rest)
{
    auto const begins = [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    if (text.empty() || !begins(text[0])) return std::nullopt;
    double number = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || !std::isfinite(number)) return std::nullopt;
    rest = text.substr(static_cast<std::size_t>(end - text.data()));
    return number;
}

UnitWord const* find_unit(std::vector<UnitWord> const& words, std::string_view written)
{
    auto const folded = store::fold(written);
    for (auto const& word : words)
        if (store::fold(word.word) == folded) return &word;
    return nullptr;
}

/// "1 day", "2 days": of several words for one thing the first one, but for one of it.
std::string shown_with(double number, UnitWord const& unit, std::vector<UnitWord> const& words)
{
    auto word = unit.word;
    for (auto const& known : words)
        if (known.factor == unit.factor) {
            word = known.word;
            break;
        }
    if (number == 1 && (word == "days" || word == "weeks")) word.remove_suffix(1);
    return fmt::format("{} {}", number, word);
}

std::string list_of(std::vector<UnitWord> const& words)
{
    std::string list;
    for (auto const& word : words)
        list.append(list.empty() ? "" : ", ").append(word.word);
    return list;
}

Read read_number(Column const& column, std::vector<Token> const& tokens, std::size_t& at)
{
    auto const& words = words_of(column.unit);
    auto const remedy = words.empty() ? std::string("Write a number.")
                                      : fmt::format("Write a number, alone ({}) or with one of: {}.",
                                                    wire::to_string(column.unit), list_of(words));
    auto const& token = tokens[at];
    std::string_view rest;
    auto const number = token.kind == Token::Kind::bare ? leading_number(token.text, rest) : std::nullopt;
    if (!number) return fault_at(token, named(column) + " is compared with a number.", remedy);
    ++at;
    UnitWord const* unit = nullptr;
    if (!rest.empty()) {
        unit = find_unit(words, rest);
        if (unit == nullptr) return fault_at(token, fmt::format("'{}' is no unit of {}.", rest, named(column)), remedy);
    } else if (may_be_value(tokens[at]) && tokens[at].kind == Token::Kind::bare) {
        unit = find_unit(words, tokens[at].text);
        if (unit == nullptr)
            return fault_at(tokens[at], fmt::format("'{}' is no unit of {}.", tokens[at].text, named(column)), remedy);
        ++at;
    }
    Literal literal;
    literal.number = unit == nullptr ? *number : *number * unit->factor;
    literal.shown = unit == nullptr ? fmt::format("{}", *number) : shown_with(*number, *unit, words);
    if (!std::isfinite(literal.number)) return fault_at(token, "This number is too large.", remedy);
    return literal;
}

std::optional<int> digits(std::string_view& text, std::size_t count)
{
    if (text.size() < count) return std::nullopt;
    int number = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + count, number);
    if (failure != std::errc() || end != text.data() + count || text[0] == '-') return std::nullopt;
    text.remove_prefix(count);
    return number;
}

bool take(std::string_view& text, char c)
{
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

/// 2026-11-20, 2026-11-20T13:45, 2026-11-20T13:45:10; a Z behind it changes nothing. UTC.
std::optional<std::int64_t> read_moment(std::string_view text)
{
    auto const year = digits(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    auto const month = digits(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    auto const day = digits(text, 2);
    if (!day) return std::nullopt;
    std::chrono::year_month_day const date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    auto ms = std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * day_in_ms;
    if (take(text, 'T') || take(text, ' ')) {
        auto const hour = digits(text, 2);
        if (!hour || !take(text, ':')) return std::nullopt;
        auto const minute = digits(text, 2);
        auto const second = take(text, ':') ? digits(text, 2) : std::optional(0);
        if (!minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
        ms += (*hour * 60 + *minute) * minute_in_ms + *second * second_ms;
    }
    static_cast<void>(take(text, 'Z'));
    return text.empty() ? std::optional(ms) : std::nullopt;
}

std::string shown_moment(std::int64_t ms)
{
    auto const days = ms >= 0 ? ms / day_in_ms : (ms - day_in_ms + 1) / day_in_ms;
    std::chrono::year_month_day const date{std::chrono::sys_days(std::chrono::days(days))};
    auto text = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                            static_cast<unsigned>(date.day()));
    auto const rest = ms - days * day_in_ms;
    if (rest == 0) return text;
    auto const minutes = rest / minute_in_ms;
    text += fmt::format("T{:02}:{:02}", minutes / 60, minutes % 60);
    if (auto const seconds = rest % minute_in_ms / second_ms; seconds != 0) text += fmt::format(":{:02}", seconds);
    return text;
}

Read read_time(Column const& column, std::vector<Token> const& tokens, std::size_t& at)
{
    static constexpr auto remedy = "Write a date in UTC (2026-11-20 or 2026-11-20T13:45), or a span: 3 days ago, 30 "
                                   "days ahead.";
    auto const& token = tokens[at];
    if (token.kind == Token::Kind::bare || token.kind == Token::Kind::quoted)
        if (auto const moment = read_moment(token.text)) {
            ++at;
            Literal literal;
            literal.ms = *moment;
            literal.shown = shown_moment(*moment);
            return literal;
        }
    std::string_view rest;
    auto const number = token.kind == Token::Kind::bare ? leading_number(token.text, rest) : std::nullopt;
    if (!number || *number < 0) return fault_at(token, named(column) + " is compared with a time.", remedy);
    ++at;
    auto const& words = words_of_time();
    bool const apart = rest.empty() && tokens[at].kind == Token::Kind::bare;
    UnitWord const* const unit = find_unit(words, apart ? std::string_view(tokens[at].text) : rest);
    if (unit == nullptr) return fault_at(token, "This span of time has no unit.", remedy);
    if (apart) ++at;
    auto const span_ms = *number * unit->factor;
    if (span_ms > longest_span_ms) return fault_at(token, "This span of time is longer than 1,000 years.", remedy);
    auto const way = tokens[at].kind == Token::Kind::bare ? store::fold(tokens[at].text) : std::string();
    if (way != "ago" && way != "ahead")
        return fault_at(tokens[at], "It must be said whether this span is before or after now.",
                        "Write ago or ahead behind it.");
    ++at;
    Literal literal;
    literal.ms = static_cast<std::int64_t>(span_ms);
    literal.when = way == "ago" ? Literal::When::ago : Literal::When::ahead;
    literal.shown = shown_with(*number, *unit, words) + " " + way;
    return literal;
}

Read read_word(Column const& column, Token const& token)
{
    auto const folded = store::fold(token.text);
    for (std::size_t place = 0; place < column.words.size(); ++place)
        if (store::fold(column.words[place]) == folded) {
            Literal literal;
            literal.number = static_cast<double>(place);
            literal.shown = quoted_where_needed(column.words[place]);
            return literal;
        }
    std::string all;
    for (auto const& word : column.words)
        all.append(all.empty() ? "" : ", ").append(word);
    auto fault = fault_at(token, named(column) + " is never '" + token.text + "'.", "Write one of: " + all + ".");
    std::vector<std::string> lower;
    for (auto const& word : column.words)
        lower.push_back(store::fold(word));
    fault.nearest = nearest_names(token.text, lower);
    return fault;
}

Read read_boolean(Column const& column, Token const& token)
{
    auto const folded = store::fold(token.text);
    if (folded != "true" && folded != "false")
        return fault_at(token, named(column) + " is true, false or unknown.", "Write true or false.");
    Literal literal;
    literal.number = folded == "true" ? 1 : 0;
    literal.shown = folded;
    return literal;
}

} // namespace

std::variant<Literal, Fault> read_literal(Column const& column, Operator op, std::vector<Token> const& tokens,
                                          std::size_t& at)
{
    auto const& token = tokens[at];
    if (!may_be_value(token))
        return fault_at(token, "Here a value is missing that " + named(column) + " is compared with.",
                        "Write one; a word of the language stands between quotes when it is a value.");
    if (token.text.size() > limits::value_bytes)
        return fault_at(token, fmt::format("This value is longer than {} bytes.", limits::value_bytes), "Shorten it.");
    switch (column.type) {
    case Type::number:
        return read_number(column, tokens, at);
    case Type::time:
        return read_time(column, tokens, at);
    case Type::word:
        ++at;
        return read_word(column, token);
    case Type::boolean:
        ++at;
        return read_boolean(column, token);
    case Type::text:
    case Type::version:
        break;
    }
    ++at;
    if (token.text.empty() && op != Operator::equal && op != Operator::in)
        return fault_at(token, "Every text fits an empty one.", "Write some characters between the quotes.");
    Literal literal;
    literal.text = store::fold(token.text);
    literal.shown = quoted_where_needed(token.text);
    return literal;
}

bool fits_pattern(std::string_view text, std::string_view pattern)
{
    std::size_t in_text = 0;
    std::size_t in_pattern = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    while (in_text < text.size()) {
        if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
            star = in_pattern++;
            star_text = in_text;
        } else if (in_pattern < pattern.size() && pattern[in_pattern] == '?') {
            ++in_pattern;
            ++in_text;
            while (in_text < text.size() && (static_cast<unsigned char>(text[in_text]) & 0xC0U) == 0x80U)
                ++in_text;
        } else if (in_pattern < pattern.size() && pattern[in_pattern] == text[in_text]) {
            ++in_pattern;
            ++in_text;
        } else if (star != std::string_view::npos) {
            in_pattern = star + 1;
            in_text = ++star_text;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

} // namespace rollcall::filter
