#include <doctest/doctest.h>

#include "platform/macos/disk_volumes.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/macos/fixture.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

Result<plist::Value> diskutil(std::string const& name)
{
    return plist::parse(test::mac_fixture("diskutil/" + name + ".plist"));
}

EncryptedVolume one(Result<plist::Value> const& apfs, std::string device, std::string file_system = "apfs")
{
    return judge_apfs_encryption(apfs, {{.mount_point = "/", .device = std::move(device), .file_system = file_system}})
        .at(0);
}

plist::Value media(std::string const& medium, std::string const& model)
{
    return *plist::parse("<dict><key>BSD Name</key><string>disk0</string><key>Device Characteristics</key><dict>"
                         "<key>Medium Type</key><string>" +
                         medium + "</string><key>Product Name</key><string>" + model +
                         " </string><key>Serial Number</key><string>0ba0 </string></dict></dict>");
}

} // namespace

TEST_CASE("disk_volumes: the sealed volume of the system is as encrypted as its partner with the data")
{
    auto const apfs = diskutil("apfs-list");
    CHECK(*one(apfs, "/dev/disk3s1s1").encrypted);
    CHECK(*one(apfs, "/dev/disk3s1s1").method == "FileVault");
    CHECK(*one(apfs, "/dev/disk3s5").encrypted);
    CHECK_FALSE(*one(apfs, "/dev/disk3s2").encrypted);
    CHECK(one(apfs, "/dev/disk3s2").method->empty());
}

TEST_CASE("disk_volumes: what the chip encrypts without a password, and what is still converted, is not encrypted")
{
    auto const apfs = diskutil("apfs-list");
    CHECK_FALSE(*one(apfs, "/dev/disk3s15").encrypted);
    CHECK_FALSE(*one(apfs, "/dev/disk5s1").encrypted);
}

TEST_CASE("disk_volumes: a volume that diskutil does not know, or that is no APFS, is unknown, FAT is not encrypted")
{
    auto const apfs = diskutil("apfs-list");
    CHECK(reason(one(apfs, "/dev/disk3s99").encrypted.error()) == "not_found");
    CHECK(reason(one(apfs, "/dev/disk2s2", "hfs").encrypted.error()) == "not_supported");
    CHECK(reason(one(apfs, "somewhere").encrypted.error()) == "not_supported");
    CHECK_FALSE(*one(apfs, "/dev/disk4s1", "exfat").encrypted);
    CHECK(reason(one(fail(errc::timed_out, "diskutil"), "/dev/disk3s1").encrypted.error()) == "timed_out");
    CHECK(reason(one(plist::parse("<dict/>"), "/dev/disk3s1").encrypted.error()) == "bad_message");
    CHECK(reason(one(plist::parse("<dict><key>Containers</key><array><dict><key>Volumes</key><array><dict>"
                                  "<key>DeviceIdentifier</key><string>disk3s1</string></dict></array></dict></array>"
                                  "</dict>"),
                     "/dev/disk3s1")
                     .encrypted.error()) == "bad_message");
}

TEST_CASE("disk_volumes: drives are listed by names that may stand in a command, and by no others")
{
    CHECK(*physical_disks(*diskutil("list-physical")) == std::vector<std::string>{"disk0", "disk4"});
    CHECK(reason(physical_disks(*plist::parse("<dict/>")).error()) == "bad_message");
    for (auto const* const name : {"disk", "disk0s1", "-v", "sda", "disk0 x"})
        CHECK(reason(physical_disks(*plist::parse(std::string("<dict><key>WholeDisks</key><array><string>") + name +
                                                  "</string></array></dict>"))
                         .error()) == "bad_message");
}

TEST_CASE("disk_volumes: the health of a drive is what diskutil tells, in Celsius; the rest is not supported")
{
    auto const reading = parse_diskutil_health(*diskutil("info-nvme"));
    REQUIRE(reading);
    CHECK_FALSE(reading->asleep);
    CHECK(*reading->facts.passed);
    CHECK(*reading->facts.celsius == 33);
    CHECK(*reading->facts.power_on_hours == 870);
    CHECK(*reading->facts.media_errors == 0);
    CHECK(*reading->facts.used_percent == 2);
    CHECK(*reading->facts.spare_percent == 100);
    CHECK(reason(reading->facts.warnings.error()) == "not_supported");
    CHECK(reason(reading->facts.pending_sectors.error()) == "not_supported");

    CHECK(reason(parse_diskutil_health(*diskutil("info-usb")).error()) == "not_supported");
    CHECK(reason(parse_diskutil_health(*plist::parse("<true/>")).error()) == "bad_message");
    auto const failing =
        parse_diskutil_health(*plist::parse("<dict><key>SMARTStatus</key><string>Failing</string></dict>"));
    CHECK_FALSE(*failing->facts.passed);
    CHECK(reason(failing->facts.celsius.error()) == "not_supported");
    auto const huge = parse_diskutil_health(
        *plist::parse("<dict><key>SMARTDeviceSpecificKeysMayVaryNotGuaranteed</key><dict><key>POWER_ON_HOURS_0</key>"
                      "<integer>1</integer><key>POWER_ON_HOURS_1</key><integer>1</integer></dict></dict>"));
    CHECK(reason(huge->facts.power_on_hours.error()) == "bad_message");
    CHECK(reason(huge->facts.passed.error()) == "not_supported");
}

TEST_CASE("disk_volumes: a disk that may spin, one of a virtual machine, and one that nobody knows, are not asked")
{
    auto const solid = mac_drive_facts({media("Solid State", "APPLE SSD AP0512Z")}, "disk0");
    CHECK(*solid.model == "APPLE SSD AP0512Z");
    CHECK(*solid.serial == "0ba0");
    CHECK(may_ask_mac_drive(solid));
    CHECK_FALSE(may_ask_mac_drive(mac_drive_facts({media("Rotational", "Disk")}, "disk0")));
    CHECK_FALSE(may_ask_mac_drive(mac_drive_facts({media("Solid State", "QEMU HARDDISK")}, "disk0")));
    CHECK_FALSE(may_ask_mac_drive(mac_drive_facts({}, "disk0")));
}

TEST_CASE("disk_volumes: whatever diskutil prints, judging it ends")
{
    test::torment(test::mac_fixture("diskutil/apfs-list.plist"), [](std::string_view text) {
        auto const value = plist::parse(text);
        return judge_apfs_encryption(value, {{.mount_point = "/", .device = "/dev/disk3s1", .file_system = "apfs"}})
            .size();
    });
}
