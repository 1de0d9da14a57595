#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/core/compare_versions.hpp"

using namespace rollcall;

TEST_CASE("versions: they are compared by number, not by letter")
{
    CHECK(compare_versions("6.1.0-9", "6.1.0-28") < 0);
    CHECK(compare_versions("6.10.2", "6.9.9") > 0);
    CHECK(compare_versions("6.1.0-28", "6.1.0-28") == 0);
    CHECK(compare_versions("6.1.0~rc7", "6.1.0") < 0);
    CHECK(compare_versions("6.1.007", "6.1.7") == 0);
    CHECK(compare_versions("", "1") < 0);
    CHECK(compare_versions("5.14.0-503.11.1.el9", "5.14.0-503.9.1.el9") > 0);
    CHECK(compare_versions("1.99999999999999999999999999", "1.99999999999999999999999998") > 0);
}

TEST_CASE("versions: comparing stays an order, whatever the text")
{
    std::vector<std::string> const names = {"1", "1~", "1a", "1.0", "1-", "a", "~", "", "1.a", "10", "1..2", "\xff"};
    for (auto const& a : names) {
        CHECK(compare_versions(a, a) == 0);
        for (auto const& b : names)
            CHECK((compare_versions(a, b) < 0) == (compare_versions(b, a) > 0));
    }
}
