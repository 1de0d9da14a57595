#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "common/log/journal.hpp"
#include "common/log/log.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;

TEST_CASE("log: an event is one line with its key first")
{
    log::Capture const captured;
    log::info("agent.connected", {{"device", "0190"}, {"took_ms", 12}, {"load", 0.5}, {"again", true}});
    REQUIRE(captured.lines().size() == 1);
    CHECK(captured.lines()[0] == "info agent.connected device=0190 took_ms=12 load=0.5 again=true");
    CHECK(captured.has("agent.connected"));
    CHECK(!captured.has("agent.connect"));
}

TEST_CASE("log: a value cannot start a line, an escape sequence or a field of its own")
{
    log::Capture const captured;
    log::warning("probe.failed",
                 {{"name", "a\nerror fake.event x=1"}, {"b", "\x1b[2J\r"}, {"c", "say \"x\"=\\"}, {"d", ""}});
    REQUIRE(captured.lines().size() == 1);
    CHECK(captured.lines()[0] ==
          R"(warning probe.failed name="a\nerror fake.event x=1" b="\u001b[2J\u000d" c="say \"x\"=\\" d="")");
}

TEST_CASE("log: ill-formed UTF-8 is made well-formed")
{
    log::Capture const captured;
    log::info("x", {{"a", std::string("\xff\xfe")}});
    CHECK(captured.lines()[0].find('\xff') == std::string::npos);
}

TEST_CASE("log: an error shows its trace and its word")
{
    log::Capture const captured;
    log::error("spool.failed", {{"error", fail(errc::io, "spool: full")}});
    CHECK(captured.lines()[0] == "error spool.failed error=\"spool: full (io)\"");
}

TEST_CASE("log: levels have their words")
{
    CHECK(*log::level_from("warning") == log::Level::warning);
    CHECK(log::level_from("loud").error().trace.find("use debug, info") != std::string::npos);
}

TEST_CASE("log: many threads write whole lines")
{
    log::Capture const captured;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([] {
                for (int k = 0; k < 200; ++k)
                    log::info("thread.line", {{"k", k}});
            });
    }
    CHECK(captured.lines().size() == 800);
}

TEST_CASE("log: for the journal a line begins with its level and has no time")
{
    // In another process: there is no way back.
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    auto const child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        log::use_journal();
        log::warning("agent.gap", {{"first", 1}});
        log::set_format(log::Format::json);
        log::error("store.failed");
        _exit(0);
    }
    close(ends[1]);
    auto* const said = fdopen(ends[0], "r");
    std::array<char, 256> line{};
    REQUIRE(std::fgets(line.data(), line.size(), said) != nullptr);
    CHECK(std::string_view(line.data()) == "<4>warning agent.gap first=1\n");
    REQUIRE(std::fgets(line.data(), line.size(), said) != nullptr);
    CHECK(std::string_view(line.data()).starts_with("<3>{\"time\":"));
    CHECK(std::fgets(line.data(), line.size(), said) == nullptr);
    std::fclose(said);
    int status = 0;
    waitpid(child, &status, 0);
}
