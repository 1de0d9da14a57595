#pragma once

#include <string>
#include <string_view>

namespace rollcall::platform
{

/// UTF-16 as Windows gives it → UTF-8. A lone surrogate becomes U+FFFD: file names and registry values may hold them.
[[nodiscard]] std::string utf8(std::wstring_view text);

/// UTF-8 → UTF-16. Every ill-formed byte becomes U+FFFD.
[[nodiscard]] std::wstring utf16(std::string_view text);

/// What stands before the first NUL: for fields of a fixed size, which need not have one.
[[nodiscard]] constexpr std::wstring_view until_nul(std::wstring_view field)
{
    return field.substr(0, field.find(L'\0'));
}

} // namespace rollcall::platform
