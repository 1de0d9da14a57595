#include "platform/windows/text.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace rollcall::platform
{
namespace
{
constexpr std::uint32_t stands_for_no_character = 0xFFFD;

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }

bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

void append_utf8(std::string& text, std::uint32_t character)
{
    if (character < 0x80) {
        text.push_back(static_cast<char>(character));
    } else if (character < 0x800) {
        text.push_back(static_cast<char>(0xC0 | (character >> 6)));
        text.push_back(static_cast<char>(0x80 | (character & 0x3F)));
    } else if (character < 0x10000) {
        text.push_back(static_cast<char>(0xE0 | (character >> 12)));
        text.push_back(static_cast<char>(0x80 | ((character >> 6) & 0x3F)));
        text.push_back(static_cast<char>(0x80 | (character & 0x3F)));
    } else {
        text.push_back(static_cast<char>(0xF0 | (character >> 18)));
        text.push_back(static_cast<char>(0x80 | ((character >> 12) & 0x3F)));
        text.push_back(static_cast<char>(0x80 | ((character >> 6) & 0x3F)));
        text.push_back(static_cast<char>(0x80 | (character & 0x3F)));
    }
}

void append_utf16(std::wstring& text, std::uint32_t character)
{
    if (character < 0x10000) {
        text.push_back(static_cast<wchar_t>(character));
    } else {
        text.push_back(static_cast<wchar_t>(0xD800 + ((character - 0x10000) >> 10)));
        text.push_back(static_cast<wchar_t>(0xDC00 + ((character - 0x10000) & 0x3FF)));
    }
}

/// Bytes of the character that `lead` starts; 0 where it starts none.
std::size_t length_by_lead(unsigned char lead)
{
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead < 0xE0) {
        return 2;
    }
    if (lead >= 0xE0 && lead < 0xF0) {
        return 3;
    }
    return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

/// The character at the start of `text`, or nothing well-formed (RFC 3629): then `length` is 0.
std::uint32_t decode_utf8(std::string_view text, std::size_t& length)
{
    auto const lead = static_cast<unsigned char>(text.front());
    length = length_by_lead(lead);
    if (length <= 1) {
        return lead;
    }
    if (text.size() < length) {
        length = 0;
        return 0;
    }
    auto character = static_cast<std::uint32_t>(lead & (0xFF >> (length + 1)));
    for (std::size_t at = 1; at < length; ++at) {
        auto const byte = static_cast<unsigned char>(text[at]);
        if ((byte & 0xC0) != 0x80) {
            length = 0;
            return 0;
        }
        character = (character << 6) | (byte & 0x3FU);
    }
    auto const overlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
    auto const surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (overlong || surrogate || character > 0x10FFFF) {
        length = 0;
        return 0;
    }
    return character;
}

/// Without its sign, where it has one.
std::uint32_t unit_of(wchar_t unit) { return static_cast<std::make_unsigned_t<wchar_t>>(unit); }

} // namespace

std::string utf8(std::wstring_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto const unit = unit_of(text[at]);
        if (is_high_surrogate(unit) && at + 1 < text.size() && is_low_surrogate(unit_of(text[at + 1]))) {
            auto const low = unit_of(text[at + 1]);
            append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
            ++at;
        } else if (is_high_surrogate(unit) || is_low_surrogate(unit) || unit > 0x10FFFF) {
            append_utf8(out, stands_for_no_character);
        } else {
            append_utf8(out, unit);
        }
    }
    return out;
}

std::wstring utf16(std::string_view text)
{
    std::wstring out;
    out.reserve(text.size());
    while (!text.empty()) {
        std::size_t length = 0;
        auto const character = decode_utf8(text, length);
        append_utf16(out, length == 0 ? stands_for_no_character : character);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

} // namespace rollcall::platform
