#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <vector>

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

namespace
{

/// What becomes of a storm: every device lost its connection at once, and the collector is back after `down`.
struct Storm {
    double all_back_s = 0; ///< After the collector's return.
    int most_at_once = 0;  ///< Attempts within any one second.
    double attempts = 0;   ///< Of each device, on average, since the return.
};

/// A collector that does `handshakes_per_s` in the order of their coming and sends away whoever waited `patience`
/// (gateway/README.md). Pure: time is a number.
Storm weather(double down_s, double handshakes_per_s)
{
    constexpr int devices = 19'000;
    constexpr double patience_s = 7.5;
    std::mt19937_64 engine(7);
    auto const random = [&engine] { return std::uniform_real_distribution<double>(0.0, 1.0)(engine); };
    std::vector<Backoff> agents(devices, Backoff({}, random));
    using Attempt = std::pair<double, int>; // When, and whose.
    std::priority_queue<Attempt, std::vector<Attempt>, std::greater<>> attempts;
    auto const pause_s = [&](int agent) { return std::chrono::duration<double>(agents.at(agent).next()).count(); };
    for (int i = 0; i < devices; ++i)
        attempts.emplace(pause_s(i), i);
    Storm storm;
    std::map<int, int> by_second;
    double free_at_s = down_s;
    while (!attempts.empty()) {
        auto const [at_s, agent] = attempts.top();
        attempts.pop();
        if (at_s < down_s) {
            attempts.emplace(at_s + pause_s(agent), agent);
            continue;
        }
        storm.most_at_once = std::max(storm.most_at_once, ++by_second[static_cast<int>(at_s - down_s)]);
        storm.attempts += 1.0 / devices;
        auto const begins_s = std::max(at_s, free_at_s);
        if (begins_s - at_s > patience_s) {
            attempts.emplace(at_s + patience_s + pause_s(agent), agent);
            continue;
        }
        free_at_s = begins_s + 1 / handshakes_per_s;
        storm.all_back_s = std::max(storm.all_back_s, free_at_s - down_s);
    }
    return storm;
}

} // namespace

TEST_CASE("backoff: 19,000 devices are back within a minute of a collector's return, and do not come all at once")
{
    // 600 a second is less than what one core does, clients' certificates included.
    for (double const down_s : {0.5, 3.0, 10.0, 30.0, 600.0}) {
        CAPTURE(down_s);
        auto const storm = weather(down_s, 600);
        CAPTURE(storm.all_back_s);
        CAPTURE(storm.most_at_once);
        CAPTURE(storm.attempts);
        CHECK(storm.all_back_s <= 60); // Then the collector calls them offline.
        CHECK(storm.most_at_once <= 3500);
        CHECK(storm.attempts <= 2);
    }
}
