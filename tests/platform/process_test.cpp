#include <csignal>
#include <fstream>

#include <doctest/doctest.h>

#include "platform/process.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using namespace std::chrono_literals;

static Result<Finished> shell(std::string const& text, std::chrono::milliseconds limit = 30s)
{
    Command command;
    command.arguments = {"sh", "-c", text};
    command.limit = limit;
    return run(command);
}

TEST_CASE("process: output, errors and exit code come back")
{
    auto const finished = shell("echo out; echo err >&2; exit 7");
    REQUIRE(finished);
    CHECK(finished->output == "out\n");
    CHECK(finished->errors == "err\n");
    CHECK(finished->exit_code == 7);
    CHECK(shell("kill -TERM $$")->exit_code == 128 + SIGTERM);
}

TEST_CASE("process: arguments are no shell's text, and the environment is clean")
{
    ::setenv("ROLLCALL_SECRET", "do not inherit", 1);
    Command command;
    command.arguments = {"/usr/bin/env"};
    auto const seen = run(command);
    REQUIRE(seen);
    CHECK(seen->output.find("LC_ALL=C\n") != std::string::npos);
    CHECK(seen->output.find("ROLLCALL_SECRET") == std::string::npos);
    ::unsetenv("ROLLCALL_SECRET");

    command.arguments = {"echo", "$HOME; rm *", "a b"};
    CHECK(run(command)->output == "$HOME; rm * a b\n");
}

TEST_CASE("process: it runs in the background and reads nothing from us")
{
    CHECK(shell("nice")->output == "19\n");
    CHECK(shell("cat")->output.empty());
}

TEST_CASE("process: one that is too slow is killed with everything it started")
{
    support::TempDir const folder;
    auto const mark = (folder / "pid").string();
    auto const finished = shell("sleep 600 & echo $! > " + mark + "; wait", 500ms);
    REQUIRE_FALSE(finished);
    CHECK(reason(finished.error()) == "timed_out");
    std::ifstream file(mark);
    pid_t child = 0;
    // Where it did not come so far, there is nothing left to kill.
    if (!(file >> child)) return;
    // It is gone, or waits for its parent to notice.
    bool gone = false;
    for (int turn = 0; turn < 500 && !gone; ++turn) {
        std::ifstream status("/proc/" + std::to_string(child) + "/stat");
        std::string const text{std::istreambuf_iterator<char>(status), {}};
        gone = text.empty() || text.find(") Z ") != std::string::npos;
        if (!gone) std::this_thread::sleep_for(10ms);
    }
    CHECK(gone);
}

TEST_CASE("process: one that closes its output and stays is killed at its limit")
{
    auto const finished = shell("exec >&- 2>&-; exec sleep 600", 300ms);
    REQUIRE_FALSE(finished);
    CHECK(reason(finished.error()) == "timed_out");
}

TEST_CASE("process: endless output ends at its limit")
{
    Command command;
    command.arguments = {"yes"};
    command.output_limit_bytes = 100'000;
    auto const finished = run(command);
    REQUIRE_FALSE(finished);
    CHECK(reason(finished.error()) == "limit_exceeded");
}

TEST_CASE("process: what cannot be started says why")
{
    Command command;
    CHECK(reason(run(command).error()) == "bad_input");
    command.arguments = {"no-such-program-anywhere"};
    CHECK(reason(run(command).error()) == "not_found");
    command.arguments = {"/etc/passwd"};
    CHECK(reason(run(command).error()) == "permission_denied");
    support::TempDir const folder;
    auto const broken = (folder / "broken").string();
    std::ofstream(broken) << "\x7F"
                             "ELF this is none";
    std::filesystem::permissions(broken, std::filesystem::perms::owner_all);
    command.arguments = {broken};
    CHECK_FALSE(run(command));
}

TEST_CASE("process: many at once do not hear each other")
{
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([i, &right] {
            auto const seen = shell("echo " + std::to_string(i));
            if (seen && seen->output == std::to_string(i) + "\n") ++right;
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(right == 8);
}
