#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <iostream>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "platform/hand_over.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

/// How a process ended that did this; what returns ends with 99.
static int ended(std::function<void()> const& body)
{
    std::cout.flush(); // Else what waits there is printed by both.
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        body();
        ::_exit(99);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

TEST_CASE("hand over: a program that does not call its limit off is ended by it, whatever it does meanwhile")
{
    auto const begun = std::chrono::steady_clock::now();
    auto const status = ended([] {
        auto const failed = platform::hand_over(
            {.program = "/bin/sleep", .arguments = {"60"}, .environment = {}, .limit = std::chrono::seconds(1)});
        ::_exit(failed ? 98 : 97);
    });
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGALRM);
    CHECK(std::chrono::steady_clock::now() - begun < 30s);
}

TEST_CASE("hand over: called off, the limit does nothing any more")
{
    auto const status = ended([] {
        ::alarm(1);
        platform::call_off();
        std::this_thread::sleep_for(1300ms);
        ::_exit(7);
    });
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("hand over: the other program has its words and its environment, and no limit where none is said")
{
    auto const status = ended([] {
        auto const failed = platform::hand_over({.program = "/bin/sh",
                                                 .arguments = {"-c", "test \"$ROLLCALL_TEST\" = a && exit 5"},
                                                 .environment = {{"ROLLCALL_TEST", "a"}},
                                                 .limit = {}});
        ::_exit(failed ? 98 : 97);
    });
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 5);
}

TEST_CASE("hand over: a program that cannot be started leaves us as we were, without a limit")
{
    support::TempDir const temp;
    auto const failed = platform::hand_over(
        {.program = (temp / "none").string(), .arguments = {}, .environment = {}, .limit = std::chrono::seconds(1)});
    REQUIRE_FALSE(failed);
    CHECK(reason(failed.error()) == "not_found");
    CHECK(::alarm(0) == 0);
}
