#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rollcall
{

/// Well-formed UTF-8 (RFC 3629)? Overlong forms, surrogates and values past U+10FFFF are not.
[[nodiscard]] bool is_utf8(std::string_view text);

/// The text with every ill-formed byte replaced by U+FFFD and every control character but
/// newline and tab by U+FFFD, cut to `limit_bytes` at a character's border: fit to travel and to be shown.
[[nodiscard]] std::string clean_text(std::string_view text, std::size_t limit_bytes = 4096);

/// Characters, not bytes, of well-formed UTF-8.
[[nodiscard]] std::size_t count_characters(std::string_view text);

} // namespace rollcall
