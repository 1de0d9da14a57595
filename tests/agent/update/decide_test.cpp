#include <doctest/doctest.h>

#include "agent/update/decide.hpp"
#include "agent/update/store.hpp"
#include "agent/update/words.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::update;

static constexpr Version base{0, 1, 0};
static constexpr Version one{0, 1, 1};
static constexpr Version two{0, 1, 2};
static constexpr UnixMs now_ms = 1'800'000'000'000;
static Limits const limits;

static release::Manifest manifest_of(Version version)
{
    release::Manifest manifest;
    manifest.version = version;
    return manifest;
}

/// `one` runs and was confirmed, `two` is on trial.
static Memory trial_of_two()
{
    Memory memory;
    memory.active = one;
    memory.highest = one;
    memory.wanted = two;
    begin_trial(memory, one, "hash", now_ms);
    return memory;
}

TEST_CASE("update: without anything fetched the installed program runs")
{
    Memory memory;
    CHECK(next_program(memory, base, limits, now_ms) == Next{});
    CHECK(memory == Memory{});
}

TEST_CASE("update: a program on trial is started three times, each of them counted before")
{
    auto memory = trial_of_two();
    for (int start = 1; start <= limits.starts; ++start) {
        CHECK(next_program(memory, base, limits, now_ms) == Next{.version = two, .on_trial = true});
        CHECK(memory.trial->attempts == start);
    }
    memory.untold.clear();
    CHECK(next_program(memory, base, limits, now_ms) == Next{.version = one, .on_trial = false});
    CHECK_FALSE(memory.trial);
    REQUIRE(memory.untold.size() == 1);
    CHECK(memory.untold[0].state == State::rolled_back);
    CHECK(memory.untold[0].version == two);
    CHECK(memory.untold[0].from == one);
    CHECK(memory.untold[0].reason == "started 3 times, and never confirmed");
    // And it stays so.
    CHECK(next_program(memory, base, limits, now_ms) == Next{.version = one, .on_trial = false});
}

TEST_CASE("update: a first update that fails leads back to the installed program")
{
    Memory memory;
    memory.wanted = one;
    begin_trial(memory, base, "hash", now_ms);
    CHECK(next_program(memory, base, limits, now_ms) == Next{.version = one, .on_trial = true});
    roll_back(memory, "not connected", now_ms);
    CHECK(next_program(memory, base, limits, now_ms) == Next{});
}

TEST_CASE("update: confirmed, it runs from then on, and the one before it is the way back")
{
    auto memory = trial_of_two();
    (void)next_program(memory, base, limits, now_ms);
    confirm(memory, now_ms);
    CHECK(memory.active == two);
    CHECK(memory.previous == one);
    CHECK(memory.highest == two);
    CHECK_FALSE(memory.trial);
    CHECK(memory.untold.back() ==
          Notice{.version = two, .from = one, .state = State::confirmed, .reason = {}, .at_ms = now_ms});
    CHECK(next_program(memory, base, limits, now_ms) == Next{.version = two, .on_trial = false});
    CHECK(kept(memory) == std::set<Version>{one, two});

    give_up(memory, two, "hash", "its SHA-256 is another", base, now_ms);
    CHECK(next_program(memory, base, limits, now_ms) == Next{.version = one, .on_trial = false});
    give_up(memory, one, "hash", "gone", base, now_ms);
    CHECK(next_program(memory, base, limits, now_ms) == Next{});
}

TEST_CASE("update: a package that brings as much or more takes over again")
{
    for (auto const installed : {two, Version{0, 2, 0}}) {
        auto memory = trial_of_two();
        memory.previous = base;
        CHECK(next_program(memory, installed, limits, now_ms) == Next{});
        CHECK(kept(memory).empty());
    }
    auto memory = trial_of_two();
    CHECK(next_program(memory, one, limits, now_ms) == Next{.version = two, .on_trial = true});
    CHECK_FALSE(memory.active);
    // An older package over a confirmed newer program changes nothing.
    Memory newer;
    newer.active = two;
    CHECK(next_program(newer, Version{0, 0, 9}, limits, now_ms) == Next{.version = two, .on_trial = false});
}

TEST_CASE("update: what is not newer than what runs, or is older than what ever was confirmed, is refused")
{
    Memory memory;
    CHECK(*judge(memory, manifest_of(one), "hash", false, base));
    CHECK(judge(memory, manifest_of(base), "hash", false, base).error().code == errc::refused);
    CHECK(judge(memory, manifest_of(Version{0, 0, 9}), "hash", false, base).error().code == errc::refused);
    memory.highest = two;
    auto const before = judge(memory, manifest_of(one), "hash", true, base);
    REQUIRE_FALSE(before);
    CHECK(before.error().trace.find("0.1.1 is older than 0.1.2, which ran here before") != std::string::npos);
    CHECK(*judge(memory, manifest_of(Version{0, 1, 3}), "hash", false, base));
}

