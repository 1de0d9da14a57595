#include <doctest/doctest.h>

#include "collector/pipeline/throttle.hpp"

using namespace rollcall;
using namespace rollcall::pipeline;

TEST_CASE("throttle: reading stops at the limit and goes on once, at half of it")
{
    Throttle throttle;
    int resumed = 0;
    auto const resume = [&] { ++resumed; };
    for (std::size_t i = 1; i < Throttle::most; ++i)
        REQUIRE(throttle.enter(resume));
    CHECK_FALSE(throttle.enter(resume));
    for (std::size_t i = Throttle::most - 1; i > Throttle::most / 2; --i)
        throttle.leave();
    CHECK(resumed == 0);
    throttle.leave();
    CHECK(resumed == 1);
    for (std::size_t i = Throttle::most / 2; i > 0; --i)
        throttle.leave();
    CHECK(resumed == 1);
    CHECK(throttle.enter(resume));
}
