#include <doctest/doctest.h>

#include "platform/macos/plist.hpp"
#include "platform/macos/registry_values.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

plist::Value mac_dictionary(std::vector<std::pair<std::string, plist::Value>> const& entries)
{
    plist::Dictionary made;
    for (auto const& [key, value] : entries)
        made.add(key, value);
    return plist::Value(std::move(made));
}

plist::Value mac_text(std::string value) { return plist::Value(std::move(value)); }
plist::Value mac_number(std::int64_t value) { return plist::Value(value); }
plist::Value mac_yes() { return plist::Value(true); }
plist::Value mac_no() { return plist::Value(false); }
plist::Value mac_bytes(std::string value) { return plist::Value(plist::Data{std::move(value)}); }

plist::Value mac_medium(std::string const& name, std::string const& interconnect, std::string const& content = "")
{
    return mac_dictionary(
        {{"BSD Name", mac_text(name)},
         {"Whole", mac_yes()},
         {"Size", mac_number(500'277'792'768)},
         {"Removable", mac_no()},
         {"Content", mac_text(content)},
         {"Device Characteristics", mac_dictionary({{"Product Name", mac_text("APPLE SSD AP0512Q")},
                                                    {"Serial Number", mac_text("  0ba0123456789  ")},
                                                    {"Medium Type", mac_text("Solid State")}})},
         {"Protocol Characteristics", mac_dictionary({{"Physical Interconnect", mac_text(interconnect)}})},
         {"Statistics", mac_dictionary({{"Bytes (Read)", mac_number(4'096)}, {"Bytes (Write)", mac_number(512)}})}});
}

} // namespace

TEST_CASE("registry values: texts and numbers are read as drivers write them, and rubbish is not guessed")
{
    auto const entry = mac_dictionary({{"text", mac_text(" Apple M1 ")},
                                       {"bytes", mac_bytes(std::string("Mac14,2\0\0", 9))},
                                       {"vendor-id", mac_bytes(std::string("\x86\x80\0\0", 4))},
                                       {"wide", mac_bytes("12345678")},
                                       {"empty", mac_text("   ")},
                                       {"zeros", mac_bytes(std::string(8, '\0'))}});
    CHECK(*registry_text(entry, "text") == "Apple M1");
    CHECK(*registry_text(entry, "bytes") == "Mac14,2");
    CHECK_FALSE(registry_text(entry, "empty"));
    CHECK_FALSE(registry_text(entry, "missing"));
    CHECK(*registry_number(entry, "vendor-id") == 0x8086);
    CHECK(*registry_number(entry, "zeros") == 0);
    CHECK(registry_number(entry, "wide").error().code == errc::bad_message);
    CHECK_FALSE(registry_number(entry, "text"));
    CHECK_FALSE(registry_number(mac_text("no dictionary"), "x"));
}

TEST_CASE("mac chassis: by the family of the model, else by a battery; a new model without one is unknown")
{
    static constexpr std::int64_t notebook = 10;
    CHECK(*mac_chassis("MacBookPro18,3", false) == notebook);
    CHECK(*mac_chassis("iMac21,1", false) == 13);
    CHECK(*mac_chassis("Macmini9,1", false) == 35);
    CHECK(*mac_chassis("MacPro7,1", false) == 7);
    CHECK(*mac_chassis("Mac14,2", true) == notebook);
    CHECK(mac_chassis("Mac14,13", false).error().code == errc::not_found);
}

TEST_CASE("mac virtualization: Apple's own, those that are known by name, another one, none")
{
    Fact<std::string> const apple = std::string("Apple Inc.");
    CHECK(mac_virtualization(true, apple, "VirtualMac2,1") == "apple");
    CHECK(mac_virtualization(true, apple, "VMware7,1") == "vmware");
    CHECK(mac_virtualization(true, apple, "Parallels-ARM") == "parallels");
    CHECK(mac_virtualization(true, apple, "MacPro7,1") == "other");
    CHECK(mac_virtualization(false, apple, "MacPro7,1").empty());
}

TEST_CASE("mac gpus: one of Apple's processor has no memory of its own; one on the bus has a maker and megabytes")
{
    auto const gpus =
        mac_gpus({mac_dictionary({{"model", mac_text("Apple M1 Pro")}, {"IOClass", mac_text("AGXAcceleratorG13X")}}),
                  mac_dictionary({{"model", mac_bytes(std::string("AMD Radeon Pro 5500M\0", 21))},
                                  {"vendor-id", mac_bytes(std::string("\x02\x10\0\0", 4))},
                                  {"VRAM,totalMB", mac_number(4'096)}}),
                  mac_dictionary({{"vendor-id", mac_bytes(std::string("\x34\x12\0\0", 4))}})});
    REQUIRE(gpus.size() == 3);
    CHECK(gpus[0].place == "gpu0");
    CHECK(*gpus[0].manufacturer == "Apple");
    CHECK(*gpus[0].driver == "AGXAcceleratorG13X");
    CHECK(gpus[0].memory_bytes.error().code == errc::not_supported);
    CHECK(*gpus[1].manufacturer == "AMD");
    CHECK(*gpus[1].model == "AMD Radeon Pro 5500M");
    CHECK(*gpus[1].memory_bytes == 4'294'967'296);
    CHECK(*gpus[2].manufacturer == "0x1234");
    CHECK_FALSE(gpus[2].model);
    CHECK(mac_gpus({}).empty());
}

TEST_CASE("mac batteries: Apple's processors tell percent, Intel's milliampere hours; a bay without one is none")
{
    auto const batteries =
        mac_batteries({mac_dictionary({{"BatteryInstalled", mac_yes()},
                                       {"DeviceName", mac_text("bq40z651")},
                                       {"IsCharging", mac_no()},
                                       {"ExternalConnected", mac_yes()},
                                       {"FullyCharged", mac_no()},
                                       {"CurrentCapacity", mac_number(80)},
                                       {"MaxCapacity", mac_number(100)},
                                       {"AppleRawMaxCapacity", mac_number(4'500)},
                                       {"DesignCapacity", mac_number(5'000)},
                                       {"CycleCount", mac_number(123)}}),
                       mac_dictionary({{"IsCharging", mac_no()},
                                       {"ExternalConnected", mac_no()},
                                       {"CurrentCapacity", mac_number(2'000)},
                                       {"MaxCapacity", mac_number(4'000)},
                                       {"DesignCapacity", mac_number(5'000)}}),
                       mac_dictionary({{"BatteryInstalled", mac_no()}}),
                       mac_dictionary({{"CurrentCapacity", mac_number(50)}, {"MaxCapacity", mac_number(0)}})});
    REQUIRE(batteries.size() == 3);
    CHECK(*batteries[0].state == "not charging");
    CHECK(*batteries[0].charge_percent == 80);
    CHECK(*batteries[0].wear_percent == 10);
    CHECK(*batteries[0].cycles == 123);
    CHECK(*batteries[1].state == "discharging");
    CHECK(*batteries[1].charge_percent == 50);
    CHECK(*batteries[1].wear_percent == 20);
    CHECK_FALSE(batteries[1].cycles);
    CHECK_FALSE(batteries[2].state);
    CHECK(batteries[2].charge_percent.error().code == errc::bad_message);
    CHECK_FALSE(batteries[2].wear_percent);
}

TEST_CASE("mac disks: drives only, no partition, no disk image and no disk that APFS made up")
{
    auto partition = mac_dictionary({{"BSD Name", mac_text("disk0s2")}, {"Whole", mac_no()}});
    std::vector<plist::Value> const media = {
        mac_medium("disk0", "Apple Fabric"),
        partition,
        mac_medium("disk3", "Apple Fabric", "EF57347C-0000-11AA-AA11-00306543ECAC"),
        mac_medium("disk4", "Virtual Interface"),
        mac_medium("disk5", "USB"),
        mac_text("no medium")};
    auto const disks = mac_disks(media);
    REQUIRE(disks.size() == 2);
    CHECK(disks[0].name == "disk0");
    CHECK(*disks[0].model == "APPLE SSD AP0512Q");
    CHECK(*disks[0].serial == "0ba0123456789");
    CHECK(*disks[0].size_bytes == 500'277'792'768);
    CHECK(*disks[0].bus == "nvme");
    CHECK_FALSE(*disks[0].rotational);
    CHECK_FALSE(*disks[0].removable);
    CHECK(*disks[1].bus == "usb");

    auto const counters = mac_disk_counters(media);
    REQUIRE(counters.size() == 2);
    CHECK(counters.at("disk0").read_bytes == 4'096);
    CHECK(counters.at("disk0").written_bytes == 512);
    CHECK_FALSE(counters.at("disk0").tells_busy);
}

TEST_CASE("mac disks: a volume lies on the stores of its container, or on its own drive, and never on a guess")
{
    auto const store = [](std::string const& name) { return mac_dictionary({{"APFSPhysicalStore", mac_text(name)}}); };
    auto const fused = drives_of_volume(
        mac_dictionary({{"FilesystemType", mac_text("apfs")},
                        {"ParentWholeDisk", mac_text("disk3")},
                        {"APFSPhysicalStores", plist::Value(plist::Array{store("disk1s2"), store("disk0s2")})}}));
    REQUIRE(fused);
    CHECK(*fused == std::vector<std::string>{"disk0", "disk1"});
    auto const plain =
        drives_of_volume(mac_dictionary({{"FilesystemType", mac_text("hfs")}, {"ParentWholeDisk", mac_text("disk2")}}));
    REQUIRE(plain);
    CHECK(*plain == std::vector<std::string>{"disk2"});
    CHECK_FALSE(drives_of_volume(
        mac_dictionary({{"FilesystemType", mac_text("apfs")}, {"ParentWholeDisk", mac_text("disk3")}})));
    CHECK_FALSE(drives_of_volume(mac_text("no dictionary")));

    CHECK(whole_disk("/dev/disk12s3s1").value() == "disk12");
    CHECK(whole_disk("disk0").value() == "disk0");
    for (auto const* const other : {"", "disk", "/dev/ttys0", "map auto_home", "diskette", "disks1", "disk0x1"})
        CHECK_FALSE(whole_disk(other));
}
