#include <doctest/doctest.h>

#include "platform/linux/mounts.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

static std::vector<std::string> places(std::string_view text)
{
    std::vector<std::string> found;
    for (auto const& mount : local_volumes(parse_mountinfo(text)))
        found.push_back(mount.mount_point);
    return found;
}

TEST_CASE("mounts: a recorded table has one volume")
{
    auto const volumes = local_volumes(parse_mountinfo(test::fixture("vm/proc/self/mountinfo")));
    REQUIRE(volumes.size() == 1);
    CHECK(volumes[0].mount_point == "/");
    CHECK(volumes[0].file_system == "ext4");
    CHECK(volumes[0].source == "/dev/vda");
    CHECK_FALSE(volumes[0].read_only);
}

TEST_CASE("mounts: bind mounts and subvolumes are the same volume once")
{
    CHECK(places("20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                 "21 20 8:1 /srv/data /srv/chroot/data rw - ext4 /dev/sda1 rw\n"
                 "22 20 0:40 /@home /home rw - btrfs /dev/sdb1 rw\n"
                 "23 20 0:40 /@snapshots /.snapshots rw - btrfs /dev/sdb1 rw\n"
                 "24 20 8:17 / /data rw - xfs /dev/sdb1 rw\n") == std::vector<std::string>{"/", "/data", "/home"});
}

TEST_CASE("mounts: the kernel's own and other machines' file systems are no volumes")
{
    CHECK(places("1 0 0:1 / /proc rw - proc proc rw\n"
                 "2 0 0:2 / /run rw - tmpfs tmpfs rw\n"
                 "3 0 0:3 / /mnt/share rw - nfs4 server:/x rw\n"
                 "4 0 7:0 / /snap/core/1 ro - squashfs /dev/loop0 ro\n"
                 "5 0 0:5 / /var/lib/docker/overlay2/abc/merged rw - overlay overlay rw\n")
              .empty());
    // A container's root is all it has.
    CHECK(places("5 0 0:5 / / rw - overlay overlay rw\n") == std::vector<std::string>{"/"});
}

TEST_CASE("mounts: a later mount hides an earlier one at the same place")
{
    auto const volumes =
        local_volumes(parse_mountinfo("1 0 8:1 / /mnt rw - ext4 /dev/sda1 rw\n2 0 8:2 / /mnt ro - xfs /dev/sda2 ro\n"));
    REQUIRE(volumes.size() == 1);
    CHECK(volumes[0].file_system == "xfs");
    CHECK(volumes[0].read_only);
}

TEST_CASE("mounts: escapes and optional fields are understood")
{
    auto const mounts = parse_mountinfo(
        "36 35 98:0 /mnt1 /mnt/a\\040b\\134c rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue\n");
    REQUIRE(mounts.size() == 1);
    CHECK(mounts[0].mount_point == "/mnt/a b\\c");
    CHECK(mounts[0].root == "/mnt1");
    // What only looks like an escape stays.
    CHECK(parse_mountinfo("1 0 8:1 / /x\\9y\\04 rw - ext4 d rw\n")[0].mount_point == "/x\\9y\\04");
}

TEST_CASE("mounts: torn and hostile tables do no harm")
{
    auto const parse = [](std::string_view text) { return local_volumes(parse_mountinfo(text)).size(); };
    test::torment(test::fixture("vm/proc/self/mountinfo"), parse);
    CHECK(parse_mountinfo("1 2 3 - 4 5 6\n").empty());
    CHECK(parse_mountinfo("1 0 8:1 / /x rw - ext4\n").empty());
    CHECK(parse("1 0 8:1 / /" + test::hostile_name() + " rw - ext4 d rw\n") <= 1);
}
