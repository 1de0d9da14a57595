#include <doctest/doctest.h>

#include <thread>

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
