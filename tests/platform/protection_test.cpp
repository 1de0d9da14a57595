#include <algorithm>
#include <cerrno>

#include <doctest/doctest.h>

#include <linux/netfilter.h>

#include "platform/disk_encryption.hpp"
#include "platform/firewall.hpp"
#include "platform/linux/kernel_clock.hpp"
#include "platform/linux/packet_filter.hpp"
#include "platform/time_sync.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/tree.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using test::Tree;

TEST_CASE("time_sync: the kernel's largest error decides, not its flag")
{
    auto const judge = [](int status, long offset, long error) {
        timex clock{};
        clock.status = status;
        clock.offset = offset;
        clock.maxerror = error;
        TimeSyncFacts facts;
        judge_kernel_clock(clock, facts);
        return facts;
    };
    CHECK(*judge(STA_PLL, 0, 1'000).synchronised);
    CHECK(*judge(STA_UNSYNC, 0, 500'000).synchronised); // chronyd without rtcsync.
    CHECK_FALSE(*judge(STA_UNSYNC, 0, 16'000'000).synchronised);
    CHECK_FALSE(*judge(STA_PLL, 0, -1).synchronised);
    CHECK(*judge(STA_PLL, -2'500, 0).offset_ms == -2);
    CHECK(*judge(STA_PLL | STA_NANO, 2'500'000, 0).offset_ms == 2);
}

TEST_CASE("time_sync: who keeps the clock is seen by its process; in a container nobody can tell")
{
    Tree const tree;
    auto const body = make_time_sync(tree.root());
    CHECK_FALSE(body->read()->source);
    tree.write("/proc/1/comm", "systemd\n");
    CHECK(body->read()->source->empty());
    CHECK(reason(body->read()->synchronised.error()) == "not_supported");
    tree.write("/run/systemd/container", "lxc\n");
    CHECK(reason(body->read()->source.error()) == "not_supported");
    tree.write("/proc/300/comm", "systemd-timesyn\n");
    CHECK(*body->read()->source == "systemd-timesyncd");

    auto const live = make_time_sync()->read();
    REQUIRE(live);
    if (!live->synchronised) CHECK_FALSE(reason(live->synchronised.error()).empty());
}

TEST_CASE("packet_filter: recorded answers of the kernel")
{
    auto const answer = parse_nft_chains(test::fixture("nftables/drop.bin"));
    REQUIRE(answer);
    CHECK(answer->done);
    CHECK(answer->error == 0);
    REQUIRE(answer->chains.size() == 3);
    auto const& input = answer->chains[0];
    CHECK(input.family == NFPROTO_INET);
    CHECK(input.table == "filter");
    CHECK(input.name == "input");
    CHECK(input.type == "filter");
    CHECK(input.hooked);
    CHECK(input.hook == NF_INET_LOCAL_IN);
    CHECK(input.drops);
    CHECK(input.rules == 2);
    CHECK_FALSE(answer->chains[1].drops);
    CHECK(answer->chains[1].hook == NF_INET_FORWARD);
    CHECK_FALSE(answer->chains[2].hooked);

    CHECK(parse_nft_chains(test::fixture("nftables/none.bin"))->chains.empty());
    CHECK(parse_nft_chains(test::fixture("nftables/none.bin"))->done);
    CHECK(parse_nft_chains(test::fixture("nftables/denied.bin"))->error == EPERM);
}

TEST_CASE("packet_filter: torn and hostile answers are errors, never an empty list of chains")
{
    auto const good = test::fixture("nftables/drop.bin");
    for (std::size_t size = 1; size < 112; ++size)
        CHECK_FALSE(parse_nft_chains(std::string_view(good).substr(0, size)));
    auto bad = good;
    bad[20] = 3; // An attribute shorter than its head.
    CHECK(reason(parse_nft_chains(bad).error()) == "bad_message");
    bad[20] = '\xFF';
    CHECK_FALSE(parse_nft_chains(bad));
    auto const none = test::fixture("nftables/none.bin");
    CHECK_FALSE(parse_nft_chains(std::string_view(none).substr(0, 18)));
    test::torment(good, [](std::string_view bytes) { return parse_nft_chains(bytes).has_value(); });
}

TEST_CASE("firewall: a policy or a rule on the way in filters; chains elsewhere do not")
{
    NftChain const input{.family = NFPROTO_INET,
                         .table = "filter",
                         .name = "input",
                         .type = "filter",
                         .hooked = true,
                         .hook = NF_INET_LOCAL_IN,
                         .drops = false,
                         .rules = 0};
    auto const judge = [](NftChain const& chain) { return judge_packet_filter({chain}, {}, false); };
    CHECK_FALSE(*judge(input).filters_incoming);
    CHECK(judge(input).manager->empty());

    auto chain = input;
    chain.rules = 1;
    CHECK(*judge(chain).filters_incoming);
    CHECK_FALSE(*judge(chain).drops_by_default);
    CHECK(*judge(chain).manager == "nftables");
    chain.rules = 0;
    chain.drops = true;
    CHECK(*judge(chain).filters_incoming);
    CHECK(*judge(chain).drops_by_default);

    chain.hook = NF_INET_FORWARD;
    CHECK_FALSE(*judge(chain).filters_incoming);
    chain.hook = NF_INET_LOCAL_IN;
    chain.type = "nat";
    CHECK_FALSE(*judge(chain).filters_incoming);
    chain.type = "filter";
    chain.family = NFPROTO_BRIDGE;
    CHECK_FALSE(*judge(chain).filters_incoming);
    chain.family = NFPROTO_NETDEV;
    chain.hook = NF_NETDEV_INGRESS;
    CHECK(*judge(chain).filters_incoming);
    chain.hooked = false;
    CHECK_FALSE(*judge(chain).filters_incoming);
}

TEST_CASE("firewall: who keeps it is told by the names it uses")
{
    NftChain chain{.family = NFPROTO_INET,
                   .table = "firewalld",
                   .name = "filter_INPUT",
                   .type = "filter",
                   .hooked = true,
                   .hook = NF_INET_LOCAL_IN,
                   .drops = false,
                   .rules = 4};
    CHECK(*judge_packet_filter({chain}, {}, false).manager == "firewalld");
    chain.table = "filter";
    chain.name = "INPUT";
    CHECK(*judge_packet_filter({chain}, {}, false).manager == "iptables");
    CHECK(*judge_packet_filter({chain}, {}, true).manager == "ufw");
    // The old tables, beside an nf_tables without chains.
    auto const old = judge_packet_filter({}, {{.drops = true, .has_rules = false}, {}}, false);
    CHECK(*old.filters_incoming);
    CHECK(*old.drops_by_default);
    CHECK(*old.manager == "iptables");
    // A table that is loaded and empty keeps nothing.
    chain.name = "input";
    CHECK(*judge_packet_filter({chain}, {{}, {}}, false).manager == "nftables");
    CHECK_FALSE(*judge_packet_filter({}, {{}, {}}, true).filters_incoming);
    CHECK(judge_packet_filter({}, {{}, {}}, true).manager->empty());
}

TEST_CASE("firewall: this machine answers, or says why not")
{
    Tree const tree;
    CHECK(reason(make_firewall(tree.root())->read().error()) == "not_supported");
    auto const live = make_firewall()->read();
    if (live) {
        CHECK(live->filters_incoming);
        CHECK(live->manager);
    } else {
        CHECK_FALSE(reason(live.error()).empty());
    }
}

namespace
{

/// A machine whose volumes lie on dm devices, as /sys shows them.
void write_device(Tree const& tree, std::string const& number, std::string const& name, std::string const& uuid,
                  std::vector<std::string> const& slaves)
{
    auto const folder = "/sys/devices/virtual/block/" + name;
    tree.folder(folder + "/slaves");
    if (!uuid.empty()) tree.write(folder + "/dm/uuid", uuid + "\n");
    for (auto const& slave : slaves)
        tree.link(folder + "/slaves/" + slave, "../../" + slave);
    tree.link("/sys/dev/block/" + number, "../../devices/virtual/block/" + name);
    tree.link("/sys/class/block/" + name, "../../devices/virtual/block/" + name);
}

EncryptedVolume volume_at(DiskEncryption const& body, std::string_view mount_point)
{
    auto const volumes = body.list();
    REQUIRE(volumes);
    auto const found =
        std::find_if(volumes->begin(), volumes->end(), [&](auto const& one) { return one.mount_point == mount_point; });
    REQUIRE(found != volumes->end());
    return *found;
}

} // namespace

TEST_CASE("disk_encryption: what stands on dm-crypt, below LVM and above partitions")
{
    Tree const tree;
    auto const body = make_disk_encryption(tree.root());
    CHECK_FALSE(body->list());
    tree.write("/proc/self/mountinfo", "20 1 253:1 / / rw - ext4 /dev/mapper/vg-root rw\n"
                                       "21 1 8:1 / /boot rw - ext4 /dev/sda1 rw\n"
                                       "22 1 253:9 / /data rw - xfs /dev/mapper/data rw\n"
                                       "23 1 0:40 / /home rw - btrfs /dev/mapper/home rw\n"
                                       "24 1 0:50 / /pool rw - zfs tank/pool rw\n"
                                       "25 1 9:9 / /lost rw - ext4 /dev/lost rw\n");
    tree.folder("/sys/devices/virtual/block/sda/sda1");
    tree.write("/sys/devices/virtual/block/sda/sda1/partition", "1\n");
    tree.folder("/sys/devices/virtual/block/sda/slaves");
    tree.link("/sys/dev/block/8:1", "../../devices/virtual/block/sda/sda1");
    write_device(tree, "253:0", "dm-0", "CRYPT-LUKS2-9a0b-sda3_crypt", {"sda"});
    write_device(tree, "253:1", "dm-1", "LVM-abc", {"dm-0"});
    write_device(tree, "253:9", "dm-9", "CRYPT-PLAIN-data", {"sda"});
    write_device(tree, "253:3", "dm-3", "CRYPT-LUKS1-1-home", {"sda"});
    tree.link("/dev/mapper/home", "../dm-3");
    tree.write("/dev/dm-3", "");

    auto const root = volume_at(*body, "/");
    CHECK(*root.encrypted);
    CHECK(*root.method == "LUKS2");
    auto const boot = volume_at(*body, "/boot");
    CHECK_FALSE(*boot.encrypted);
    CHECK(boot.method->empty());
    CHECK(*volume_at(*body, "/data").method == "plain");
    CHECK(*volume_at(*body, "/home").method == "LUKS1"); // btrfs mounts under a number of its own.
    CHECK(reason(volume_at(*body, "/pool").encrypted.error()) == "not_supported");
    CHECK_FALSE(volume_at(*body, "/lost").encrypted); // Not false: nobody knows.
}

TEST_CASE("disk_encryption: an array is encrypted where every part of it is")
{
    Tree const tree;
    auto const body = make_disk_encryption(tree.root());
    tree.write("/proc/self/mountinfo", "20 1 9:0 / / rw - ext4 /dev/md0 rw\n");
    write_device(tree, "8:0", "sda", "", {});
    write_device(tree, "253:0", "dm-0", "CRYPT-LUKS2-1-a", {"sda"});
    write_device(tree, "253:1", "dm-1", "CRYPT-LUKS1-2-b", {"sda"});
    write_device(tree, "9:0", "md0", "", {"dm-0", "dm-1"});
    CHECK(*volume_at(*body, "/").encrypted);
    CHECK(*volume_at(*body, "/").method == "LUKS2, LUKS1");
    tree.link("/sys/devices/virtual/block/md0/slaves/sda", "../../sda");
    CHECK_FALSE(*volume_at(*body, "/").encrypted);
    CHECK(volume_at(*body, "/").method->empty());
}

TEST_CASE("disk_encryption: what checks or counts is not what encrypts")
{
    Tree const tree;
    auto const body = make_disk_encryption(tree.root());
    tree.write("/proc/self/mountinfo", "20 1 253:0 / / rw - ext4 /dev/dm-0 rw\n"
                                       "21 1 253:1 / /checked rw - ext4 /dev/dm-1 rw\n"
                                       "22 1 7:0 / /image rw - ext4 /dev/loop0 rw\n");
    write_device(tree, "8:0", "sda", "", {});
    write_device(tree, "253:0", "dm-0", "CRYPT-VERITY-1-root", {"sda"});
    write_device(tree, "253:2", "dm-2", "CRYPT-LUKS2-2-disk", {"sda"});
    write_device(tree, "253:1", "dm-1", "CRYPT-INTEGRITY-3-data", {"dm-2"});
    write_device(tree, "7:0", "loop0", "", {});
    tree.write("/sys/devices/virtual/block/loop0/loop/backing_file", "/srv/image\n");
    CHECK_FALSE(*volume_at(*body, "/").encrypted);
    CHECK(*volume_at(*body, "/checked").encrypted);
    CHECK(*volume_at(*body, "/checked").method == "LUKS2");
    CHECK(reason(volume_at(*body, "/image").encrypted.error()) == "not_supported");
}

TEST_CASE("disk_encryption: a btrfs over several devices is encrypted where each of them is")
{
    Tree const tree;
    auto const body = make_disk_encryption(tree.root());
    tree.write("/proc/self/mountinfo", "20 1 0:40 / / rw - btrfs /dev/dm-0 rw\n");
    write_device(tree, "8:0", "sda", "", {});
    write_device(tree, "253:0", "dm-0", "CRYPT-LUKS2-1-a", {"sda"});
    write_device(tree, "253:1", "dm-1", "CRYPT-LUKS1-2-b", {"sda"});
    tree.write("/dev/dm-0", "");
    tree.folder("/sys/fs/btrfs/features");
    auto const pool = std::string("/sys/fs/btrfs/1234/devices/");
    tree.link(pool + "dm-0", "../../../../devices/virtual/block/dm-0");
    tree.link(pool + "dm-1", "../../../../devices/virtual/block/dm-1");
    CHECK(*volume_at(*body, "/").encrypted);
    CHECK(*volume_at(*body, "/").method == "LUKS2, LUKS1");
    tree.link(pool + "sda", "../../../../devices/virtual/block/sda");
    CHECK_FALSE(*volume_at(*body, "/").encrypted);
}

TEST_CASE("disk_encryption: devices that stand on themselves end at a limit")
{
    Tree const tree;
    auto const body = make_disk_encryption(tree.root());
    tree.write("/proc/self/mountinfo", "20 1 253:0 / / rw - ext4 /dev/dm-0 rw\n");
    write_device(tree, "253:0", "dm-0", "LVM-x", {"dm-0"});
    CHECK(reason(volume_at(*body, "/").encrypted.error()) == "limit_exceeded");
}
