#include <doctest/doctest.h>

#include "platform/macos/mac_volumes.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

MacMount mac_mount(std::string const& point, std::string const& device, bool hidden, bool read_only = false,
                   std::string const& type = "apfs")
{
    return {.mount_point = point,
            .device = device,
            .file_system = type,
            .is_local = true,
            .is_hidden = hidden,
            .read_only = read_only,
            .size_bytes = 1'000,
            .free_bytes = 400};
}

} // namespace

TEST_CASE("mac volumes: one for each container, the one that people see, and it is written where its data is")
{
    auto const volumes = judge_mac_volumes(
        {mac_mount("/", "/dev/disk3s1s1", false, true), mac_mount("/System/Volumes/Data", "/dev/disk3s5", true),
         mac_mount("/System/Volumes/VM", "/dev/disk3s6", true),
         mac_mount("/System/Volumes/xarts", "/dev/disk1s1", true),
         mac_mount("/Volumes/Projects", "/dev/disk3s7", false),
         mac_mount("/Volumes/Stick", "/dev/disk5s1", false, false, "exfat"),
         mac_mount("/Volumes/Image", "/dev/disk6s1", false, true, "hfs"),
         mac_mount("/dev", "devfs", true, false, "devfs"), mac_mount("/Volumes/Backup", "/dev/disk8s1", false, true)});
    REQUIRE(volumes.size() == 4);
    CHECK(volumes[0].mount_point == "/");
    CHECK_FALSE(volumes[0].read_only);
    CHECK(*volumes[0].free_bytes == 400);
    CHECK(volumes[1].mount_point == "/Volumes/Backup");
    CHECK(volumes[1].read_only);
    CHECK(volumes[2].mount_point == "/Volumes/Image");
    CHECK(volumes[3].file_system == "exfat");

    auto remote = mac_mount("/Volumes/Server", "//user@server/share", false, false, "smbfs");
    remote.is_local = false;
    CHECK(judge_mac_volumes({remote}).empty());
}

TEST_CASE("mac memory: what programs, the kernel and the compressor hold is not available, and never less than none")
{
    MacPages pages{.wired = 10, .of_programs = 30, .purgeable = 5, .compressor = 5, .page_bytes = 16'384};
    CHECK(mac_available_bytes(pages, 1'638'400) == 983'040);
    pages.wired = 1'000;
    CHECK(mac_available_bytes(pages, 1'638'400) == 0);
}
