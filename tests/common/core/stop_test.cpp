#include <doctest/doctest.h>

#include <thread>

#include "common/core/stop.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

TEST_CASE("stop: who waits is woken at once, and a wish stays one")
{
    Stop stop;
    CHECK_FALSE(stop.wait_for(1ms));
    std::thread wishing([&stop] { stop.request(); });
    CHECK(stop.wait_for(1h));
    wishing.join();
    stop.request();
    CHECK(stop.requested());
    CHECK(stop.wait_for(0ms));
}

TEST_CASE("stop: a watcher hears it once, one that comes late at once, and one that is gone never")
{
    Stop stop;
    int heard = 0;
    {
        Stop::Watch const gone(stop, [&heard] { heard += 100; });
    }
    {
        Stop::Watch const watch(stop, [&heard] { ++heard; });
        stop.request();
        stop.request();
        CHECK(heard == 1);
    }
    Stop::Watch const late(stop, [&heard] { ++heard; });
    CHECK(heard == 2);
}
