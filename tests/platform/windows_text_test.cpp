#include "platform/windows/text.hpp"

#include <doctest/doctest.h>

using namespace rollcall::platform;

TEST_CASE("windows text: what is well-formed comes back as it was")
{
    for (std::string const text : {"", "plain", "Grüße", "日本語", "🖥️ ok", "a\x7f\xc2\x80"}) {
        CAPTURE(text);
        CHECK(utf8(utf16(text)) == text);
    }
    CHECK(utf16("\xF0\x9F\x96\xA5").size() == 2); // A pair of surrogates.
}

TEST_CASE("windows text: a surrogate alone becomes the replacement character, and hides nothing after it")
{
    static std::string const replaced = "\xEF\xBF\xBD";
    CHECK(utf8(std::wstring{wchar_t{0xD800}}) == replaced);
    CHECK(utf8(std::wstring{wchar_t{0xDC00}, L'a'}) == replaced + "a");
    CHECK(utf8(std::wstring{wchar_t{0xD800}, L'a'}) == replaced + "a");
    CHECK(utf8(std::wstring{wchar_t{0xD800}, wchar_t{0xD83D}, wchar_t{0xDDA5}}) == replaced + "\xF0\x9F\x96\xA5");
}

TEST_CASE("windows text: bytes that are no UTF-8 become replacement characters")
{
    auto const replaced = std::wstring{wchar_t{0xFFFD}};
    CHECK(utf16("\x80") == replaced);
    CHECK(utf16("\xC0\xAF") == replaced + replaced);                // Overlong.
    CHECK(utf16("\xED\xA0\x80") == replaced + replaced + replaced); // A surrogate.
    CHECK(utf16("\xE2\x82") == replaced + replaced);                // Breaks off.
    CHECK(utf16("a\xFF"
                "b") == L"a" + replaced + L"b");
    CHECK(utf16("\xF4\x90\x80\x80").size() == 4); // Past U+10FFFF.
}

TEST_CASE("windows text: a field of a fixed size ends at its NUL, or at its end")
{
    CHECK(until_nul(std::wstring_view(L"ab\0cd", 5)) == L"ab");
    CHECK(until_nul(L"abc") == L"abc");
    CHECK(until_nul(L"").empty());
}
