#include "agent/uplink/clock_due.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "common/core/clock.hpp"

using namespace rollcall;
using uplink::clock_due;

using Steady = std::chrono::steady_clock;

TEST_CASE("clock due: after a silence, and every minute whatever else is said")
{
    Steady::time_point const start{1000s};
    CHECK(clock_due(start, start, std::nullopt, 20s) == start + 20s);
    CHECK(clock_due(start + 50s, start, std::nullopt, 20s) == start + 60s);
    CHECK(clock_due(start + 50s, start + 45s, std::nullopt, 20s) == start + 70s);
}

TEST_CASE("clock due: a clock that was set is told two more times soon, however much else is said")
{
    Steady::time_point const start{1000s};
    std::vector<std::chrono::milliseconds> told;
    // It was told as soon as it was set; each time takes a moment. Something else is always just being sent.
    auto at = start + 3ms;
    for (int i = 0; i < 4; ++i) {
        auto const due = clock_due(at + 1h, at, start, 20s);
        told.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(due - at));
        at = due + 3ms;
    }
    CHECK(told == std::vector<std::chrono::milliseconds>{20s, 20s, 60s, 60s});
    // A heartbeat that is longer than that changes nothing.
    CHECK(clock_due(start, start, start, 10min) == start + 60s);
}
