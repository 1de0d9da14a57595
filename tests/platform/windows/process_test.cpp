#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <doctest/doctest.h>

#include <windows.h>

#include "platform/process.hpp"
#include "platform/processes.hpp"
#include "platform/windows/system_folder.hpp"
#include "platform/windows/text.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using namespace std::chrono_literals;

namespace
{

Result<Finished> shell(std::string const& text, std::chrono::milliseconds limit = 60s)
{
    Command command;
    command.arguments = {"cmd.exe", "/d", "/c", text};
    command.limit = limit;
    return run(command);
}

} // namespace

TEST_CASE("process: output, errors and exit code come back")
{
    auto const finished = shell("echo out&echo err>&2&exit 7");
    REQUIRE(finished);
    CHECK(finished->output == "out\r\n");
    CHECK(finished->errors == "err\r\n");
    CHECK(finished->exit_code == 7);
}

TEST_CASE("process: the environment is clean, and the input is empty")
{
    ::SetEnvironmentVariableW(L"ROLLCALL_SECRET", L"do not inherit");
    auto const seen = shell("set");
    ::SetEnvironmentVariableW(L"ROLLCALL_SECRET", nullptr);
    REQUIRE(seen);
    CHECK(seen->output.find("ROLLCALL_SECRET") == std::string::npos);
    auto const system = system_folder();
    REQUIRE(system);
    CHECK(seen->output.find(utf8(*system)) != std::string::npos);
    CHECK(seen->output.find("TEMP=") != std::string::npos);
    auto const input = shell("set /p x=&echo [%x%]");
    REQUIRE(input);
    CHECK(input->output.find("ROLLCALL") == std::string::npos);
}

TEST_CASE("process: much output comes whole, on either stream")
{
    auto const output = shell("for /l %i in (1,1,3000) do @echo 0123456789012345678901234567890123456789");
    REQUIRE(output);
    CHECK(output->output.size() == std::size_t{3000} * 42);
    auto const errors = shell("for /l %i in (1,1,3000) do @echo 0123456789>&2");
    REQUIRE(errors);
    CHECK(errors->errors.size() == std::size_t{3000} * 12);
    CHECK(errors->output.empty());
}

TEST_CASE("process: one that is too slow is ended with everything it started")
{
    auto const pings = [] {
        auto const list = make_processes()->list();
        REQUIRE(list);
        return std::count_if(list->processes.begin(), list->processes.end(), [](auto const& process) {
            return process.name == "ping.exe" || process.name == "PING.EXE";
        });
    };
    auto const others = pings();
    auto const begun = std::chrono::steady_clock::now();
    auto const finished = shell("ping -n 60 127.0.0.1 >nul&echo late", 1500ms);
    REQUIRE_FALSE(finished);
    CHECK(reason(finished.error()) == "timed_out");
    CHECK(std::chrono::steady_clock::now() - begun < 30s);
    for (int turn = 0; turn < 200 && pings() > others; ++turn)
        std::this_thread::sleep_for(10ms);
    CHECK(pings() <= others);
}

TEST_CASE("process: endless output ends at its limit")
{
    Command command;
    command.arguments = {"cmd", "/d", "/c", "for /l %i in (1,0,2) do @echo 0123456789012345678901234567890123456789"};
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
    command.arguments = {R"(C:\no such folder\x.exe)"};
    CHECK(reason(run(command).error()) == "not_found");
    command.arguments = {R"(C:\)"};
    CHECK_FALSE(run(command));
    command.arguments = {"cmd", std::string("a\0b", 3)};
    CHECK(reason(run(command).error()) == "bad_input");
    command.arguments = {"cmd", std::string(40'000, 'x')};
    CHECK(reason(run(command).error()) == "bad_input");
    support::TempDir const folder;
    auto const broken = (folder / "broken.exe").string();
    std::ofstream(broken) << "this is no program";
    command.arguments = {broken};
    CHECK_FALSE(run(command));
}

TEST_CASE("process: neither the folder we stand in nor a script is ever run")
{
    support::TempDir const folder;
    std::ofstream((folder / "ours.exe").string()) << "x";
    std::ofstream((folder / "ours.bat").string()) << "echo hello";
    auto const before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    Command command;
    command.arguments = {"ours.exe"};
    CHECK(reason(run(command).error()) == "not_found");
    command.arguments = {R"(.\ours.exe)"};
    CHECK(reason(run(command).error()) == "bad_input");
    command.arguments = {(folder / "ours.bat").string()};
    CHECK(reason(run(command).error()) == "bad_input");
    std::filesystem::current_path(before);
}

TEST_CASE("process: many at once do not hear each other, and no handle stays open")
{
    REQUIRE(shell("echo first"));
    DWORD handles_before = 0;
    ::GetProcessHandleCount(::GetCurrentProcess(), &handles_before);
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([i, &right] {
            auto const seen = shell("echo " + std::to_string(i));
            if (seen && seen->output == std::to_string(i) + "\r\n") ++right;
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(right == 8);
    DWORD handles_after = 0;
    ::GetProcessHandleCount(::GetCurrentProcess(), &handles_after);
    // The C++ library keeps some for threads.
    CHECK(handles_after < handles_before + 8);
}
