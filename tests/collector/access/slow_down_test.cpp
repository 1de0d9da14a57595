#include <doctest/doctest.h>

#include <string>

#include "collector/access/slow_down.hpp"

using namespace std::chrono_literals;
using rollcall::access::peer_key;
using rollcall::access::SlowDown;

TEST_CASE("slow-down: three failures are free, then each wait doubles up to a minute")
{
    SlowDown slow;
    auto now = 0ms;
    for (int failure = 0; failure < 4; ++failure)
        CHECK(slow.attempt("a", now) == 0ms);
    for (auto const expected : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        CHECK(slow.attempt("a", now) == expected);
        CHECK(slow.attempt("a", now + expected - 1ms) == 1ms);
        now += expected;
        CHECK(slow.attempt("a", now) == 0ms);
    }
    CHECK(slow.attempt("b", now) == 0ms);
}

TEST_CASE("slow-down: success forgives, and so does a quarter of an hour")
{
    SlowDown slow;
    for (int failure = 0; failure < 4; ++failure)
        static_cast<void>(slow.attempt("a", 0ms));
    slow.forgive("a");
    CHECK(slow.attempt("a", 0ms) == 0ms);
    CHECK(slow.size() == 1);

    for (int failure = 0; failure < 20; ++failure)
        slow.failed("b", 0ms);
    CHECK(slow.wait("b", 0ms) == SlowDown::longest_wait);
    CHECK(slow.attempt("b", SlowDown::forget_after + 1ms) == 0ms);
    CHECK(slow.attempt("b", SlowDown::forget_after + 1ms) == 0ms);
}

TEST_CASE("slow-down: a try that was no failure is taken back, those before still count")
{
    SlowDown slow;
    for (int failure = 0; failure < 3; ++failure)
        static_cast<void>(slow.attempt("a", 0ms));
    CHECK(slow.attempt("a", 0ms) == 0ms);
    slow.take_back("a");
    CHECK(slow.wait("a", 0ms) == 0ms);
    CHECK(slow.attempt("a", 0ms) == 0ms);
    CHECK(slow.attempt("a", 0ms) == 1s);
    slow.take_back("nobody");
}

TEST_CASE("slow-down: never more counters than its limit, and the oldest goes first")
{
    SlowDown slow;
    for (int failure = 0; failure < 10; ++failure)
        slow.failed("old", 0ms);
    for (std::size_t key = 0; key < SlowDown::keys + 50; ++key)
        slow.failed(std::to_string(key), std::chrono::milliseconds(1 + key));
    CHECK(slow.size() == SlowDown::keys);
    CHECK(slow.wait("old", 1ms) == 0ms);
}

TEST_CASE("slow-down: addresses of one IPv6 subscriber count together, IPv4 ones apart")
{
    CHECK(peer_key("2001:db8:1:2::1") == peer_key("2001:db8:1:2:ffff::9"));
    CHECK(peer_key("2001:db8:1:2::1") != peer_key("2001:db8:1:3::1"));
    CHECK(peer_key("192.0.2.1") != peer_key("192.0.2.2"));
    CHECK(peer_key("::ffff:192.0.2.1") != peer_key("::ffff:192.0.2.2"));
    CHECK(peer_key("fe80::1%eth0") == peer_key("fe80::2%eth1"));
}
