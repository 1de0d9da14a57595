#include "collector/store/fold.hpp"

#include <algorithm>
#include <cstdint>

namespace rollcall::store
{

/// The small letter of a letter of two bytes in UTF-8 (U+0080 to U+07FF).
static std::uint32_t small_letter(std::uint32_t point)
{
    if (point >= 0xC0 && point <= 0xDE && point != 0xD7) return point + 0x20;        // Latin-1
    if (point >= 0x100 && point <= 0x137 && point != 0x130) return point | 1U;       // Latin Extended-A
    if (point >= 0x139 && point <= 0x148) return point % 2 == 1 ? point + 1 : point; // L with acute to N with caron
    if (point >= 0x14A && point <= 0x177) return point | 1U;                         // Eng to Y with circumflex
    if (point >= 0x179 && point <= 0x17E) return point % 2 == 1 ? point + 1 : point; // Z with accents
    if (point >= 0x391 && point <= 0x3A9 && point != 0x3A2) return point + 0x20;     // Greek
    if (point >= 0x410 && point <= 0x42F) return point + 0x20;                       // Cyrillic
    if (point >= 0x400 && point <= 0x40F) return point + 0x50;                       // Cyrillic, extensions
    return point;
}

std::string fold(std::string_view text)
{
    std::string folded;
    folded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const lead = static_cast<std::uint8_t>(text[i]);
        if (lead >= 'A' && lead <= 'Z') {
            folded += static_cast<char>(lead + 0x20);
        } else if (lead >= 0xC2 && lead <= 0xDF && i + 1 < text.size() &&
                   (static_cast<std::uint8_t>(text[i + 1]) & 0xC0U) == 0x80U) {
            auto const tail = static_cast<std::uint8_t>(text[++i]);
            auto const point = small_letter((lead & 0x1FU) << 6U | (tail & 0x3FU));
            folded += static_cast<char>(0xC0U | (point >> 6U));
            folded += static_cast<char>(0x80U | (point & 0x3FU));
        } else {
            folded += text[i];
        }
    }
    return folded;
}

bool contains_folded(std::string_view text, std::string_view sought_folded)
{
    return sought_folded.empty() || fold(text).find(sought_folded) != std::string::npos;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string natural_key(std::string_view text)
{
    auto const folded = fold(text);
    std::string key;
    key.reserve(folded.size() + 4);
    for (std::size_t i = 0; i < folded.size() && key.size() < natural_key_bytes;) {
        if (!is_digit(folded[i])) {
            key += folded[i++];
            continue;
        }
        auto end = i;
        while (end < folded.size() && is_digit(folded[end]))
            ++end;
        while (i + 1 < end && folded[i] == '0')
            ++i;
        // '0' keeps numbers where digits stand; then a longer number is a greater one.
        key += '0';
        key += static_cast<char>(std::min<std::size_t>(end - i, 255));
        key.append(folded, i, end - i);
        i = end;
    }
    if (key.size() > natural_key_bytes) key.resize(natural_key_bytes);
    return key;
}

} // namespace rollcall::store
