#include "platform/hand_over.hpp"

#include <chrono>

#include <doctest/doctest.h>

#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using namespace std::chrono_literals;

namespace
{

/// `cmd /c WORDS`
Successor cmd_with(std::vector<std::string> words)
{
    words.insert(words.begin(), "/c");
    return {.program = R"(C:\windows\system32\cmd.exe)", .arguments = std::move(words), .environment = {}, .limit = {}};
}

} // namespace

TEST_CASE("hand_over: the successor has our environment with its changes, and its exit code is told")
{
    auto successor = cmd_with({"exit", "%ROLLCALL_TEST_CODE%"});
    successor.environment = {{"ROLLCALL_TEST_CODE", "75"}, {"ROLLCALL_TEST_GONE", ""}};
    auto const ended = hand_over(successor);
    REQUIRE(ended);
    CHECK(ended->exit_code == 75);
    CHECK_FALSE(ended->told_to_end);
}

TEST_CASE("hand_over: a successor that hangs is ended at its limit")
{
    // It waits for a word from us.
    auto successor = cmd_with({"pause"});
    successor.limit = 1s;
    auto const begun = std::chrono::steady_clock::now();
    auto const ended = hand_over(successor);
    REQUIRE(ended);
    CHECK(ended->exit_code != 0);
    CHECK_FALSE(ended->told_to_end);
    auto const took = std::chrono::steady_clock::now() - begun;
    CHECK(took >= 1s);
    CHECK(took < 30s);
}

TEST_CASE("hand_over: a program that is not there is an error, and we go on")
{
    Successor const missing{
        .program = R"(C:\windows\system32\no such.exe)", .arguments = {}, .environment = {}, .limit = {}};
    CHECK(reason(hand_over(missing).error()) == "not_found");
    CHECK_FALSE(has_keeper());
}
