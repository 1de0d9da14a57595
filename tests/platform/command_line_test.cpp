#include <random>

#include <doctest/doctest.h>

#include "platform/windows/command_line.hpp"

using namespace rollcall::platform;

namespace
{

/// What CommandLineToArgvW is documented to do, written down a second time: the other way round.
std::vector<std::wstring> split(std::wstring_view line)
{
    std::vector<std::wstring> words;
    std::size_t at = 0;
    // The program: up to the next quote where it begins with one; no backslash means anything.
    if (line.starts_with(L'"')) {
        auto const end = line.find(L'"', 1);
        words.emplace_back(line.substr(1, end - 1));
        at = end + 1;
    }
    auto const is_blank = [](wchar_t one) { return one == L' ' || one == L'\t'; };
    while (at < line.size()) {
        while (at < line.size() && is_blank(line[at]))
            ++at;
        if (at == line.size()) break;
        std::wstring word;
        bool quoted = false;
        while (at < line.size() && (quoted || !is_blank(line[at]))) {
            std::size_t backslashes = 0;
            while (at < line.size() && line[at] == L'\\') {
                ++backslashes;
                ++at;
            }
            bool const before_quote = at < line.size() && line[at] == L'"';
            word.append(before_quote ? backslashes / 2 : backslashes, L'\\');
            if (!before_quote) {
                if (at < line.size() && (quoted || !is_blank(line[at]))) word += line[at++];
                continue;
            }
            if (backslashes % 2 == 1)
                word += L'"';
            else if (quoted && at + 1 < line.size() && line[at + 1] == L'"')
                word += line[at++];
            else
                quoted = !quoted;
            ++at;
        }
        words.push_back(word);
    }
    return words;
}

} // namespace

TEST_CASE("command_line: the arguments that Windows splits are those that were joined")
{
    CHECK(command_line({L"C:\\a b\\c.exe"}) == L"\"C:\\a b\\c.exe\"");
    CHECK(command_line({L"c.exe", L"plain", L"a b", L"", L"-x=\"y\""}) == LR"("c.exe" plain "a b" "" "-x=\"y\"")");
    // Backslashes count only before a quote.
    CHECK(command_line({L"c.exe", LR"(C:\dir\)", LR"(C:\a dir\)", LR"(\\"\)"}) ==
          LR"("c.exe" C:\dir\ "C:\a dir\\" "\\\\\"\\")");
    std::mt19937 random(20261122);
    static constexpr std::wstring_view letters = L"ab \t\"\\\\\\\"\n%^&|";
    for (int turn = 0; turn < 20'000; ++turn) {
        std::vector<std::wstring> words = {LR"(C:\Program Files\x\)"};
        for (auto count = random() % 4; count > 0; --count) {
            std::wstring word;
            for (auto size = random() % 8; size > 0; --size)
                word += letters[random() % letters.size()];
            words.push_back(word);
        }
        CHECK(split(command_line(words)) == words);
        CHECK(split_command_line(command_line(words)) == words);
    }
}

TEST_CASE("command_line: a line is split as the C runtime splits it")
{
    using Words = std::vector<std::wstring>;
    auto const after_program = [](std::wstring const& line) {
        auto words = split_command_line(L"c.exe " + line);
        words.erase(words.begin());
        return words;
    };
    // The examples of Microsoft's documentation.
    CHECK(after_program(LR"("a b c" d e)") == Words{L"a b c", L"d", L"e"});
    CHECK(after_program(LR"("ab\"c" "\\" d)") == Words{L"ab\"c", L"\\", L"d"});
    CHECK(after_program(LR"(a\\\b d"e f"g h)") == Words{LR"(a\\\b)", L"de fg", L"h"});
    CHECK(after_program(LR"(a\\\"b c d)") == Words{LR"(a\"b)", L"c", L"d"});
    CHECK(after_program(LR"(a\\\\"b c" d e)") == Words{LR"(a\\b c)", L"d", L"e"});
    CHECK(after_program(LR"(a"b"" c d)") == Words{LR"(ab" c d)"});

    CHECK(split_command_line(L"").empty());
    CHECK(split_command_line(L"\"") == Words{L""});
    CHECK(split_command_line(L"c.exe \t ") == Words{L"c.exe"});
    CHECK(split_command_line(LR"("C:\a b\c.exe" \)") == Words{LR"(C:\a b\c.exe)", L"\\"});
    CHECK(after_program(L"\"") == Words{L""});
    CHECK(after_program(std::wstring(30'000, L'\\')).front().size() == 30'000);
}

TEST_CASE("command_line: only a whole path or a bare name is a program")
{
    CHECK(classify_program("ipconfig") == ProgramName::bare);
    CHECK(classify_program("ipconfig.exe") == ProgramName::bare);
    CHECK(classify_program(R"(C:\Windows\System32\cmd.exe)") == ProgramName::absolute);
    CHECK(classify_program("c:/windows/cmd.exe") == ProgramName::absolute);
    CHECK(classify_program(R"(\\?\C:\x.exe)") == ProgramName::absolute);
    for (auto const* const name :
         {R"(.\x.exe)", R"(..\x.exe)", R"(\x.exe)", R"(\\server\share\x.exe)", "C:x.exe", "a/b"})
        CHECK(classify_program(name) == ProgramName::relative);
}

TEST_CASE("command_line: batch files are refused however they are spelled, for a shell would read their arguments")
{
    for (auto const* const name :
         {"x.bat", "x.CMD", R"(C:\x.Bat)", "x.bat.", "x.bat . .", R"(C:\a\x.cmd  )", R"(\\?\C:\x.bat)"})
        CHECK(classify_program(name) == ProgramName::script);
    CHECK(classify_program("x.batch") == ProgramName::bare);
}

TEST_CASE("command_line: what no file is named is no program")
{
    for (auto const* const name :
         {"", ".", "...", "a\"b", "a*", "a\nb", R"(C:\x.exe:stream)", R"(\\?\x.exe)", R"(\\?\UNC\server\x.exe)"})
        CHECK(classify_program(name) == ProgramName::unusable);
}

TEST_CASE("command_line: an environment ends with an empty variable")
{
    CHECK(environment_block({L"A=1", L"B=2"}) == std::wstring(L"A=1\0B=2\0\0", 9));
    CHECK(environment_block({}) == std::wstring(2, L'\0'));
}
