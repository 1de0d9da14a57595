#include <doctest/doctest.h>

#include "platform/macos/tool.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("tool: what it prints is the answer, and it hears nobody and speaks plain English")
{
    CHECK(*tool_output({.arguments = {"/bin/echo", "-n", "hello"}}, run) == "hello");
    CHECK(tool_output({.arguments = {"/bin/cat"}}, run)->empty());
    CHECK(tool_output({.arguments = {"/usr/bin/env"}}, run)->find("LC_ALL=C\n") != std::string::npos);
}

TEST_CASE("tool: a missing one is not supported, one without a path is refused")
{
    CHECK(reason(tool_output({.arguments = {"/usr/bin/no-such-tool"}}, run).error()) == "not_supported");
    CHECK(reason(tool_output({.arguments = {"echo"}}, run).error()) == "bad_input");
    CHECK(reason(tool_output({.arguments = {}}, run).error()) == "bad_input");
}

TEST_CASE("tool: one that prints 100 MB is stopped at the cap, one that hangs at its limit")
{
    using namespace std::chrono_literals;
    CHECK(reason(tool_output({.arguments = {"/usr/bin/head", "-c", "100000000", "/dev/zero"}}, run).error()) ==
          "limit_exceeded");
    CHECK(reason(tool_output({.arguments = {"/bin/sleep", "60"}, .limit = 100ms}, run).error()) == "timed_out");
}

TEST_CASE("tool: an end with another number than 0 is an error with the complaint, made fit to be shown")
{
    auto const failed = tool_output({.arguments = {"/bin/sh", "-c", "printf 'no\\033way' >&2; exit 3"}}, run);
    CHECK(reason(failed.error()) == "io");
    CHECK(failed.error().trace == "tool: /bin/sh ended with 3: no\uFFFDway");
    CHECK(run_tool({.arguments = {"/bin/sh", "-c", "exit 3"}}, run)->exit_code == 3);
}

TEST_CASE("tool: a property list is read, anything else in its place is told")
{
    CHECK(tool_plist({.arguments = {"/bin/echo", "<plist><true/></plist>"}}, run)->boolean() == true);
    auto const none = tool_plist({.arguments = {"/bin/echo", "Fehler: keine Liste"}}, run);
    CHECK(reason(none.error()) == "bad_message");
    CHECK(none.error().trace.starts_with("/bin/echo: "));
}
