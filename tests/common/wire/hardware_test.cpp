#include <doctest/doctest.h>

#include "common/wire/codec.hpp"
#include "common/wire/hardware.hpp"
#include "common/wire/limits.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::wire;

TEST_CASE(
    "hardware: the same board is the same machine, its disks on another board are it rebuilt, less is another one")
{
    Hardware const known{.id = "board-1", .disks = {"disk-1", "disk-2"}};
    CHECK(compare(known, known) == Sameness::same);
    CHECK(compare(known, {.id = "board-1", .disks = {}}) == Sameness::same);
    CHECK(compare(known, {.id = "board-1", .disks = {"disk-9"}}) == Sameness::same);
    CHECK(compare(known, {.id = "board-2", .disks = {"disk-9", "disk-2", "disk-1"}}) == Sameness::rebuilt);
    CHECK(compare(known, {.id = "board-2", .disks = {"disk-2"}}) == Sameness::other); // Half of a mirror.
    CHECK(compare(known, {.id = "board-2", .disks = {"disk-9"}}) == Sameness::other);
    CHECK(compare(known, {.id = "board-2", .disks = {}}) == Sameness::other);
    CHECK(compare({.id = "board-1", .disks = {}}, {.id = "board-2", .disks = {"disk-1"}}) == Sameness::other);
}

TEST_CASE("hardware: where nothing could be read nothing is concluded")
{
    Hardware const known{.id = "board-1", .disks = {"disk-1"}};
    CHECK(compare(known, {}) == Sameness::same);
    CHECK(compare(known, {.id = "", .disks = {"disk-9"}}) == Sameness::same);
    CHECK(compare({}, known) == Sameness::same);
}

TEST_CASE("hardware: what is too long, too much or no digest is told by its field and limit")
{
    CHECK(misfit({}).empty());
    CHECK(misfit({.id = std::string(limits::hardware_mark_bytes, 'a'), .disks = {"b"}}).empty());
    CHECK(misfit({.id = std::string(limits::hardware_mark_bytes + 1, 'a'), .disks = {}}).find("hardware.id: at most") ==
          0);
    CHECK(misfit({.id = "a b", .disks = {}}).find("hardware.id") == 0);
    CHECK(misfit({.id = "-", .disks = {}}).find("hardware.id") == 0);
    CHECK(misfit({.id = "a", .disks = std::vector<std::string>(limits::hardware_disks, "d")}).empty());
    CHECK(misfit({.id = "a", .disks = std::vector<std::string>(limits::hardware_disks + 1, "d")})
              .find("hardware.disks: at most 16") == 0);
    CHECK(misfit({.id = "a", .disks = {""}}).find("hardware.disks: each") == 0);
    CHECK(misfit({.id = "a", .disks = {"\xff"}}).find("hardware.disks: each") == 0);
}

TEST_CASE("hardware: its text returns, and nonsense is nothing")
{
    for (auto const& one : {Hardware{.id = "a", .disks = {}}, Hardware{.id = "a", .disks = {"b", "c"}},
                            Hardware{.id = "", .disks = {"b"}}, Hardware{}}) {
        auto const again = hardware_from_text(to_text(one));
        CHECK(again.id == one.id);
        CHECK(again.disks == one.disks);
    }
    for (auto const* const text : {"", " ", "a  b", "a \x01", "a b "}) {
        CAPTURE(text);
        auto const read = hardware_from_text(text);
        CHECK((read.id.empty() || read.id == "a"));
        CHECK(misfit(read).empty());
    }
}

TEST_CASE("codec: an agent of before says hello without its hardware, and a wrong one is named")
{
    Hello hello;
    hello.device_id = "d";
    hello.hardware = {.id = "board", .disks = {"disk"}};
    auto text = encode(FromAgent(hello));
    auto const whole = decode_from_agent(text);
    REQUIRE(whole);
    CHECK(std::get<Hello>(*whole).hardware.disks == std::vector<std::string>{"disk"});

    auto const field = std::string(R"(,"hardware":{"id":"board","disks":["disk"]})");
    auto const place = text.find(field);
    REQUIRE(place != std::string::npos);
    auto const without = decode_from_agent(std::string(text).erase(place, field.size()));
    REQUIRE(without);
    CHECK(std::get<Hello>(*without).hardware.id.empty());
    auto const wrong = decode_from_agent(text.replace(place, field.size(), R"(,"hardware":{"id":"board"})"));
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().trace == "hello.hardware.disks: is missing");
}
