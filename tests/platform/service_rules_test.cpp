#include <doctest/doctest.h>

#include "platform/windows/service_rules.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

constexpr std::uint32_t scm_stopped = 1;
constexpr std::uint32_t scm_running = 4;
constexpr std::uint32_t scm_paused = 7;

/// The print spooler as it runs on every Windows.
ScmFacts spooler()
{
    ScmFacts facts;
    facts.name = "Spooler";
    facts.label = "Print Spooler";
    facts.type = 0x110;
    facts.state = scm_running;
    facts.start = std::uint32_t{2};
    facts.delayed = false;
    facts.triggered = false;
    facts.since_ms = UnixMs{5'000};
    return facts;
}

void check_service(ScmFacts const& facts, std::string_view state, bool expected)
{
    auto const service = judge_service(facts);
    REQUIRE(service.state);
    REQUIRE(service.expected);
    CHECK(*service.state == state);
    CHECK(*service.expected == expected);
}

} // namespace

TEST_CASE("service_rules: an automatic service is expected, whether it runs, was stopped or failed")
{
    auto facts = spooler();
    check_service(facts, "running", true);
    auto const service = judge_service(facts);
    CHECK(*service.start_type == "automatic");
    CHECK(*service.result == "success");
    CHECK(*service.since_ms == 5'000);

    facts.state = scm_stopped;
    check_service(facts, "stopped", true);

    facts.exit_code = 1067;
    check_service(facts, "failed", true);
    CHECK(*judge_service(facts).result == "process-ended");

    facts.exit_code = 1066;
    facts.specific_exit_code = 17;
    check_service(facts, "failed", true);
    CHECK(*judge_service(facts).result == "exit-code 17 (its own)");

    facts.exit_code = 5;
    CHECK(*judge_service(facts).result == "exit-code 5");
}

TEST_CASE("service_rules: one that has not been started since the boot is stopped, not failed, and not expected")
{
    auto facts = spooler();
    facts.state = scm_stopped;
    facts.exit_code = 1077;
    check_service(facts, "stopped", false);
    CHECK_FALSE(judge_service(facts).result);
}

TEST_CASE("service_rules: one with a delayed start that ended well need not run, one that failed must")
{
    auto facts = spooler();
    facts.delayed = true;
    check_service(facts, "running", true);
    facts.state = scm_stopped;
    check_service(facts, "stopped", false);
    facts.exit_code = 2;
    check_service(facts, "failed", true);
}

TEST_CASE("service_rules: what a trigger starts, manual and disabled ones, templates and updaters are not expected")
{
    auto facts = spooler();
    facts.triggered = true;
    check_service(facts, "running", false);

    facts = spooler();
    facts.start = std::uint32_t{3};
    check_service(facts, "running", false);
    CHECK(*judge_service(facts).start_type == "manual");

    facts.start = std::uint32_t{4};
    facts.state = scm_stopped;
    check_service(facts, "stopped", false);
    CHECK(*judge_service(facts).start_type == "disabled");

    facts = spooler();
    facts.type = 0x50; // CDPUserSvc: each user gets an instance of it.
    facts.state = scm_stopped;
    check_service(facts, "stopped", false);

    for (auto const* const name : {"sppsvc", "gupdate", "edgeupdate", "MapsBroker", "GoogleUpdaterService126.0.6462.0",
                                   "RemoteRegistry", "clr_optimization_v4.0.30319_64"}) {
        facts = spooler();
        facts.name = name;
        facts.state = scm_stopped;
        check_service(facts, "stopped", false);
    }
    CHECK_FALSE(is_short_worker("Spooler"));
    CHECK_FALSE(is_short_worker(""));
}

TEST_CASE("service_rules: a paused one does no work")
{
    auto facts = spooler();
    facts.state = scm_paused;
    CHECK(*judge_service(facts).state == "stopped");
}

TEST_CASE("service_rules: what could not be read makes an unknown, and only where it matters")
{
    auto facts = spooler();
    facts.delayed = fail(errc::permission_denied, "test");
    check_service(facts, "running", true);
    facts.state = scm_stopped;
    CHECK(reason(judge_service(facts).expected.error()) == "permission_denied");

    facts.start = fail(errc::permission_denied, "test");
    auto const service = judge_service(facts);
    CHECK_FALSE(service.start_type);
    CHECK_FALSE(service.expected);

    facts = spooler();
    facts.state = 77;
    CHECK(reason(judge_service(facts).state.error()) == "bad_message");
}
