#include <doctest/doctest.h>

#include "platform/macos/software_update.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/macos/fixture.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

Result<std::vector<MacUpdate>> listed(std::string const& name)
{
    return parse_softwareupdate_list(test::mac_fixture("softwareupdate/" + name));
}

} // namespace

TEST_CASE("software update: the list is read with titles that hold commas, sizes and restarts")
{
    auto const updates = listed("list.txt");
    REQUIRE(updates);
    REQUIRE(updates->size() == 4);
    CHECK(updates->at(0).label == "macOS Sonoma 14.7.1-23H222");
    CHECK(updates->at(0).title == "macOS Sonoma 14.7.1");
    CHECK(updates->at(0).version == "14.7.1");
    CHECK(*updates->at(0).size_bytes == 1302312LL * 1024);
    CHECK(updates->at(0).restarts);
    CHECK_FALSE(updates->at(1).restarts);
    CHECK(updates->at(2).title == "Command Line Tools, for Xcode");
    CHECK(updates->at(2).version == "16.1");
    CHECK(*updates->at(2).size_bytes == 751352LL * 1024);
    CHECK(updates->at(3).version == "5280");
    CHECK(reason(updates->at(3).size_bytes.error()) == "not_supported");
}

TEST_CASE("software update: lines of a log between, and the layout before macOS 10.15, are understood")
{
    auto const noisy = listed("noise.txt");
    REQUIRE(noisy);
    REQUIRE(noisy->size() == 1);
    CHECK(noisy->front().version == "15.2");
    CHECK(noisy->front().restarts);

    auto const old = listed("mojave.txt");
    REQUIRE(old);
    REQUIRE(old->size() == 3);
    CHECK(old->at(0).title == "macOS 10.14.6 Supplemental Update");
    CHECK(old->at(0).version.empty());
    CHECK(old->at(1).label == "Security Update 2020-004-10.14.6");
    CHECK(old->at(1).version == "10.14.6");
    CHECK(*old->at(1).size_bytes == 1633218LL * 1024);
    CHECK(old->at(1).restarts);
    CHECK_FALSE(old->at(2).restarts);
}

TEST_CASE("software update: that there is nothing new must be said; an error and another language are none")
{
    CHECK(listed("none.txt")->empty());
    CHECK(reason(listed("error.txt").error()) == "io");
    CHECK(listed("error.txt").error().trace.find("-1009") != std::string::npos);
    CHECK(reason(listed("german.txt").error()) == "bad_message");
    CHECK(reason(parse_softwareupdate_list("").error()) == "bad_message");
    CHECK(reason(parse_softwareupdate_list("* Label: \n").error()) == "bad_message");
    for (auto const* const name : {"list.txt", "mojave.txt", "noise.txt"})
        test::torment(test::mac_fixture(std::string("softwareupdate/") + name),
                      [](std::string_view text) { return parse_softwareupdate_list(text).has_value(); });
}

TEST_CASE("software update: a label whose details were cut off is told by its label")
{
    auto const updates = parse_softwareupdate_list("* Label: macOS 15.2-24C101\n");
    REQUIRE(updates);
    auto const patches = mac_patches(*updates, "15.1");
    REQUIRE(patches.size() == 1);
    CHECK(patches[0].package == "macOS 15.2-24C101");
}

TEST_CASE("software update: patches have the version that runs where they are the system's, and say what is security")
{
    auto updates = *listed("list.txt");
    updates.push_back(updates[1]);
    updates.push_back(updates[1]);
    updates.back().label = "Safari18-18.0";
    auto const patches = mac_patches(updates, "14.6.1");
    REQUIRE(patches.size() == 5);
    CHECK(patches[0].package == "macOS Sonoma 14.7.1");
    CHECK(patches[0].installed_version == "14.6.1");
    CHECK(patches[0].available_version == "14.7.1");
    CHECK(reason(patches[0].security.error()) == "not_supported");
    CHECK(patches[1].installed_version.empty());
    CHECK(*patches[3].security);
    CHECK(patches[4].package == "Safari [Safari18-18.0]");
}

TEST_CASE("software update: FileVault that waits for a restart is a reason, in its own words")
{
    CHECK_FALSE(*disk_encryption_restart(std::string("FileVault is On.\n")).pending);
    CHECK_FALSE(*disk_encryption_restart(std::string("FileVault is Off.\n")).pending);
    for (auto const* const waits : {"FileVault is On, but needs to be restarted to finish.",
                                    "FileVault is Off, but will be enabled after the next restart.",
                                    "FileVault is Off, but needs to be restarted to finish."}) {
        auto const signal = disk_encryption_restart(std::string(waits) + "\n");
        CHECK(*signal.pending);
        CHECK(*signal.detail == waits);
    }
    CHECK(reason(disk_encryption_restart(std::string("FileVault ist aktiviert.")).pending.error()) == "bad_message");
    CHECK(reason(disk_encryption_restart(fail(errc::timed_out, "fdesetup")).pending.error()) == "timed_out");
}

TEST_CASE("software update: another build than the one that runs, and a fetched update, are reasons")
{
    CHECK_FALSE(*system_build_older(std::string("23H222"), std::string("23H222"), UnixMs{5}).pending);
    auto const older = system_build_older(std::string("23G93"), std::string("23H222"), UnixMs{5});
    CHECK(*older.pending);
    CHECK(*older.detail == "23G93 → 23H222");
    CHECK(*older.since_ms == 5);
    CHECK(reason(system_build_older(std::string("23G93"), std::string(), UnixMs{5}).pending.error()) == "bad_message");
    CHECK(reason(system_build_older(fail(errc::io, "sysctl"), std::string("x"), UnixMs{5}).pending.error()) == "io");
    CHECK_FALSE(*update_at_log_out(fail(errc::not_found, "cookie")).pending);
    CHECK(*update_at_log_out(UnixMs{7}).since_ms == 7);
    CHECK(reason(update_at_log_out(fail(errc::io, "cookie")).pending.error()) == "io");
}

TEST_CASE("software update: updates that would restart it are a hint, never a reason")
{
    auto const signal = updates_that_restart(listed("list.txt"));
    CHECK_FALSE(*signal.pending);
    CHECK(*signal.detail == "macOS Sonoma 14.7.1");
    CHECK(reason(updates_that_restart(fail(errc::not_yet_read, "scan")).pending.error()) == "not_yet_read");
}
