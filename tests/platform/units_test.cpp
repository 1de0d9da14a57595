#include <doctest/doctest.h>

#include "platform/linux/units.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

std::set<std::string, std::less<>> const active = {"multi-user.target", "sockets.target", "cups.socket"};

/// A daemon that is enabled and runs.
UnitFacts daemon_unit()
{
    UnitFacts unit;
    unit.name = "cron.service";
    unit.description = "Regular background program processing daemon";
    unit.load_state = "loaded";
    unit.active_state = "active";
    unit.sub_state = "running";
    unit.unit_file_state = "enabled";
    unit.type = "simple";
    unit.result = "success";
    unit.wanted_by = {"multi-user.target"};
    unit.condition_result = true;
    unit.condition_us = 1'000'000;
    unit.state_change_us = 2'000'000;
    return unit;
}

void check(UnitFacts const& unit, std::string_view state, bool expected)
{
    auto const service = judge_unit(unit, active);
    CHECK(*service.state == state);
    CHECK(*service.expected == expected);
}

} // namespace

TEST_CASE("units: an enabled daemon is expected, whether it runs, failed or was stopped")
{
    auto unit = daemon_unit();
    check(unit, "running", true);
    auto const service = judge_unit(unit, active);
    CHECK(*service.start_type == "automatic");
    CHECK(*service.since_ms == 2000);

    unit.active_state = "failed";
    unit.result = "exit-code";
    check(unit, "failed", true);

    // Somebody stopped it: it left "active" before its process ended.
    unit = daemon_unit();
    unit.active_state = "inactive";
    unit.sub_state = "dead";
    unit.active_exit_mono_us = 500;
    unit.process_exit_mono_us = 600;
    check(unit, "stopped", true);

    unit.active_state = "activating";
    unit.sub_state = "auto-restart";
    check(unit, "starting", true);
    unit.active_state = "deactivating";
    check(unit, "stopping", true);
}

TEST_CASE("units: what ended well by itself is finished and not missed")
{
    auto unit = daemon_unit();
    unit.active_state = "inactive";
    unit.sub_state = "dead";
    unit.process_exit_mono_us = 500;
    unit.active_exit_mono_us = 501;
    check(unit, "finished", false);

    unit = daemon_unit();
    unit.type = "oneshot";
    unit.active_state = "inactive";
    check(unit, "finished", false);
    unit.active_state = "failed";
    unit.result = "exit-code";
    check(unit, "failed", false);

    unit = daemon_unit();
    unit.sub_state = "exited";
    check(unit, "finished", false);
}

TEST_CASE("units: nothing raises a false alarm that need not run")
{
    auto stopped = daemon_unit();
    stopped.active_state = "inactive";
    stopped.sub_state = "dead";
    stopped.active_exit_mono_us = 500;
    stopped.process_exit_mono_us = 600;

    SUBCASE("its condition failed")
    {
        stopped.condition_result = false;
        check(stopped, "stopped", false);
    }
    SUBCASE("it was never started in this boot")
    {
        stopped.condition_us = 0;
        stopped.state_change_us = 0;
        check(stopped, "stopped", false);
        CHECK_FALSE(judge_unit(stopped, active).since_ms);
    }
    SUBCASE("a socket that listens starts it")
    {
        stopped.triggered_by = {"cups.socket"};
        check(stopped, "stopped", false);
    }
    SUBCASE("a socket that does not listen excuses nothing")
    {
        stopped.triggered_by = {"ssh.socket"};
        check(stopped, "stopped", true);
    }
    SUBCASE("it is static, disabled or masked")
    {
        for (auto const* const state : {"static", "disabled", "masked", "indirect", "alias", ""}) {
            stopped.unit_file_state = state;
            check(stopped, "stopped", false);
        }
    }
    SUBCASE("it is enabled by an alias for the bus only")
    {
        stopped.wanted_by.clear();
        check(stopped, "stopped", false);
    }
    SUBCASE("its target is not reached")
    {
        stopped.wanted_by = {"sleep.target"};
        check(stopped, "stopped", false);
    }
}

TEST_CASE("units: start types have four words")
{
    auto const start_type = [](char const* state) {
        auto unit = daemon_unit();
        unit.unit_file_state = state;
        auto const service = judge_unit(unit, active);
        return service.start_type ? *service.start_type : std::string("unknown");
    };
    CHECK(start_type("enabled-runtime") == "automatic");
    CHECK(start_type("generated") == "automatic");
    CHECK(start_type("static") == "manual");
    CHECK(start_type("disabled") == "disabled");
    CHECK(start_type("masked-runtime") == "masked");
    CHECK(start_type("") == "unknown");
}

TEST_CASE("units: a service that is only a file is stopped and not missed")
{
    auto const service = judge_unit_file("debug-shell.service", "disabled");
    CHECK(*service.state == "stopped");
    CHECK(*service.start_type == "disabled");
    CHECK_FALSE(*service.expected);
    CHECK_FALSE(service.since_ms);
    CHECK_FALSE(service.result);
}
