#include <doctest/doctest.h>

#include "agent/uplink/backoff.hpp"

using namespace rollcall::uplink;

TEST_CASE("backoff: pauses double up to the longest, and begin anew only after an acknowledgement")
{
    Backoff backoff({.least = 500ms, .first = 2s, .most = 60s, .refused = 300s}, [] { return 1.0; });
    CHECK(backoff.next() == 2s);
    CHECK(backoff.next() == 4s);
    CHECK(backoff.next() == 8s);
    for (int i = 0; i < 100; ++i)
        CHECK(backoff.next() <= 60s);
    CHECK(backoff.next() == 60s);
    backoff.acknowledged();
    CHECK(backoff.next() == 2s);
}

TEST_CASE("backoff: a pause is anywhere between the least and its upper end")
{
    double random = 0;
    Backoff backoff({.least = 500ms, .first = 2s, .most = 60s, .refused = 300s}, [&random] { return random; });
    CHECK(backoff.next() == 500ms);
    random = 0.5;
    CHECK(backoff.next() == 2250ms);
}

TEST_CASE("backoff: who was refused does not come back soon")
{
    Backoff backoff({.least = 500ms, .first = 2s, .most = 60s, .refused = 300s}, [] { return 0.0; });
    CHECK(backoff.next_after_refusal() == 150s);
}
