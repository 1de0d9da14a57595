#include <doctest/doctest.h>

#include "platform/windows/listed_path.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("listed_path: one path a line, each once, whatever the editor ends lines with")
{
    CHECK(listed_paths("").empty());
    CHECK(listed_paths("\xEF\xBB\xBF# mine\r\n\r\n  C:\\b \r\nC:\\a\nC:\\b") ==
          std::vector<std::string>{"C:\\a", "C:\\b"});
    CHECK(listed_paths(" \t\r\n#").empty());
    CHECK(listed_paths(std::string("C:\\a\0b\n", 7)).size() == 1);
}

TEST_CASE("listed_path: only whole paths on a drive of this machine are looked at")
{
    for (auto const* const path : {R"(C:\)", R"(C:\pagefile.sys)", R"(d:/backup/latest.bak)", R"(C:\a b\ü.txt)",
                                   R"(C:\console\nullable.com10)", R"(C:\com\lpt)"})
        CHECK(check_listed_path(path));
    for (auto const* const path : {"",
                                   "a",
                                   R"(\a)",
                                   "C:",
                                   "C:a",
                                   R"(\\server\share\a)",
                                   R"(//server/share)",
                                   R"(\\?\C:\a)",
                                   R"(\\.\C:)",
                                   R"(C:\a:stream)",
                                   R"(C:\*.txt)",
                                   R"(C:\a?)",
                                   R"(C:\nul)",
                                   R"(C:\x\CON.txt\y)",
                                   R"(C:\Aux .log)",
                                   R"(C:\com1)",
                                   R"(C:\LPT9.x)",
                                   "C:\\a\tb",
                                   R"(1:\a)",
                                   R"(\??\C:\a)"}) {
        auto const checked = check_listed_path(path);
        REQUIRE_FALSE(checked);
        CHECK(checked.error().code == errc::bad_input);
    }
    CHECK(check_listed_path("C:\\" + std::string(509, 'x')));
    CHECK_FALSE(check_listed_path("C:\\" + std::string(510, 'x')));
    CHECK_FALSE(check_listed_path(std::string("C:\\a\0b", 6)));
}
