#include <doctest/doctest.h>

#include "agent/hardware_id.hpp"
#include "common/wire/hardware.hpp"
#include "tests/platform/tree.hpp"

using namespace rollcall;

static void add_disk(test::Tree const& tree, std::string const& name, std::string const& serial, std::string const& bus,
                     bool removable = false)
{
    auto const folder = "/sys/devices/" + bus + "/block/" + name;
    tree.write(folder + "/device/model", "Disk\n");
    tree.write(folder + "/device/serial", serial + "\n");
    tree.write(folder + "/size", "1000\n");
    tree.write(folder + "/removable", removable ? "1\n" : "0\n");
    tree.link("/sys/block/" + name, tree.root() / folder);
}

/// The state folder lies on these drives: buses and names, as add_disk() has them.
static void mount_on(test::Tree const& tree, std::vector<std::string> const& drives)
{
    tree.remove("/sys/devices/virtual/block/md0");
    tree.remove("/sys/dev/block/9:0");
    tree.write("/proc/self/mountinfo", "20 1 9:0 / / rw - ext4 /dev/md0 rw\n");
    for (auto const& drive : drives)
        tree.link("/sys/devices/virtual/block/md0/slaves" + drive.substr(drive.rfind('/')),
                  tree.root() / ("/sys/devices/" + drive));
    tree.link("/sys/dev/block/9:0", tree.root() / "/sys/devices/virtual/block/md0");
}

static wire::Hardware hardware_of(test::Tree const& tree)
{
    return agent::read_hardware(platform::make_machine(tree.root()), "/var/lib/rollcall-agent");
}

static void add_board(test::Tree const& tree, std::string const& maker)
{
    tree.write("/sys/class/dmi/id/sys_vendor", maker + "\n");
    tree.write("/sys/class/dmi/id/product_uuid", "4c4c4544-0000-1111-8031-b2c04f4d3232\n");
    tree.write("/sys/class/dmi/id/board_serial", "L1HF\n");
    tree.write("/proc/cpuinfo", "processor : 0\nmodel name : CPU\n");
}

TEST_CASE("hardware id: digests of the board and of the built-in drives that hold the state, and nothing in the clear")
{
    test::Tree const tree;
    add_board(tree, "LENOVO");
    add_disk(tree, "sda", "S-1", "ata1");
    add_disk(tree, "nvme0n1", "N-1", "nvme0");
    add_disk(tree, "mmcblk0", "M-1", "mmc0");
    add_disk(tree, "sdb", "stick", "usb1", true);
    add_disk(tree, "sdc", "plate", "usb2");
    add_disk(tree, "sdd", "a store's, which others see, too", "host3/rport-3:0-1");
    mount_on(tree, {"ata1/block/sda", "nvme0/block/nvme0n1", "mmc0/block/mmcblk0", "usb2/block/sdc"});
    auto const hardware = hardware_of(tree);
    CHECK(hardware.id.size() == 64);
    CHECK(hardware.disks.size() == 3);
    CHECK(wire::misfit(hardware).empty());
    CHECK(wire::to_text(hardware).find("S-1") == std::string::npos);

    // A stick that is pulled out, another network card: nothing that counts.
    tree.remove("/sys/block/sdb");
    tree.write("/sys/class/net/eth0/address", "02:00:00:00:00:99\n");
    CHECK(hardware_of(tree).disks == hardware.disks);
    // A drive that is replaced: its digest goes, the other's stays.
    tree.remove("/sys/block/sda");
    add_disk(tree, "sda", "S-2", "ata1");
    auto const later = hardware_of(tree);
    CHECK(later.id == hardware.id);
    CHECK(later.disks.size() == 3);
    CHECK(later.disks != hardware.disks);
}

TEST_CASE("hardware id: a drive for data beside the one with the state does not count, wherever it goes")
{
    test::Tree const tree;
    add_board(tree, "LENOVO");
    add_disk(tree, "sda", "S-1", "ata1");
    add_disk(tree, "sdb", "S-2", "ata2");
    mount_on(tree, {"ata1/block/sda"});
    auto const hardware = hardware_of(tree);
    CHECK(hardware.disks.size() == 1);
    tree.remove("/sys/block/sdb");
    CHECK(hardware_of(tree).disks == hardware.disks);
    mount_on(tree, {"ata2/block/sdb"});
    CHECK(hardware_of(tree).disks.empty());
    tree.remove("/proc/self/mountinfo");
    CHECK(hardware_of(tree).disks.empty());
}

TEST_CASE("hardware id: drives of a virtual machine do not count, since all of them may have the same number")
{
    test::Tree const tree;
    add_board(tree, "QEMU");
    add_disk(tree, "sda", "QM00001", "ata1");
    mount_on(tree, {"ata1/block/sda"});
    auto const hardware = hardware_of(tree);
    CHECK(hardware.id.size() == 64);
    CHECK(hardware.disks.empty());
}

TEST_CASE("hardware id: a machine id finds a machine again, but says nothing of its hardware")
{
    test::Tree const tree;
    add_board(tree, "LENOVO");
    tree.write("/run/systemd/container", "lxc\n");
    tree.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    auto const machine = platform::make_machine(tree.root());
    CHECK(agent::read_hardware_id(*machine).size() == 64);
    CHECK(agent::read_board_id(*machine).empty());
    CHECK(hardware_of(tree).id.empty());
}

TEST_CASE("hardware id: a machine that shows nothing of itself has none")
{
    test::Tree const tree;
    auto const hardware = hardware_of(tree);
    CHECK(hardware.id.empty());
    CHECK(hardware.disks.empty());
}
