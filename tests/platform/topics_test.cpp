#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/machine.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/tree.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using test::Tree;

namespace
{

Root recorded() { return {std::string(ROLLCALL_FIXTURES) + "/linux/vm"}; }

} // namespace

TEST_CASE("system_info: a recorded machine is told right")
{
    auto const os = make_system_info(recorded())->read();
    REQUIRE(os);
    CHECK(*os->family == "linux");
    CHECK(*os->name == "Debian GNU/Linux 12 (bookworm)");
    CHECK(*os->version == "12");
    CHECK(os->kernel->starts_with("6.18"));
    CHECK(*os->host_name == "vm");
    CHECK(os->boot_id->size() == 36);
    CHECK(os->container->empty());
    CHECK(*os->boot_ms > 1'700'000'000'000);
    CHECK(*os->time_zone == "UTC");
}

TEST_CASE("system_info: nothing readable is unknown, never 1970 and never empty")
{
    Tree const tree;
    auto const os = make_system_info(tree.root())->read();
    REQUIRE(os);
    CHECK_FALSE(os->name);
    CHECK_FALSE(os->version);
    CHECK_FALSE(os->boot_ms);
    CHECK_FALSE(os->boot_id);
    CHECK_FALSE(os->host_name);
    tree.write("/proc/stat", "cpu 1 2\nbtime 0\n");
    CHECK_FALSE(make_system_info(tree.root())->read()->boot_ms);
    tree.write("/proc/stat", "btime 99999999999999999999\n");
    CHECK_FALSE(make_system_info(tree.root())->read()->boot_ms);
}

TEST_CASE("system_info: a clock that is set right is no new boot")
{
    Tree const tree;
    tree.write("/proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n");
    tree.write("/proc/stat", "btime 1700000000\n");
    auto const info = make_system_info(tree.root());
    CHECK(*info->read()->boot_ms == 1'700'000'000'000);
    tree.write("/proc/stat", "btime 1700000001\n");
    CHECK(*info->read()->boot_ms == 1'700'000'000'000);
    // Hours are no small correction: the clock was wrong before.
    tree.write("/proc/stat", "btime 1700009000\n");
    CHECK(*info->read()->boot_ms == 1'700'009'000'000);
    tree.write("/proc/sys/kernel/random/boot_id", "99999999-2222-3333-4444-555555555555\n");
    tree.write("/proc/stat", "btime 1700009001\n");
    CHECK(*info->read()->boot_ms == 1'700'009'001'000);
}

TEST_CASE("system_info: a container began with its first process")
{
    Tree const tree;
    tree.write("/run/systemd/container", "lxc\n");
    tree.write("/proc/stat", "btime 1700000000\n");
    tree.write("/proc/1/stat", "1 (a ) b) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 " +
                                   std::to_string(60 * ::sysconf(_SC_CLK_TCK)) + " 1 2\n");
    CHECK(*make_system_info(tree.root())->read()->boot_ms == 1'700'000'060'000);
    tree.write("/proc/1/stat", "1 (x");
    CHECK_FALSE(make_system_info(tree.root())->read()->boot_ms);
}

TEST_CASE("system_info: the time zone is where the link points")
{
    Tree const tree;
    tree.link("/etc/localtime", "/usr/share/zoneinfo/Europe/Vienna");
    CHECK(*make_system_info(tree.root())->read()->time_zone == "Europe/Vienna");
    tree.remove("/etc/localtime");
    tree.write("/etc/localtime", "TZif2");
    tree.write("/etc/timezone", "Asia/Tokyo\n");
    CHECK(*make_system_info(tree.root())->read()->time_zone == "Asia/Tokyo");
}

