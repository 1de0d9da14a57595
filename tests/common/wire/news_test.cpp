#include <doctest/doctest.h>

#include "common/wire/news.hpp"

using namespace rollcall;
using wire::is_news;

TEST_CASE("news: a value that became another one, where both are known and the column is not one that always changes")
{
    auto const& probe = *wire::find_probe("services");
    Row const before{{"state", "running"}, {"since_ms", 1}, {"expected", unknown(errc::timed_out)}, {"newer", "a"}};
    CHECK_FALSE(is_news(probe, before, before));
    CHECK_FALSE(is_news(probe, before, Row{}));
    CHECK_FALSE(is_news(probe, Row{}, before));
    CHECK_FALSE(is_news(probe, before, Row{{"state", "running"}, {"since_ms", 2}, {"expected", true}, {"newer", "b"}}));
    CHECK_FALSE(is_news(probe, before, Row{{"state", unknown(errc::permission_denied)}}));
    Row const after{{"state", "failed"}, {"since_ms", 2}};
    CHECK(is_news(probe, before, after));
    CHECK(is_news(probe, "state", before, after));
    CHECK_FALSE(is_news(probe, "since_ms", before, after));
    CHECK_FALSE(is_news(probe, "no_such_column", before, after));
}
