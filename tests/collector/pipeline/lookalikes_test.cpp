#include <doctest/doctest.h>

#include <string>

#include "collector/pipeline/limits.hpp"
#include "collector/pipeline/lookalikes.hpp"
#include "common/wire/limits.hpp"

using namespace rollcall;
using namespace rollcall::pipeline;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

TEST_CASE("lookalikes: who is known, who was rebuilt, who is a copy")
{
    Lookalikes machines;
    CHECK(machines.speaker(wire::Sameness::same, "boot", false, 0s) == Speaker::device);
    CHECK(machines.speaker(wire::Sameness::same, "boot", true, 0s) == Speaker::device);
    CHECK(machines.speaker(wire::Sameness::rebuilt, "boot", false, 0s) == Speaker::rebuilt);
    CHECK(machines.speaker(wire::Sameness::other, "boot", false, 0s) == Speaker::copy);
}

TEST_CASE("lookalikes: another board while the device is connected is in doubt, and a copy once that lasts")
{
    Lookalikes machines;
    milliseconds const later = milliseconds(wire::limits::silence) + 1ms;
    CHECK(machines.speaker(wire::Sameness::rebuilt, "boot", true, 0s) == Speaker::in_doubt);
    CHECK(machines.speaker(wire::Sameness::rebuilt, "boot", true, later - 1ms) == Speaker::in_doubt);
    CHECK(machines.speaker(wire::Sameness::rebuilt, "boot", true, later) == Speaker::copy);

    SUBCASE("the known machine said hello in between")
    {
        CHECK(machines.speaker(wire::Sameness::same, "old", true, later) == Speaker::device);
        CHECK(machines.speaker(wire::Sameness::rebuilt, "boot", true, later) == Speaker::in_doubt);
    }
    SUBCASE("the old connection has ended")
    {
        CHECK(machines.speaker(wire::Sameness::rebuilt, "boot", false, later) == Speaker::rebuilt);
    }
}

TEST_CASE("lookalikes: of two that come by turns the later one is the copy, and stays one")
{
    Lookalikes machines;
    CHECK_FALSE(machines.takes_turns("first", true, std::nullopt, 0min));
    CHECK_FALSE(machines.takes_turns("second", true, "first", 1min));
    CHECK_FALSE(machines.twin("second"));
    CHECK_FALSE(machines.takes_turns("first", true, "second", 2min));
    CHECK(machines.takes_turns("second", true, "first", 3min));
    CHECK(machines.twin("second") == "");
    CHECK_FALSE(machines.twin("first"));
    CHECK(machines.speaker(wire::Sameness::same, "second", true, 4min) == Speaker::copy);

    machines.settle("second", "device");
    machines.settle("nobody", "device");
    CHECK(machines.twin("second") == "device");
    CHECK_FALSE(machines.twin("nobody"));
}

TEST_CASE("lookalikes: one machine that boots is no two")
{
    Lookalikes machines;
    CHECK_FALSE(machines.takes_turns("monday", true, std::nullopt, 0min));
    CHECK_FALSE(machines.takes_turns("tuesday", true, "monday", 1min));
    CHECK_FALSE(machines.takes_turns("wednesday", true, "tuesday", 2min));
    CHECK_FALSE(machines.takes_turns("wednesday", true, "wednesday", 3min));
    // Set back to an earlier moment.
    CHECK_FALSE(machines.takes_turns("tuesday", true, "wednesday", 4min));
}

TEST_CASE("lookalikes: turns that are long ago, or of boots without a name, say nothing")
{
    Lookalikes machines;
    CHECK_FALSE(machines.takes_turns("first", true, std::nullopt, 0min));
    CHECK_FALSE(machines.takes_turns("second", true, std::nullopt, 1min));
    CHECK_FALSE(machines.takes_turns("first", true, std::nullopt, turns_window + 2min));
    CHECK_FALSE(machines.takes_turns("second", true, "first", turns_window + 3min));

    for (int i = 0; i < 4; ++i) {
        CHECK_FALSE(machines.takes_turns("", true, "first", turns_window + 4min));
        CHECK_FALSE(machines.takes_turns(std::string(65, 'x'), true, "first", turns_window + 4min));
    }
}

TEST_CASE("lookalikes: whoever shows many boots does not push out the one that was there first")
{
    Lookalikes machines;
    CHECK_FALSE(machines.takes_turns("first", true, std::nullopt, 0min));
    for (int i = 0; i < 1100; ++i)
        CHECK_FALSE(machines.takes_turns("other " + std::to_string(i), true, "first", 1min));
    CHECK_FALSE(machines.takes_turns("first", true, "other 1099", 2min));
    CHECK(machines.takes_turns("other 1099", true, "first", 3min));
}

TEST_CASE("lookalikes: forty that come by turns are all told apart")
{
    Lookalikes machines;
    std::string connected = "machine 0";
    for (int i = 0; i < 40; ++i) {
        auto const boot = "machine " + std::to_string(i);
        CHECK_FALSE(machines.takes_turns(boot, true, connected, 1min));
        connected = boot;
    }
    CHECK_FALSE(machines.takes_turns("machine 0", true, connected, 2min));
    for (int i = 1; i < 40; ++i)
        CHECK(machines.takes_turns("machine " + std::to_string(i), true, "machine 0", 3min));
}

TEST_CASE("lookalikes: who names the device's hardware comes before who names none, whoever was there first")
{
    Lookalikes machines;
    CHECK_FALSE(machines.takes_turns("nameless", false, std::nullopt, 0min));
    SUBCASE("at once") {}
    SUBCASE("once it can read it") { CHECK_FALSE(machines.takes_turns("device", false, "nameless", 1min)); }
    CHECK_FALSE(machines.takes_turns("device", true, "nameless", 2min));
    CHECK(machines.takes_turns("nameless", false, "device", 3min));
    // Two that name it are told apart as ever.
    CHECK_FALSE(machines.takes_turns("second", true, "device", 4min));
    CHECK_FALSE(machines.takes_turns("device", true, "second", 5min));
    CHECK(machines.takes_turns("second", true, "device", 6min));
}
