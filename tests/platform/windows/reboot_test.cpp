#include <doctest/doctest.h>

#include <algorithm>
#include <string_view>

#include "platform/windows/reboot_signals.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/windows/planted_key.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

constexpr auto required_key =
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired";
constexpr auto components_key =
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending";
constexpr auto name_key = "SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName";
constexpr auto active_name_key = "SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ActiveComputerName";
constexpr auto session_manager_key = "SYSTEM\\CurrentControlSet\\Control\\Session Manager";

RebootSignal signal_of(test::PlantedKey const& planted, std::string_view name, UnixMs boot_ms = 0)
{
    RebootPlaces places;
    places.root = HKEY_CURRENT_USER;
    places.prefix = planted.prefix();
    places.boot_ms = boot_ms;
    auto const signals = reboot_signals(places);
    auto const found =
        std::find_if(signals.begin(), signals.end(), [&](auto const& signal) { return signal.name == name; });
    REQUIRE(found != signals.end());
    return *found;
}

} // namespace

TEST_CASE("reboot: nothing planted, nothing pending")
{
    test::PlantedKey const planted;
    for (auto const* const name : {"windows_update", "component_servicing", "update_exe_volatile"}) {
        auto const signal = signal_of(planted, name);
        REQUIRE(signal.pending);
        CHECK_FALSE(*signal.pending);
        CHECK(reason(signal.since_ms.error()) == "not_found");
    }
    // Without names nobody can tell.
    CHECK_FALSE(signal_of(planted, "computer_name").pending);
}

TEST_CASE("reboot: the keys themselves are the sign, since they were written")
{
    test::PlantedKey const planted;
    planted.add_key(required_key);
    planted.add_key(components_key);
    auto const now_ms = SystemClock{}.now_ms();
    for (auto const* const name : {"windows_update", "component_servicing"}) {
        auto const signal = signal_of(planted, name);
        REQUIRE(signal.pending);
        CHECK(*signal.pending);
        CHECK_FALSE(signal.reason->empty());
        REQUIRE(signal.since_ms);
        CHECK(*signal.since_ms > now_ms - 60'000);
        CHECK(*signal.since_ms < now_ms + 60'000);
    }
}

TEST_CASE("reboot: a sign from before the last boot asks for nothing")
{
    test::PlantedKey const planted;
    planted.add_key(required_key);
    auto const signal = signal_of(planted, "windows_update", SystemClock{}.now_ms() + 600'000);
    REQUIRE(signal.pending);
    CHECK_FALSE(*signal.pending);
    CHECK_FALSE(signal.detail->empty());
}

TEST_CASE("reboot: a new name of the computer is pending, another spelling of it is not")
{
    test::PlantedKey const planted;
    planted.add_text(name_key, "ComputerName", "OFFICE-2");
    planted.add_text(active_name_key, "ComputerName", "OFFICE-1");
    auto signal = signal_of(planted, "computer_name");
    REQUIRE(signal.pending);
    CHECK(*signal.pending);
    CHECK(*signal.detail == "OFFICE-1 → OFFICE-2");
    planted.add_text(name_key, "ComputerName", "office-1");
    signal = signal_of(planted, "computer_name");
    REQUIRE(signal.pending);
    CHECK_FALSE(*signal.pending);
}

TEST_CASE("reboot: UpdateExeVolatile counts unless it is 0, and of another type it is unknown")
{
    test::PlantedKey const planted;
    planted.add_number("SOFTWARE\\Microsoft\\Updates", "UpdateExeVolatile", 0);
    CHECK_FALSE(*signal_of(planted, "update_exe_volatile").pending);
    planted.add_number("SOFTWARE\\Microsoft\\Updates", "UpdateExeVolatile", 3);
    CHECK(*signal_of(planted, "update_exe_volatile").pending);
    planted.add_text("SOFTWARE\\Microsoft\\Updates", "UpdateExeVolatile", "3");
    CHECK(reason(signal_of(planted, "update_exe_volatile").pending.error()) == "bad_message");
}

TEST_CASE("reboot: files that wait for the next boot are a hint and no reason")
{
    test::PlantedKey const planted;
    static constexpr std::wstring_view pairs(L"\\??\\C:\\a.tmp\0\0\\??\\C:\\b.tmp\0!\\??\\C:\\b.dll\0\0", 42);
    planted.add(session_manager_key, "PendingFileRenameOperations", REG_MULTI_SZ, pairs.data(),
                pairs.size() * sizeof(wchar_t));
    auto const signal = signal_of(planted, "pending_file_renames");
    REQUIRE(signal.pending);
    CHECK_FALSE(*signal.pending);
    CHECK(*signal.detail == "2 files change at the next boot: C:\\a.tmp, C:\\b.tmp");
}

TEST_CASE("reboot: this machine has an answer to every signal")
{
    auto const signals = make_reboot()->signals();
    REQUIRE(signals);
    CHECK(signals->size() == 5);
}
