#include "collector/view/filter/tokens.hpp"

#include <algorithm>
#include <array>

#include "collector/store/fold.hpp"
#include "common/core/text.hpp"

namespace rollcall::filter
{

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static bool ends_bare(char c)
{
    return is_blank(c) || std::string_view("(),=!<>\"'").find(c) != std::string_view::npos;
}

/// Reads what stands between quotes; nothing where the closing one is missing. `at` is moved behind it.
static std::optional<std::string> read_quoted(std::string_view text, std::size_t& at)
{
    auto const quote = text[at++];
    std::string value;
    for (; at < text.size(); ++at) {
        if (text[at] == quote) {
            ++at;
            return value;
        }
        bool const escapes =
            text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == quote || text[at + 1] == '\\');
        if (escapes) ++at;
        value += text[at];
    }
    return std::nullopt;
}

Tokens split_tokens(std::string_view text)
{
    Tokens tokens;
    std::size_t at = 0;
    std::size_t counted = 0;
    std::size_t characters = 0;
    // Asked from left to right only, so that each character is counted once.
    auto const place = [&](std::size_t until) {
        characters += count_characters(text.substr(counted, until - counted));
        counted = until;
        return characters;
    };
    for (;;) {
        while (at < text.size() && is_blank(text[at]))
            ++at;
        auto const begin = at;
        Token token{.kind = Token::Kind::end, .text = {}, .position = place(begin)};
        if (at == text.size()) {
            tokens.all.push_back(std::move(token));
            return tokens;
        }
        if (text[at] == '"' || text[at] == '\'') {
            auto value = read_quoted(text, at);
            if (!value) {
                tokens.fault = Fault{.position = token.position,
                                     .length = 1,
                                     .message = "This quote is never closed.",
                                     .remedy = "Put the same quote behind the text."};
                return tokens;
            }
            token.kind = Token::Kind::quoted;
            token.text = *std::move(value);
        } else if (ends_bare(text[at])) {
            bool const is_two = text.substr(at, 2) == "!=" || text.substr(at, 2) == "<=" || text.substr(at, 2) == ">=";
            token.kind = Token::Kind::sign;
            token.text = text.substr(at, is_two ? 2 : 1);
            at += token.text.size();
            if (token.text == "!") {
                tokens.fault = Fault{.position = token.position,
                                     .length = 1,
                                     .message = "'!' stands alone.",
                                     .remedy = "Write !=, or the word not."};
                return tokens;
            }
        } else {
            while (at < text.size() && !ends_bare(text[at]))
                ++at;
            token.kind = Token::Kind::bare;
            token.text = text.substr(begin, at - begin);
        }
        token.length = place(at) - token.position;
        tokens.all.push_back(std::move(token));
    }
}

bool is_keyword(std::string_view folded)
{
    static constexpr std::array<std::string_view, 13> words{
        "and", "or", "not", "is", "in", "contains", "starts", "ends", "with", "matches", "unknown", "all", "count"};
    return std::ranges::find(words, folded) != words.end();
}

bool is_bare_text(std::string_view text)
{
    return !text.empty() && std::ranges::none_of(text, ends_bare) && !is_keyword(store::fold(text));
}

std::string quoted_where_needed(std::string_view text)
{
    if (is_bare_text(text)) return std::string(text);
    std::string quoted = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted += '"';
}

} // namespace rollcall::filter
