#include <doctest/doctest.h>

#include "common/core/age_clock.hpp"

using namespace rollcall;

static constexpr UnixMs day_ms = 24LL * 3600 * 1000;
static UnixMs days(std::int64_t count) { return count * day_ms; }

TEST_CASE("age clock: it goes with the time, also over a weekend")
{
    auto clock = first_look(1000, 5000);
    CHECK(clock.trusted_ms == 5000);
    for (UnixMs now = 5000; now < days(400); now += day_ms)
        clock = observe(clock, now);
    CHECK(clock.trusted_ms > days(399));
    CHECK_FALSE(is_ahead(clock));
    CHECK(observe(clock, clock.seen_ms + days(2)).trusted_ms == clock.seen_ms + days(2));
}

TEST_CASE("age clock: an office that switches off from Friday evening to Monday morning is no leap, week after week")
{
    constexpr UnixMs an_hour_ms = day_ms / 24;
    auto clock = first_look(days(1000), days(1000));
    for (UnixMs monday = days(1000); monday < days(1365); monday += days(7)) {
        for (UnixMs now = monday; now < monday + days(7) - 62 * an_hour_ms; now += an_hour_ms)
            clock = observe(clock, now);
        CHECK_FALSE(is_ahead(clock));
    }
    CHECK(clock.trusted_ms > days(1355));
}

TEST_CASE("age clock: a leap ahead is believed after a week without another one, a leap back at once")
{
    auto clock = first_look(days(1000), days(1000));
    clock = observe(clock, days(1365));
    CHECK(clock.trusted_ms == days(1000));
    CHECK(is_ahead(clock));
    CHECK(believed_in(clock) == believed_after);
    SUBCASE("it goes on from there")
    {
        for (int day = 1; day < 7; ++day)
            clock = observe(clock, days(1365 + day));
        CHECK(clock.trusted_ms == days(1000));
        CHECK(believed_in(clock) == 24h);
        clock = observe(clock, days(1372));
        CHECK(clock.trusted_ms == days(1372));
        CHECK(believed_in(clock) == 0h);
        CHECK(cutoff(clock, 48h) == days(1370));
    }
    SUBCASE("another leap begins the week anew")
    {
        clock = observe(clock, days(1371));
        clock = observe(clock, days(1372));
        CHECK(clock.trusted_ms == days(1000));
    }
    SUBCASE("it was a mistake")
    {
        clock = observe(clock, days(1001));
        CHECK(clock.trusted_ms == days(1001));
        CHECK_FALSE(is_ahead(clock));
    }
    SUBCASE("back beyond the beginning")
    {
        clock = observe(clock, days(10));
        CHECK(clock.trusted_ms == days(10));
    }
}
