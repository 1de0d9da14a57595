#include <random>

#include <doctest/doctest.h>

#include "agent/snapshot/schedule.hpp"

using namespace rollcall;
using rollcall::snapshot::Schedule;
using namespace std::chrono_literals;
using Time = Schedule::Time;

namespace
{

constexpr Time begin = 1'000'000ms;

/// One probe with a cadence of 60 s and a gap of 1 s, without jitter, already read once.
Schedule settled(std::string const& name = "services", Time gap = 1s)
{
    Schedule schedule(
        {{.probe = name, .every = 60s, .gap = gap}}, [] { return 0.5; }, begin);
    CHECK(schedule.take_due(begin).size() == 1);
    schedule.finished(name, begin);
    return schedule;
}

} // namespace

TEST_CASE("schedule: everything is read at the start, then at its cadence")
{
    Schedule schedule(
        {{.probe = "a", .every = 10s, .gap = 1s}, {.probe = "b", .every = 60s, .gap = 1s}}, [] { return 0.5; }, begin);
    CHECK(schedule.next() == begin);
    CHECK(schedule.take_due(begin) == std::vector<std::string>{"a", "b"});
    CHECK(schedule.next() == std::nullopt);
    schedule.finished("a", begin + 1s);
    schedule.finished("b", begin + 1s);
    CHECK(schedule.next() == begin + 10s);
    CHECK(schedule.take_due(begin + 9'999ms).empty());
    CHECK(schedule.take_due(begin + 10s) == std::vector<std::string>{"a"});
}

TEST_CASE("schedule: the cadence is off by at most a tenth, and not always by the same")
{
    std::mt19937 random(7);
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    Schedule schedule(
        {{.probe = "a", .every = 100s, .gap = 1s}}, [&] { return unit(random); }, begin);
    std::set<Time> periods;
    auto now = begin;
    for (int turn = 0; turn < 100; ++turn) {
        REQUIRE(schedule.take_due(now).size() == 1);
        schedule.finished("a", now);
        auto const next = *schedule.next();
        CHECK(next - now >= 90s);
        CHECK(next - now <= 110s);
        periods.insert(next - now);
        now = next;
    }
    CHECK(periods.size() > 50);
}

TEST_CASE("schedule: what is read together stays together, whatever the jitter and whichever fails to start")
{
    std::mt19937 random(7);
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    Schedule schedule(
        {{.probe = "cpu", .every = 15s, .gap = 1s, .together = true},
         {.probe = "load", .every = 15s, .gap = 1s, .together = true},
         {.probe = "swap", .every = 60s, .gap = 1s, .together = true}},
        [&] { return unit(random); }, begin);
    auto now = begin;
    std::optional<Time> swap_read;
    for (int turn = 0; turn < 100; ++turn) {
        auto const due = schedule.take_due(now);
        bool const tick =
            due == std::vector<std::string>{"cpu", "load"} || due == std::vector<std::string>{"cpu", "load", "swap"};
        CHECK(tick);
        if (due.size() == 3) {
            if (swap_read) CHECK(now - *swap_read >= 36s);
            if (swap_read) CHECK(now - *swap_read <= 66s);
            swap_read = now;
        }
        for (auto const& probe : due)
            if (probe == "load" && turn % 7 == 0)
                schedule.not_started(probe, now);
            else
                schedule.finished(probe, now);
        now = *schedule.next();
    }
}

TEST_CASE("schedule: the first notice is answered within 100 ms, and gathers those that follow")
{
    auto schedule = settled();
    auto const told = begin + 20s;
    schedule.notice("services", told);
    CHECK(*schedule.next() - told <= 100ms);
    auto const due = *schedule.next();
    schedule.notice("services", told + 10ms);
    schedule.notice("services", told + 40ms);
    CHECK(*schedule.next() == due);
    CHECK(schedule.take_due(due).size() == 1);
    schedule.finished("services", due + 5ms);
    // Nothing more was told: back to the cadence.
    CHECK(*schedule.next() == due + 60s);
}

TEST_CASE("schedule: a storm of notices reads once a second, patches once in 10 s")
{
    for (auto const& [probe, gap] : {std::pair<std::string, Time>{"services", 1s}, {"patches", 10s}}) {
        auto const& name = probe;
        CAPTURE(name);
        auto schedule = settled(name, gap);
        int reads = 0;
        Time last = begin;
        for (auto now = begin + 100s; now < begin + 400s; now += 10ms) {
            schedule.notice(name, now);
            if (schedule.take_due(now).empty()) continue;
            if (reads > 0) CHECK(now - last >= gap);
            last = now;
            ++reads;
            schedule.finished(name, now);
        }
        CHECK(reads <= 300s / gap + 1);
        CHECK(reads >= 300s / gap - 1);
    }
}

TEST_CASE("schedule: what runs is not started again, but a notice meanwhile is remembered")
{
    auto schedule = settled();
    auto const started = begin + 60s;
    REQUIRE(schedule.take_due(started).size() == 1);
    schedule.notice("services", started + 2s);
    CHECK(schedule.next() == std::nullopt);
    CHECK(schedule.take_due(started + 500s).empty());
    schedule.finished("services", started + 10s);
    CHECK(*schedule.next() == started + 10s + Schedule::gather);
    REQUIRE(schedule.take_due(started + 11s).size() == 1);
    // It was answered: not remembered a second time.
    schedule.finished("services", started + 12s);
    CHECK(*schedule.next() == started + 11s + 60s);
}

TEST_CASE("schedule: a read that took longer than its cadence is followed by the next at once, not by two")
{
    auto schedule = settled();
    REQUIRE(schedule.take_due(begin + 60s).size() == 1);
    schedule.finished("services", begin + 300s);
    CHECK(schedule.take_due(begin + 300s).size() == 1);
    schedule.finished("services", begin + 301s);
    CHECK(schedule.take_due(begin + 301s).empty());
}

TEST_CASE("schedule: one that could not be started is tried again after a gap")
{
    auto schedule = settled();
    REQUIRE(schedule.take_due(begin + 60s).size() == 1);
    schedule.not_started("services", begin + 60s);
    CHECK(*schedule.next() == begin + 61s);
    CHECK(schedule.take_due(begin + 61s).size() == 1);
}

TEST_CASE("schedule: names nobody knows, and answers nobody waits for, are no harm")
{
    auto schedule = settled();
    auto const next = schedule.next();
    schedule.notice("no such probe", begin);
    schedule.finished("no such probe", begin);
    schedule.finished("services", begin + 1s);
    schedule.not_started("services", begin + 1s);
    CHECK(schedule.next() == next);
}

TEST_CASE("schedule: the longest due comes first")
{
    Schedule schedule(
        {{.probe = "a", .every = 30s, .gap = 1s}, {.probe = "b", .every = 20s, .gap = 1s}}, [] { return 0.5; }, begin);
    for (auto const& name : schedule.take_due(begin))
        schedule.finished(name, begin);
    CHECK(schedule.take_due(begin + 40s) == std::vector<std::string>{"b", "a"});
}

TEST_CASE("schedule: every declared probe has an entry, and patches a long gap")
{
    auto const entries = Schedule::entries_for(wire::probes());
    CHECK(entries.size() == wire::probes().size());
    for (auto const& entry : entries)
        CHECK(entry.gap == (entry.probe == "patches" ? Time(10s) : Time(1s)));
}
