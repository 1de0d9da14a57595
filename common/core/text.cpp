#include "common/core/text.hpp"

#include <algorithm>
#include <cstdint>

namespace rollcall
{

/// Length in bytes of the well-formed character at the start of `text`, 0 where there is none (RFC 3629 §4).
static std::size_t character_at(std::string_view text)
{
    auto const byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    auto const tail = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    auto const lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
    if (lead == 0xE0) return tail(1, 0xA0) && tail(2) ? 3 : 0;
    if (lead == 0xED) return tail(1, 0x80, 0x9F) && tail(2) ? 3 : 0;
    if (lead >= 0xE1 && lead <= 0xEF) return tail(1) && tail(2) ? 3 : 0;
    if (lead == 0xF0) return tail(1, 0x90) && tail(2) && tail(3) ? 4 : 0;
    if (lead >= 0xF1 && lead <= 0xF3) return tail(1) && tail(2) && tail(3) ? 4 : 0;
    if (lead == 0xF4) return tail(1, 0x80, 0x8F) && tail(2) && tail(3) ? 4 : 0;
    return 0;
}

bool is_utf8(std::string_view text)
{
    while (!text.empty()) {
        auto const size = character_at(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string clean_text(std::string_view text, std::size_t limit_bytes)
{
    static constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD
    std::string clean;
    clean.reserve(std::min(text.size(), limit_bytes));
    while (!text.empty()) {
        auto const size = character_at(text);
        auto piece = text.substr(0, std::max<std::size_t>(size, 1));
        text.remove_prefix(piece.size());
        auto const lead = static_cast<std::uint8_t>(piece[0]);
        bool const control = size == 1 && (lead < 0x20 || lead == 0x7F) && lead != '\n' && lead != '\t';
        bool const control_c1 = size == 2 && lead == 0xC2 && static_cast<std::uint8_t>(piece[1]) < 0xA0;
        if (size == 0 || control || control_c1) piece = replacement;
        if (clean.size() + piece.size() > limit_bytes) break;
        clean += piece;
    }
    return clean;
}

std::size_t count_characters(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0U) != 0x80U; }));
}

} // namespace rollcall