TEST_CASE("hardware: processors and memory of a recorded machine")
{
    auto const hardware = make_hardware(recorded())->read();
    REQUIRE(hardware);
    CHECK(*hardware->cpu_threads == 2);
    CHECK(*hardware->cpu_sockets == 1);
    CHECK(*hardware->cpu_cores == 2);
    CHECK(hardware->cpu_model->find("Xeon") != std::string::npos);
    CHECK(*hardware->memory_bytes > 20'000'000'000);
    CHECK(*hardware->virtualization == "other");
    CHECK(reason(hardware->manufacturer.error()) == "not_supported");
    CHECK_FALSE(*hardware->desktop);
}

TEST_CASE("hardware: a laptop is portable, and what its maker left blank is unknown")
{
    Tree const tree;
    tree.write("/sys/class/dmi/id/sys_vendor", "LENOVO\n");
    tree.write("/sys/class/dmi/id/product_name", "20XW\n");
    tree.write("/sys/class/dmi/id/product_serial", "To Be Filled By O.E.M.\n");
    tree.write("/sys/class/dmi/id/chassis_type", "10\n");
    tree.write("/sys/class/dmi/id/product_uuid", "4c4c4544-0000-1111-8031-b2c04f4d3232\n");
    tree.write("/sys/class/dmi/id/board_serial", "L1HF\n");
    tree.write("/proc/cpuinfo", "processor : 0\nmodel name : CPU\nphysical id : 0\ncore id : 0\n\nprocessor : "
                                "1\nphysical id : 0\ncore id : 0\n");
    tree.write("/usr/share/wayland-sessions/gnome.desktop", "");
    auto const body = make_hardware(tree.root());
    auto const hardware = body->read();
    REQUIRE(hardware);
    CHECK(*hardware->manufacturer == "LENOVO");
    CHECK(reason(hardware->serial.error()) == "not_found");
    CHECK(*hardware->chassis == "Notebook");
    CHECK(hardware->chassis_group == ChassisGroup::portable);
    CHECK(*hardware->cpu_threads == 2);
    CHECK(*hardware->cpu_cores == 1);
    CHECK(hardware->virtualization->empty());
    CHECK(*hardware->desktop);
    CHECK(*body->identity() == "dmi:44454c4c-0000-1111-8031-b2c04f4d3232:L1HF");
    // In a container the hardware is the host's.
    tree.write("/run/systemd/container", "lxc\n");
    CHECK_FALSE(body->identity());
    tree.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    CHECK(*body->identity() == "machine-id:0123456789abcdef0123456789abcdef");
}

TEST_CASE("hardware: a number that thousands of boards have identifies none; without SMBIOS the device tree's does")
{
    Tree const tree;
    tree.write("/sys/class/dmi/id/product_uuid", "03000200-0400-0500-0006-000700080009\n");
    tree.write("/sys/class/dmi/id/board_serial", "Default string\n");
    tree.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    auto const body = make_hardware(tree.root());
    CHECK(*body->identity() == "machine-id:0123456789abcdef0123456789abcdef");
    tree.write("/sys/class/dmi/id/product_uuid", "00000000-0000-0000-0000-000000000000\n");
    CHECK(*body->identity() == "machine-id:0123456789abcdef0123456789abcdef");

    Tree const board;
    board.write("/proc/device-tree/serial-number", std::string_view("10000000abcdef01\0", 17));
    board.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    CHECK(*make_hardware(board.root())->identity() == "device-tree:10000000abcdef01");
    board.write("/run/systemd/container", "lxc\n");
    CHECK(*make_hardware(board.root())->identity() == "machine-id:0123456789abcdef0123456789abcdef");
}

TEST_CASE("hardware: a system UUID identifies a machine in each way that kernels and hypervisors show it")
{
    Tree const tree;
    tree.write("/sys/class/dmi/id/board_serial", "B-1\n");
    auto const body = make_hardware(tree.root());
    for (auto const* const uuid : {"564D1234-56AB-CDEF-8031-B2C04F4D3232", "564d1234-56ab-cdef-8031-b2c04f4d3232",
                                   "34124D56-AB56-EFCD-8031-B2C04F4D3232", "34124d56-ab56-efcd-8031-b2c04f4d3232"}) {
        CAPTURE(uuid);
        tree.write("/sys/class/dmi/id/product_uuid", std::string(uuid) + "\n");
        CHECK(*body->identity() == "dmi:34124d56-ab56-efcd-8031-b2c04f4d3232:B-1");
    }
    tree.write("/sys/class/dmi/id/product_uuid", "564d1234-56ab-cdef-8031-b2c04f4d3233\n");
    CHECK(*body->identity() == "dmi:34124d56-ab56-efcd-8031-b2c04f4d3233:B-1");
    tree.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    for (auto const* const uuid : {"03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009",
                                   "78563412-3412-7856-90AB-CDDEEFAABBCC"}) {
        CAPTURE(uuid);
        tree.write("/sys/class/dmi/id/product_uuid", std::string(uuid) + "\n");
        CHECK(*body->identity() == "machine-id:0123456789abcdef0123456789abcdef");
    }
    tree.write("/sys/class/dmi/id/product_uuid", "Not A Uuid\n");
    CHECK(*body->identity() == "dmi:not a uuid:B-1");
}

TEST_CASE("hardware: what cannot be read now gives the machine no other identity")
{
    Tree const tree;
    tree.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    tree.write("/sys/class/dmi/id/product_uuid", "564d1234-56ab-cdef-8031-b2c04f4d3232\n");
    auto const body = make_hardware(tree.root());
    CHECK(*body->identity() == "dmi:34124d56-ab56-efcd-8031-b2c04f4d3232:");
    // A folder in its place: it can be opened and not read.
    SUBCASE("the UUID")
    {
        tree.remove("/sys/class/dmi/id/product_uuid");
        tree.write("/sys/class/dmi/id/product_uuid/in-the-way", "");
    }
    SUBCASE("the board's number") { tree.write("/sys/class/dmi/id/board_serial/in-the-way", ""); }
    SUBCASE("the device tree")
    {
        tree.remove("/sys/class/dmi");
        tree.write("/proc/device-tree/serial-number/in-the-way", "");
    }
    CHECK_FALSE(body->identity());
}

TEST_CASE("hardware: makers of virtual machines are known by name, and odd chassis are unknown")
{
    Tree const tree;
    tree.write("/sys/class/dmi/id/sys_vendor", "QEMU\n");
    tree.write("/sys/class/dmi/id/chassis_type", "1\n");
    tree.write("/proc/cpuinfo", "flags : fpu hypervisor\n");
    auto const body = make_hardware(tree.root());
    CHECK(*body->read()->virtualization == "qemu");
    CHECK_FALSE(body->read()->cpu_threads);
    for (auto const* const type : {"0", "2", "99", "-3", "x", "99999999999999999999"}) {
        tree.write("/sys/class/dmi/id/chassis_type", type);
        CHECK_FALSE(body->read()->chassis);
    }
    tree.write("/sys/class/dmi/id/chassis_type", "151"); // Locked rack server: 0x80 + 23.
    CHECK(body->read()->chassis_group == ChassisGroup::server);
}

TEST_CASE("disks: a recorded drive, without loop devices and without guesses")
{
    auto const disks = make_disks(recorded())->list();
    REQUIRE(disks);
    REQUIRE(disks->size() == 1);
    auto const& disk = disks->front();
    CHECK(disk.name == "vda");
    CHECK(*disk.bus == "virtio");
    CHECK(*disk.size_bytes == 274'877'906'944);
    CHECK_FALSE(*disk.removable);
    CHECK_FALSE(disk.model);
}

TEST_CASE("disks: serial numbers are found where each kind of drive keeps them")
{
    Tree const tree;
    for (auto const* const name : {"sda", "sdb", "nvme0n1", "loop0", "zram0", "dm-0", "md127", "sr0"})
        tree.write(std::string("/sys/block/") + name + "/size", "100\n");
    tree.write("/sys/block/sda/device/vpd_pg80", std::string("\0\x80\0\x08  WX12  ", 12));
    tree.write("/sys/block/sdb/dev", "8:16\n");
    tree.write("/run/udev/data/b8:16", "S:disk\nE:ID_SERIAL_SHORT=S3Z\nE:X=y\n");
    tree.write("/sys/block/nvme0n1/device/serial", "S4EV \n");
    tree.write("/sys/block/nvme0n1/size", "9223372036854775807\n");
    auto const disks = make_disks(tree.root())->list();
    REQUIRE(disks);
    REQUIRE(disks->size() == 3);
    CHECK(*(*disks)[0].serial == "S4EV");
    CHECK_FALSE((*disks)[0].size_bytes);
    CHECK(*(*disks)[1].serial == "WX12");
    CHECK(*(*disks)[2].serial == "S3Z");
}

TEST_CASE("disks: a folder lies on the drives that its volume comes down to")
{
    Tree const tree;
    auto const disks = make_disks(tree.root());
    auto const names = [&](std::string_view folder) {
        auto const found = disks->holding(folder);
        REQUIRE(found);
        return *found;
    };
    using Names = std::vector<std::string>;
    CHECK_FALSE(disks->holding("/var"));
    tree.write("/proc/self/mountinfo", "20 1 8:2 / / rw - ext4 /dev/sda2 rw\n"
                                       "21 1 253:0 / /var rw - xfs /dev/mapper/vg-var rw\n"
                                       "22 1 0:40 / /data rw - btrfs /dev/sdc rw\n"
                                       "23 1 0:50 / /run rw - tmpfs tmpfs rw\n"
                                       "24 1 8:2 / /srv rw - ext4 /dev/sda2 rw\n"
                                       "25 1 8:32 / /srv rw - ext4 /dev/sdc rw\n");
    auto const blocks = std::string("/sys/devices/pci/ata1/block/");
    auto const virtuals = std::string("/sys/devices/virtual/block/");
    tree.write(blocks + "sda/sda2/partition", "2\n");
    tree.write(blocks + "sdb/sdb1/partition", "1\n");
    tree.folder(blocks + "sdc/slaves");
    tree.link("/sys/dev/block/8:2", "../../devices/pci/ata1/block/sda/sda2");
    tree.link("/sys/dev/block/8:32", "../../devices/pci/ata1/block/sdc");
    tree.link("/sys/class/block/sdc", "../../devices/pci/ata1/block/sdc");
    tree.link("/sys/dev/block/253:0", "../../devices/virtual/block/dm-0");
    tree.link(virtuals + "dm-0/slaves/md0", "../../md0");
    tree.link(virtuals + "md0/slaves/sda2", "../../../../pci/ata1/block/sda/sda2");
    tree.link(virtuals + "md0/slaves/sdb1", "../../../../pci/ata1/block/sdb/sdb1");
    tree.write("/dev/sdc", "");
    CHECK(names("/") == Names{"sda"});
    CHECK(names("/variable") == Names{"sda"});
    CHECK(names("/var") == Names{"sda", "sdb"});
    CHECK(names("/var/lib/rollcall-agent") == Names{"sda", "sdb"});
    CHECK(names("/data/x") == Names{"sdc"});
    CHECK(names("/srv/x") == Names{"sdc"}); // The later one hides the earlier.
    CHECK(reason(disks->holding("/run/x").error()) == "not_supported");
    CHECK(reason(disks->holding("").error()) == "not_found");
}

TEST_CASE("network: a recorded card, and none is no error")
{
    auto const cards = make_network(recorded())->interfaces();
    REQUIRE(cards);
    REQUIRE(cards->size() == 1);
    CHECK(cards->front().name == "eth0");
    CHECK(*cards->front().up);
    CHECK(*cards->front().mtu == 1400);
    CHECK_FALSE(cards->front().speed_mbit_per_s);

    Tree const tree;
    CHECK_FALSE(make_network(tree.root())->interfaces());
    tree.write("/sys/class/net/lo/mtu", "65536\n");
    tree.write("/sys/class/net/bonding_masters", "");
    auto const none = make_network(tree.root())->interfaces();
    REQUIRE(none);
    CHECK(none->empty());
}

TEST_CASE("volumes: what is mounted nowhere any more is unknown, not empty")
{
    Tree const tree;
    tree.write("/proc/self/mountinfo",
               "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n21 1 8:2 / /gone rw - ext4 /dev/sdb1 rw\n");
    auto const volumes = make_volumes(tree.root())->list();
    REQUIRE(volumes);
    REQUIRE(volumes->size() == 2);
    CHECK(*(*volumes)[0].size_bytes > 0);
    CHECK(*(*volumes)[0].free_bytes <= *(*volumes)[0].size_bytes);
    CHECK(reason((*volumes)[1].size_bytes.error()) == "not_found");
}

TEST_CASE("volumes: the live root is listed once, and free is at most its size")
{
    auto const volumes = make_volumes()->list();
    REQUIRE(volumes);
    CHECK(std::count_if(volumes->begin(), volumes->end(), [](auto const& v) { return v.mount_point == "/"; }) == 1);
    for (auto const& volume : *volumes)
        if (volume.size_bytes && volume.free_bytes) CHECK(*volume.free_bytes <= *volume.size_bytes);
}

TEST_CASE("software: no package manager is not supported, not nothing")
{
    Tree const tree;
    CHECK(reason(make_software(tree.root())->list().error()) == "not_supported");
    CHECK(make_software(recorded())->list()->size() == 6);
}

TEST_CASE("performance: recorded counters are read")
{
    auto const body = make_performance(recorded());
    auto const cpu = body->cpu();
    REQUIRE(cpu);
    CHECK(cpu->total() > 0);
    CHECK(body->load()->one >= 0);
    CHECK(body->memory()->available_bytes <= body->memory()->total_bytes);
    auto const disks = body->disks();
    REQUIRE(disks);
    CHECK(disks->of.size() == 1);
    CHECK(disks->of.contains("vda"));
    auto const network = body->network();
    REQUIRE(network);
    CHECK(network->of.contains("eth0"));
    CHECK_FALSE(network->of.contains("lo"));
}

TEST_CASE("performance: torn files are errors, never zeros")
{
    Tree const tree;
    auto const body = make_performance(tree.root());
    CHECK_FALSE(body->cpu());
    for (auto const* const text : {"", "cpu", "cpu 1 2 3", "cpu a b c d e f g h", "cpu0 1 2 3 4 5 6 7 8"}) {
        tree.write("/proc/stat", text);
        CHECK_FALSE(body->cpu());
    }
    for (auto const* const text : {"", "0.1 0.2", "nan 1 1", "-1 1 1", "1e99 1 1", "x y z"}) {
        tree.write("/proc/loadavg", text);
        CHECK_FALSE(body->load());
    }
    tree.write("/proc/meminfo", "MemTotal: 100 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
    CHECK_FALSE(body->memory());
    tree.write("/proc/net/dev", "x\n eth0: 1 2\n eth1: a 0 0 0 0 0 0 0 5 0 0 0 0 0 0 0\n");
    CHECK(body->network()->of.empty());
}

TEST_CASE("reboot: the file asks, says why and since when, and goes quiet with it")
{
    // Beside the test's program: a disk, as the times of the file matter there only.
    Tree const tree(std::filesystem::current_path());
    tree.write("/proc/stat", "btime 1700000000\n");
    tree.write("/run/reboot-required", "*** System restart required ***\n");
    tree.write("/run/reboot-required.pkgs", "linux-image-6.1.0-28-amd64\nlibc6\nlibc6\n\n");
    auto const body = make_reboot(tree.root());
    auto signal = body->signals()->front();
    CHECK(signal.name == "reboot_required_file");
    CHECK(*signal.pending);
    CHECK(*signal.detail == "linux-image-6.1.0-28-amd64, libc6");
    CHECK(*signal.since_ms > 1'700'000'000'000);
    CHECK_FALSE(signal.reason->empty());

    // The machine booted after the file was written.
    tree.write("/proc/stat", "btime 32503680000\n");
    CHECK_FALSE(*body->signals()->front().pending);

    tree.write("/proc/stat", "btime 1700000000\n");
    tree.remove("/run/reboot-required");
    signal = body->signals()->front();
    CHECK_FALSE(*signal.pending);
    CHECK(signal.reason->empty());
    CHECK_FALSE(signal.since_ms);
}

TEST_CASE("reboot: a newer kernel of the same flavour asks until it runs")
{
    Tree const tree;
    auto const body = make_reboot(tree.root());
    auto const kernel = [&] { return body->signals()->at(1); };
    tree.write("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    CHECK(kernel().name == "kernel_older");
    CHECK(reason(kernel().pending.error()) == "not_supported"); // No kernel is known to be installed.

    tree.write("/boot/vmlinuz-6.1.0-18-amd64", "");
    tree.write("/boot/vmlinuz-6.1.0-30-cloud-amd64", "");
    CHECK_FALSE(*kernel().pending);
    tree.write("/boot/vmlinuz-6.1.0-28-amd64", "");
    CHECK(*kernel().pending);
    CHECK(*kernel().detail == "runs 6.1.0-18-amd64, installed 6.1.0-28-amd64");
    CHECK(*kernel().since_ms > 1'700'000'000'000);
    tree.write("/proc/sys/kernel/osrelease", "6.1.0-28-amd64\n");
    CHECK_FALSE(*kernel().pending);

    tree.write("/run/systemd/container", "lxc\n");
    CHECK(reason(kernel().pending.error()) == "not_supported");
}

TEST_CASE("reboot: without /boot the folders of modules tell, but not what removed kernels left")
{
    Tree const tree;
    tree.write("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    tree.write("/lib/modules/6.1.0-18-amd64/kernel/x.ko", "");
    tree.write("/lib/modules/6.1.0-28-amd64/modules.dep", "");
    auto const body = make_reboot(tree.root());
    CHECK_FALSE(*body->signals()->at(1).pending);
    tree.write("/lib/modules/6.1.0-28-amd64/kernel/x.ko", "");
    CHECK(*body->signals()->at(1).pending);
}

TEST_CASE("sessions: utmp is the second source, and nobody there is an empty list")
{
    Tree const tree;
    CHECK(reason(make_sessions(tree.root())->list().error()) == "not_supported");
    CHECK(reason(make_sessions(tree.root())->last_login().error()) == "not_supported");
    tree.write("/run/utmp", "");
    auto const none = make_sessions(tree.root())->list();
    REQUIRE(none);
    CHECK(none->empty());
    CHECK(reason(make_sessions(tree.root())->last_login().error()) == "not_found");

    tree.write("/run/utmp", test::fixture("vm/var/log/wtmp"));
    auto const some = make_sessions(tree.root())->list();
    REQUIRE(some);
    REQUIRE(some->size() == 2);
    CHECK(some->front().user == "root");
    CHECK_FALSE(some->front().state); // Nobody can look at the terminal of a recorded tree.
}

TEST_CASE("sessions: the last log-in is the newest on any record")
{
    Tree const tree;
    auto const wtmp = test::fixture("vm/var/log/wtmp");
    tree.write("/var/log/wtmp", wtmp + "torn record");
    auto const last = make_sessions(tree.root())->last_login();
    REQUIRE(last);
    CHECK(last->user == "root");
    CHECK(last->kind == "console");
    CHECK(last->at_ms > 1'700'000'000'000);
}

TEST_CASE("services and patches: a recorded tree has no bus and no package manager to ask")
{
    Tree const tree;
    CHECK(reason(make_services(tree.root())->list().error()) == "not_supported");
    tree.write("/run/systemd/system/x", "");
    CHECK(reason(make_services(tree.root())->list().error()) == "not_supported");
    CHECK(reason(make_patches(tree.root())->list().error()) == "not_supported");
}

TEST_CASE("machine: every topic is there")
{
    auto const machine = make_machine(recorded());
    CHECK(machine->system_info);
    CHECK(machine->hardware);
    CHECK(machine->disks);
    CHECK(machine->network);
    CHECK(machine->volumes);
    CHECK(machine->software);
    CHECK(machine->patches);
    CHECK(machine->reboot);
    CHECK(machine->services);
    CHECK(machine->sessions);
    CHECK(machine->performance);
    CHECK(machine->memory_modules);
    CHECK(machine->gpus);
    CHECK(machine->batteries);
    CHECK(machine->tpms);
    CHECK(machine->sensors);
    CHECK(machine->own_usage);
    CHECK(machine->processes);
    CHECK(machine->time_sync);
    CHECK(machine->firewall);
    CHECK(machine->disk_encryption);
    CHECK(machine->certificates);
    CHECK(machine->files);
    CHECK(machine->drive_health);
    CHECK(machine->system_log);
}
