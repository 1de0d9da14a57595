#include <array>
#include <cstddef>
#include <string>

#include <doctest/doctest.h>

#include <windows.h>

#include <winsvc.h>

#include "platform/service_control.hpp"
#include "platform/service_host.hpp"
#include "platform/windows/scm.hpp"
#include "platform/windows/service_state.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using namespace std::chrono_literals;

namespace
{

/// A service that is never started, so that its program need not be one.
ServiceSetup setup()
{
    return {.name = "RollcallTestService",
            .display_name = "Rollcall test \xC3\xBC",
            .description = "Made by a test",
            .command = {R"(C:\Program Files\Rollcall\no such.exe)", "run", "--state", R"(C:\a b\)"}};
}

struct Config {
    std::wstring program;
    DWORD start{};
    DWORD failures{};
};

Config config_of(wchar_t const* name)
{
    ScmHandle const manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
    REQUIRE(manager);
    ScmHandle const service(::OpenServiceW(manager.get(), name, SERVICE_QUERY_CONFIG));
    REQUIRE(service);
    alignas(QUERY_SERVICE_CONFIGW) std::array<std::byte, 8192> bytes{};
    DWORD needed = 0;
    auto* const config = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(bytes.data());
    REQUIRE(::QueryServiceConfigW(service.get(), config, bytes.size(), &needed) != FALSE);
    Config found{.program = config->lpBinaryPathName, .start = config->dwStartType};
    if (::QueryServiceConfig2W(service.get(), SERVICE_CONFIG_FAILURE_ACTIONS, reinterpret_cast<BYTE*>(bytes.data()),
                               bytes.size(), &needed) != FALSE)
        found.failures = reinterpret_cast<SERVICE_FAILURE_ACTIONSW const*>(bytes.data())->cActions;
    return found;
}

} // namespace

TEST_CASE("service_control: a service is made, told anew and taken away")
{
    (void)uninstall_service(setup().name);
    auto wanted = setup();
    REQUIRE(install_service(wanted));
    auto const first = config_of(L"RollcallTestService");
    CHECK(first.program == LR"("C:\Program Files\Rollcall\no such.exe" run --state "C:\a b\\")");
    CHECK(first.start == SERVICE_AUTO_START);
    // Wine takes them and tells none.
    if (first.failures != 0) CHECK(first.failures == 3);
    wanted.command = {R"(C:\other.exe)"};
    REQUIRE(install_service(wanted));
    CHECK(config_of(L"RollcallTestService").program == LR"("C:\other.exe")");
    REQUIRE(uninstall_service(wanted.name));
    CHECK(reason(uninstall_service(wanted.name).error()) == "not_found");
}

TEST_CASE("service_control: a service without a whole path is refused")
{
    auto wrong = setup();
    wrong.command = {"agent.exe"};
    CHECK(reason(install_service(wrong).error()) == "bad_input");
    wrong.command.clear();
    CHECK(reason(install_service(wrong).error()) == "bad_input");
}

TEST_CASE("service_control: for a person at a terminal the body just runs")
{
    int runs = 0;
    CHECK(run_as_service("RollcallTestService", [&] {
              ++runs;
              return ServiceEnd{.exit_code = 5, .start_again = true};
          }) == 5);
    CHECK(runs == 1);
}

TEST_CASE("service_host: a request to end reaches whoever waits for it, also one that came before")
{
    auto& state = ServiceState::instance();
    int stops = 0;
    int sessions = 0;
    state.on_session_change([&] { ++sessions; });
    {
        auto const host = make_service_host();
        host->ready();
        host->on_stop([&] { ++stops; });
        CHECK(state.control(SERVICE_CONTROL_SESSIONCHANGE) == NO_ERROR);
        CHECK(sessions == 1);
        CHECK(stops == 0);
        CHECK(state.control(SERVICE_CONTROL_STOP) == NO_ERROR);
        CHECK(stops == 1);
    }
    // Nobody waits any more.
    CHECK(state.control(SERVICE_CONTROL_PRESHUTDOWN) == NO_ERROR);
    CHECK(stops == 1);
    auto const late = make_service_host();
    late->on_stop([&] { ++stops; });
    CHECK(stops == 2);
    state.on_session_change({});
    CHECK(state.control(SERVICE_CONTROL_SESSIONCHANGE) == NO_ERROR);
    CHECK(sessions == 1);
    CHECK(state.control(SERVICE_CONTROL_PAUSE) == ERROR_CALL_NOT_IMPLEMENTED);
    CHECK(late->watchdog_period() == 0us);
}
