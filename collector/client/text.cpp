#include "collector/client/text.hpp"

#include <clocale>
#include <cstdio>
#include <cwchar>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "common/core/text.hpp"

namespace rollcall::client
{

namespace
{

/// A character and how many bytes it has; 0 bytes of an ill-formed one.
struct Character {
    char32_t code = 0;
    std::size_t bytes = 0;
};

Character first_of(std::string_view text)
{
    auto const lead = static_cast<unsigned char>(text.front());
    std::size_t const bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    auto const sequence = text.substr(0, bytes);
    if (sequence.size() < bytes || !is_utf8(sequence)) return {.code = lead, .bytes = 0};
    char32_t code = bytes == 1 ? lead : lead & (0x7FU >> bytes);
    for (std::size_t at = 1; at < bytes; ++at)
        code = (code << 6U) | (static_cast<unsigned char>(sequence[at]) & 0x3FU);
    return {.code = code, .bytes = bytes};
}

/// Characters beyond ASCII that a terminal obeys, or that turn the order in which a line is read.
bool is_treacherous(char32_t code)
{
    return (code >= 0x80 && code < 0xA0) || code == 0x061C || code == 0x200E || code == 0x200F || code == 0x2028 ||
           code == 0x2029 || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::size_t width_of(char32_t code)
{
    if (code < 0x7F) return 1;
    // Whatever the user's locale is: what we print is UTF-8.
    static auto* const utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (utf8 == nullptr) return 1;
    auto* const before = ::uselocale(utf8);
    auto const width = ::wcwidth(static_cast<wchar_t>(code));
    ::uselocale(before);
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

} // namespace

std::string shown(std::string_view text, bool keep_lines)
{
    std::string made;
    made.reserve(text.size());
    while (!text.empty()) {
        auto const [code, bytes] = first_of(text);
        if (bytes == 0)
            made += fmt::format("\\x{:02x}", static_cast<unsigned>(code));
        else if (keep_lines && (code == '\n' || code == '\t'))
            made += static_cast<char>(code);
        else if (code < 0x20 || code == 0x7F)
            made += fmt::format("\\x{:02x}", static_cast<unsigned>(code));
        else if (is_treacherous(code))
            made += fmt::format("\\u{:04x}", static_cast<unsigned>(code));
        else
            made += text.substr(0, bytes);
        text.remove_prefix(bytes == 0 ? 1 : bytes);
    }
    return made;
}

std::string shown_json(std::string_view json)
{
    std::string made;
    made.reserve(json.size());
    while (!json.empty()) {
        auto const [code, bytes] = first_of(json);
        if (bytes == 0)
            made += "\\ufffd";
        else if (code == 0x7F || is_treacherous(code))
            made += fmt::format("\\u{:04x}", static_cast<unsigned>(code));
        else
            made += json.substr(0, bytes);
        json.remove_prefix(bytes == 0 ? 1 : bytes);
    }
    return made;
}

std::size_t display_width(std::string_view text)
{
    std::size_t width = 0;
    while (!text.empty()) {
        auto const [code, bytes] = first_of(text);
        width += width_of(code);
        text.remove_prefix(bytes == 0 ? 1 : bytes);
    }
    return width;
}

std::string fitted(std::string_view text, std::size_t width, bool to_the_right)
{
    auto const whole = display_width(text);
    if (whole <= width) {
        std::string const blanks(width - whole, ' ');
        return to_the_right ? blanks + std::string(text) : std::string(text) + blanks;
    }
    if (width == 0) return {};
    std::string made;
    std::size_t taken = 0;
    while (!text.empty()) {
        auto const [code, bytes] = first_of(text);
        auto const more = width_of(code);
        if (taken + more + 1 > width) break;
        made += text.substr(0, bytes == 0 ? 1 : bytes);
        taken += more;
        text.remove_prefix(bytes == 0 ? 1 : bytes);
    }
    made += "\u2026";
    return made + std::string(width - taken - 1, ' ');
}

std::string iso_time(std::int64_t unix_ms)
{
    auto const seconds = unix_ms / 1000 - (unix_ms % 1000 < 0 ? 1 : 0);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

} // namespace rollcall::client
