#include <doctest/doctest.h>

#include <string>

#include "collector/client/table.hpp"
#include "collector/client/text.hpp"

using namespace rollcall::client;

TEST_CASE("text: nothing that a terminal obeys is left in what is shown")
{
    CHECK(shown("srv-1") == "srv-1");
    CHECK(shown("\x1b[2Jgone") == "\\x1b[2Jgone");
    CHECK(shown("a\nb\tc\r") == "a\\x0ab\\x09c\\x0d");
    CHECK(shown("a\nb\x1b", true) == "a\nb\\x1b");
    CHECK(shown("\xc2\x9b"
                "31m") == "\\u009b31m");
    CHECK(shown("\x7f") == "\\x7f");
    CHECK(shown("\xe2\x80\xae"
                "exe.txt") == "\\u202eexe.txt");
    CHECK(shown("\xff\xfe") == "\\xff\\xfe");
    CHECK(shown("cut \xe2\x82") == "cut \\xe2\\x82");
    CHECK(shown("Bücher 東京") == "Bücher 東京");
}

TEST_CASE("text: JSON says the same with characters escaped that a terminal would obey")
{
    CHECK(shown_json("{\"a\":\"\xc2\x9b\x7f\"}") == "{\"a\":\"\\u009b\\u007f\"}");
    CHECK(shown_json("{\"a\":\"é\"}") == "{\"a\":\"é\"}");
}

TEST_CASE("text: widths are those of a terminal, and what does not fit ends with an ellipsis")
{
    CHECK(display_width("abc") == 3);
    CHECK(display_width("東京") == 4);
    CHECK(display_width("e\xcc\x81") == 1);
    CHECK(fitted("abc", 5) == "abc  ");
    CHECK(fitted("7", 3, true) == "  7");
    CHECK(fitted("abcdef", 4) == "abc…");
    CHECK(display_width(fitted("東京都", 4)) == 4);
    CHECK(fitted("東京都", 4) == "東… ");
    CHECK(fitted("abc", 0).empty());
}

TEST_CASE("text: times are UTC, in ISO 8601")
{
    CHECK(iso_time(0) == "1970-01-01T00:00:00Z");
    CHECK(iso_time(1'795'437'545'999) == "2026-11-23T12:39:05Z");
    CHECK(iso_time(-1) == "1969-12-31T23:59:59Z");
}

TEST_CASE("table: columns are as wide as what is in them, numbers at the right")
{
    auto const text = table({{"NAME"}, {"ALERTS", true}}, {{"a", "7"}, {"long name", "12"}}, 0);
    CHECK(text == "NAME       ALERTS\n"
                  "a               7\n"
                  "long name      12\n");
}

TEST_CASE("table: on a narrow terminal the widest column gives way, and no line is longer than it")
{
    auto const text = table({{"NAME"}, {"TITLE"}}, {{"srv-1", std::string(80, 'x')}}, 30);
    CHECK(text.find("srv-1  ") != std::string::npos);
    CHECK(text.find("…") != std::string::npos);
    for (std::size_t at = 0; at < text.size();) {
        auto const end = text.find('\n', at);
        CHECK(display_width(text.substr(at, end - at)) <= 30);
        at = end + 1;
    }
}

TEST_CASE("table: an id is never cut, since nothing can be done with the half of one")
{
    std::string const id = "0190163d-8694-739b-aea5-966c26f8ad91";
    auto const text = table({{"ID", false, true}, {"TITLE"}}, {{id, std::string(80, 'x')}}, 30);
    CHECK(text.find(id) != std::string::npos);
    CHECK(text.find("xxxxx…") != std::string::npos);
}

TEST_CASE("table: a cell cannot begin a line of its own")
{
    auto const text = table({{"NAME"}}, {{"a\nb"}, {"\x1b]0;title\x07"}}, 0);
    CHECK(text == "NAME\na\\x0ab\n\\x1b]0;title\\x07\n");
}
