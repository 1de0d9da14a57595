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
    CHECK_FALSE(machines.takes_turns("first", std::nullopt, 0min));
    CHECK_FALSE(machines.takes_turns("second", "first", 1min));
    CHECK_FALSE(machines.twin("second"));
    CHECK_FALSE(machines.takes_turns("first", "second", 2min));
    CHECK(machines.takes_turns("second", "first", 3min));
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
    CHECK_FALSE(machines.takes_turns("monday", std::nullopt, 0min));
    CHECK_FALSE(machines.takes_turns("tuesday", "monday", 1min));
    CHECK_FALSE(machines.takes_turns("wednesday", "tuesday", 2min));
    CHECK_FALSE(machines.takes_turns("wednesday", "wednesday", 3min));
    // Set back to an earlier moment.
    CHECK_FALSE(machines.takes_turns("tuesday", "wednesday", 4min));
}

TEST_CASE("lookalikes: turns that are long ago, or of boots without a name, say nothing")
{
    Lookalikes machines;
    CHECK_FALSE(machines.takes_turns("first", std::nullopt, 0min));
    CHECK_FALSE(machines.takes_turns("second", std::nullopt, 1min));
    CHECK_FALSE(machines.takes_turns("first", std::nullopt, turns_window + 2min));
    CHECK_FALSE(machines.takes_turns("second", "first", turns_window + 3min));

    for (int i = 0; i < 4; ++i) {
        CHECK_FALSE(machines.takes_turns("", "first", turns_window + 4min));
        CHECK_FALSE(machines.takes_turns(std::string(65, 'x'), "first", turns_window + 4min));
    }
}

TEST_CASE("lookalikes: whoever shows many boots does not push out the one that was there first")
{
    Lookalikes machines;
    CHECK_FALSE(machines.takes_turns("first", std::nullopt, 0min));
    for (int i = 0; i < 100; ++i)
        CHECK_FALSE(machines.takes_turns("other " + std::to_string(i), "first", 1min));
    CHECK_FALSE(machines.takes_turns("first", "other 99", 2min));
    CHECK(machines.takes_turns("other 99", "first", 3min));
}