TEST_CASE("update: the version that ran here before may come again where its program was lost")
{
    Memory memory;
    memory.active = two;
    memory.highest = two;
    give_up(memory, two, "hash", "its manifest is torn", base, now_ms);
    CHECK(judge(memory, manifest_of(two), "hash", false, base).error().code == errc::refused);
    CHECK(*judge(memory, manifest_of(two), "hash", true, base));
    CHECK(judge(memory, manifest_of(two), "hash", true, two).error().code == errc::refused);
}

TEST_CASE("update: what is on its way is not begun twice, and a newer one takes its place")
{
    Memory memory;
    memory.wanted = one;
    CHECK_FALSE(*judge(memory, manifest_of(one), "hash", false, base));
    CHECK(*judge(memory, manifest_of(two), "hash", false, base));
    auto const trial = trial_of_two();
    CHECK_FALSE(*judge(trial, manifest_of(two), "hash", false, one));
    CHECK(judge(trial, manifest_of(Version{0, 1, 3}), "hash", false, one).error().code == errc::refused);
}

TEST_CASE("update: what failed is not tried again, but for another release of it, or when a person says so")
{
    auto memory = trial_of_two();
    roll_back(memory, "not connected", now_ms);
    auto const again = judge(memory, manifest_of(two), "hash", false, one);
    REQUIRE_FALSE(again);
    CHECK(again.error().trace.find("not connected") != std::string::npos);
    CHECK(again.error().trace.find("--retry") != std::string::npos);
    CHECK(*judge(memory, manifest_of(two), "another hash", false, one));
    CHECK(*judge(memory, manifest_of(two), "hash", true, one));
    CHECK(*judge(memory, manifest_of(Version{0, 1, 3}), "hash", false, one));
    CHECK(kept(memory).contains(two));

    CHECK(retry(memory, one));
    CHECK(memory.wanted == two);
    CHECK(memory.failures.empty());
    CHECK_FALSE(retry(memory, one));
    // Nothing is retried that is older than what runs.
    auto old = trial_of_two();
    roll_back(old, "not connected", now_ms);
    CHECK_FALSE(retry(old, two));
}

TEST_CASE("update: failures and notices are as many as fit their file, the newest of them")
{
    Memory memory;
    for (std::uint16_t i = 1; i <= 100; ++i)
        give_up(memory, Version{1, 0, i}, "hash", std::string(5000, 'x'), base, now_ms);
    CHECK(memory.failures.size() == failures_kept);
    CHECK(memory.untold.size() == notices_kept);
    CHECK(memory.failures.back().version == Version{1, 0, 100});
    CHECK(to_text(memory).size() < 64UL * 1024);
    give_up(memory, Version{1, 0, 100}, "hash", "once more", base, now_ms);
    CHECK(memory.failures.size() == failures_kept);
    CHECK(memory.failures.back().reason == "once more");
}

TEST_CASE("update: what is remembered survives its file, and a file that makes no sense is an error")
{
    auto memory = trial_of_two();
    memory.previous = base;
    memory.failures.push_back({Version{0, 0, 9}, "hash", "why \"not\"", now_ms});
    auto const text = to_text(memory);
    auto const again = memory_from_text(text);
    REQUIRE(again);
    CHECK(*again == memory);
    CHECK(*memory_from_text(to_text(Memory{})) == Memory{});
    for (auto const& bad : {std::string(), std::string("{}"), std::string("[]"), text.substr(0, text.size() / 2),
                            std::string(R"({"format":2})")}) {
        CAPTURE(bad);
        auto const read = memory_from_text(bad);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == errc::corrupt);
    }
    auto wrong = text;
    wrong.replace(wrong.find("0.1.2"), 5, "../..");
    CHECK(memory_from_text(wrong).error().code == errc::corrupt);
}

TEST_CASE("update: a person reads which versions are here, and why one is not")
{
    auto memory = trial_of_two();
    memory.trial->attempts = 2;
    memory.failures.push_back({Version{0, 0, 9}, "hash", "it crashed", now_ms});
    auto const text = for_people(memory, "0.1.0", "0.1.1", true, true);
    CHECK(text == "installed    0.1.0\nrunning      0.1.1\nconfirmed    0.1.1\non trial     0.1.2, started 2 times\n"
                  "failed       0.0.9: it crashed\n"
                  "updates      paused on this machine: rollcall-agent update --resume\n");
    CHECK(
        for_people({}, "0.1.0", "", false, false) ==
        "installed    0.1.0\nrunning      nothing\nupdates      this build has no key for updates, so it takes none\n");
}
