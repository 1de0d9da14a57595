#include <doctest/doctest.h>

#include "collector/pipeline/clock_offset.hpp"

using namespace rollcall;
using namespace rollcall::pipeline;

TEST_CASE("clock_offset: of the last measurements the greatest counts, since a frame is only read too late")
{
    ClockOffset offset;
    CHECK(offset.ms() == 0);
    CHECK(offset.measure(-40) == -40);
    CHECK(offset.measure(-10) == -10);
    CHECK(offset.measure(-30) == -10);
    CHECK(offset.measure(-30) == -10);
    CHECK(offset.measure(-30) == -30); // -10 is three frames ago.
    CHECK(offset.ms() == -30);
}

TEST_CASE("clock_offset: a clock that was set back counts at once, and forward too")
{
    ClockOffset offset;
    offset.measure(0);
    CHECK(offset.measure(-3'600'000) == -3'600'000);
    CHECK(offset.measure(3'600'000) == 3'600'000);
}

TEST_CASE("clock_offset: what is within the limit is not told")
{
    CHECK_FALSE(beyond_limit(0));
    CHECK_FALSE(beyond_limit(1));
    CHECK(beyond_limit(3'600'000) == 3'600'000);
    CHECK(beyond_limit(-3'600'000) == -3'600'000);
}
