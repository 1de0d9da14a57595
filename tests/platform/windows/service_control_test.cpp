#include <array>
#include <cstddef>
#include <string>

#include <doctest/doctest.h>

#include <windows.h>

#include <sddl.h>
#include <winsvc.h>

#include "platform/paths.hpp"
#include "platform/service_control.hpp"
#include "platform/service_host.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/scm.hpp"
#include "platform/windows/service_state.hpp"
#include "platform/windows/text.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using namespace std::chrono_literals;

namespace
{

/// A service that is never started: any program will do.
ServiceSetup setup()
{
    auto const program = own_program();
    REQUIRE(program);
    return {.name = "RollcallTestService",
            .display_name = "Rollcall test \xC3\xBC",
            .description = "Made by a test",
            .command = {*program, "run", "--state", R"(C:\a b\)"}};
}

/// As an administrator would by icacls.
bool set_rights(std::string const& path, wchar_t const* text)
{
    PSECURITY_DESCRIPTOR raw = nullptr;
    if (::ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1, &raw, nullptr) == FALSE)
        return false;
    LocalMemory<void> const rights(raw);
    return ::SetFileSecurityW(utf16(path).c_str(), DACL_SECURITY_INFORMATION, raw) != FALSE;
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
    CHECK(first.program == L'"' + utf16(wanted.command.front()) + LR"(" run --state "C:\a b\\")");
    CHECK(first.start == SERVICE_AUTO_START);
    // Wine takes them and tells none.
    if (first.failures != 0) CHECK(first.failures == 3);
    wanted.command = {R"(C:\windows\system32\cmd.exe)"};
    REQUIRE(install_service(wanted));
    CHECK(config_of(L"RollcallTestService").program == LR"("C:\windows\system32\cmd.exe")");
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

TEST_CASE("service_control: a program that is not there, or that others may change, is no service")
{
    auto wrong = setup();
    wrong.command = {R"(C:\windows\system32\no such.exe)"};
    CHECK(reason(install_service(wrong).error()) == "not_found");

    support::TempDir const temporary;
    auto const path = (temporary / "agent.exe").string();
    Handle(::CreateFileW(utf16(path).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, 0, nullptr)).reset();
    wrong.command = {path};
    REQUIRE(install_service(wrong));
    REQUIRE(uninstall_service(wrong.name));
    // Of Everyone, as in a folder that somebody made in C:\.
    for (auto const& place : {path, temporary.path().string()}) {
        CHECK(set_rights(place, L"D:P(A;;FA;;;WD)"));
        auto const refused = install_service(wrong);
        REQUIRE_FALSE(refused);
        CHECK(reason(refused.error()) == "refused");
        CHECK(refused.error().trace.find("Program Files") != std::string::npos);
        CHECK(set_rights(place, L"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FRFX;;;WD)"));
        CHECK(install_service(wrong));
    }
    REQUIRE(uninstall_service(wrong.name));
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
