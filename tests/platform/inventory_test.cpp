#include <algorithm>

#include <doctest/doctest.h>

#include "platform/batteries.hpp"
#include "platform/gpus.hpp"
#include "platform/linux/pci_ids.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/linux/tpm_caps.hpp"
#include "platform/memory_modules.hpp"
#include "platform/smbios.hpp"
#include "platform/tpms.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/tree.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using test::Tree;

namespace
{

/// Writes an SMBIOS table as DSP0134 has it: no machine at hand has one.
class Table
{
public:
    /// `numbers`: offset, bytes, value.
    Table& add(std::uint8_t type, std::size_t length,
               std::vector<std::tuple<std::size_t, std::size_t, std::uint64_t>> const& numbers,
               std::vector<std::string> const& strings = {})
    {
        std::string one(length, '\0');
        one[0] = static_cast<char>(type);
        one[1] = static_cast<char>(length);
        for (auto const& [offset, bytes, number] : numbers)
            for (std::size_t i = 0; i < bytes; ++i)
                one[offset + i] = static_cast<char>(number >> (8 * i));
        for (auto const& text : strings)
            one += text + '\0';
        one += strings.empty() ? std::string(2, '\0') : std::string(1, '\0');
        text_ += one;
        return *this;
    }
    [[nodiscard]] std::string end() const { return text_ + std::string("\x7F\x04\0\0\0\0", 6); }
    [[nodiscard]] std::string open() const { return text_; }

private:
    std::string text_;
};

/// A notebook: one module of 16 GiB, one of 64 GiB (which needs the larger field), an empty slot.
std::string notebook()
{
    return Table()
        .add(1, 0x1B, {}, {"Maker", "Model"})
        .add(17, 0x5C,
             {{0x0C, 2, 16384},
              {0x10, 1, 1},
              {0x11, 1, 2},
              {0x12, 1, 0x1A},
              {0x15, 2, 3200},
              {0x17, 1, 3},
              {0x18, 1, 4},
              {0x1A, 1, 5},
              {0x20, 2, 2667}},
             {"ChannelA-DIMM0", "BANK 0", "Samsung", "12345678", "M471A2K43DB1-CWE    "})
        .add(17, 0x5C,
             {{0x0C, 2, 0x7FFF},
              {0x10, 1, 1},
              {0x12, 1, 0x22},
              {0x15, 2, 0xFFFF},
              {0x1C, 4, 65536},
              {0x20, 2, 0xFFFF},
              {0x54, 4, 70000},
              {0x58, 4, 68000},
              {0x18, 1, 2}},
             {"ChannelB-DIMM0", "00000000"})
        .add(17, 0x22, {{0x0C, 2, 0}, {0x10, 1, 1}, {0x12, 1, 2}}, {"ChannelB-DIMM1"})
        .end();
}

} // namespace

TEST_CASE("memory_modules: what is in each slot, and an empty one is not unknown")
{
    auto const modules = parse_memory_devices(notebook());
    REQUIRE(modules);
    REQUIRE(modules->size() == 3);
    auto const& first = (*modules)[0];
    CHECK(first.slot == "ChannelA-DIMM0");
    CHECK(*first.size_bytes == 17'179'869'184);
    CHECK(*first.type == "DDR4");
    CHECK(*first.mt_per_s == 2667);
    CHECK(*first.manufacturer == "Samsung");
    CHECK(*first.serial == "12345678");
    CHECK(*first.part_number == "M471A2K43DB1-CWE");
    auto const& second = (*modules)[1];
    CHECK(*second.size_bytes == 68'719'476'736);
    CHECK(*second.type == "DDR5");
    CHECK(*second.mt_per_s == 68'000);
    CHECK(reason(second.manufacturer.error()) == "not_found");
    CHECK(reason(second.serial.error()) == "not_found"); // Zeros are what makers leave.
    auto const& third = (*modules)[2];
    CHECK(*third.size_bytes == 0);
    CHECK_FALSE(third.type);
    CHECK_FALSE(third.mt_per_s);
}

TEST_CASE("memory_modules: small sizes, unknown sizes and old short structures")
{
    auto const modules = parse_memory_devices(Table()
                                                  .add(17, 0x15, {{0x0C, 2, 0x8000 | 512}, {0x12, 1, 0x0F}})
                                                  .add(17, 0x15, {{0x0C, 2, 0xFFFF}, {0x12, 1, 0xFF}})
                                                  .add(17, 0x15, {{0x0C, 2, 1}, {0x12, 1, 0x02}})
                                                  .end());
    REQUIRE(modules);
    REQUIRE(modules->size() == 3);
    CHECK(*(*modules)[0].size_bytes == 524'288);
    CHECK(*(*modules)[0].type == "SDRAM");
    CHECK_FALSE((*modules)[0].mt_per_s); // The structure ends before it.
    CHECK_FALSE((*modules)[1].size_bytes);
    CHECK_FALSE((*modules)[1].type);
    CHECK_FALSE((*modules)[2].type);
    CHECK((*modules)[0].slot == "slot");
    CHECK((*modules)[2].slot == "slot #3");
}

TEST_CASE("memory_modules: a size that is not told is unknown, not an empty slot")
{
    auto const modules = parse_memory_devices(
        Table().add(17, 0x0C, {}).add(17, 0x15, {{0x0C, 2, 0x7FFF}}).add(17, 0x22, {{0x0C, 2, 0x7FFF}}).end());
    REQUIRE(modules);
    REQUIRE(modules->size() == 3);
    for (auto const& module : *modules)
        CHECK(reason(module.size_bytes.error()) == "not_found");
}

TEST_CASE("memory_modules: slots of one name are told apart by bank, or by number")
{
    auto const slot = [](Table& table, std::string bank) {
        table.add(17, 0x22, {{0x0C, 2, 1024}, {0x10, 1, 1}, {0x11, 1, 2}}, {"DIMM 0", std::move(bank)});
    };
    Table table;
    slot(table, "P0 CHANNEL A");
    slot(table, "P0 CHANNEL B");
    slot(table, "P0 CHANNEL B");
    auto const modules = parse_memory_devices(table.end());
    REQUIRE(modules);
    CHECK((*modules)[0].slot == "P0 CHANNEL A DIMM 0");
    CHECK((*modules)[1].slot == "P0 CHANNEL B DIMM 0");
    CHECK((*modules)[2].slot == "P0 CHANNEL B DIMM 0 #2");
}

TEST_CASE("smbios: a torn table is an error, one without an end marker is not")
{
    auto const good = notebook();
    CHECK(parse_smbios(good)->size() == 4);
    CHECK(parse_smbios({})->empty());
    CHECK(parse_smbios(Table().add(17, 0x22, {}, {"A"}).open())->size() == 1);
    auto const torn = Table().add(17, 0x22, {}, {"A", "B"}).open();
    for (std::size_t size = 1; size < torn.size(); ++size)
        CHECK(reason(parse_smbios(std::string_view(torn).substr(0, size)).error()) == "bad_message");
    CHECK_FALSE(parse_smbios(std::string_view("\x11\x02\0\0\0\0", 6))); // Shorter than its own head.
    // What a number points to need not exist.
    CHECK(parse_memory_devices(Table().add(17, 0x22, {{0x10, 1, 9}, {0x0C, 2, 5}}, {"A"}).end())->front().slot ==
          "slot");
    test::torment(good, [](std::string_view text) {
        auto const modules = parse_memory_devices(text);
        auto const tpms = parse_smbios_tpms(text);
        return modules ? modules->size() : tpms ? tpms->size() : 0;
    });
}

TEST_CASE("memory_modules: no table is not supported, and one without memory too")
{
    Tree const tree;
    auto const body = make_memory_modules(tree.root());
    CHECK(reason(body->list().error()) == "not_supported");
    tree.write(std::string(platform::procfs::smbios_table), Table().add(1, 0x1B, {}).end());
    CHECK(reason(body->list().error()) == "not_supported");
    tree.write(std::string(platform::procfs::smbios_table), notebook());
    CHECK(body->list()->size() == 3);
    tree.write(std::string(platform::procfs::smbios_table), notebook().substr(0, 100));
    CHECK(reason(body->list().error()) == "bad_message");
}

TEST_CASE("pci_ids: names of vendor and device, and the classes at the end are no vendors")
{
    // Written as the head of pci.ids describes it.
    static constexpr std::string_view text =
        "# comment\n\n10de  NVIDIA Corporation\n\t2484  GA104 [GeForce RTX 3070]\n"
        "\t\t1043 87b8  Board of 10de\n\t2486  GA104 [Ti]\n"
        "8086  Intel Corporation\n\t9a49  TigerLake-LP GT2\nC 03  Display\n\t00  VGA\n";
    CHECK(find_pci_name(text, "10de", "2484").vendor == "NVIDIA Corporation");
    CHECK(find_pci_name(text, "10de", "2484").device == "GA104 [GeForce RTX 3070]");
    CHECK(find_pci_name(text, "8086", "9a49").device == "TigerLake-LP GT2");
    CHECK(find_pci_name(text, "8086", "2484").device.empty()); // Another's number.
    CHECK(find_pci_name(text, "10de", "1043").device.empty()); // A board's number.
    CHECK(find_pci_name(text, "1002", "2484").vendor.empty());
    CHECK(find_pci_name("8086", "8086", "9a49").vendor.empty());
    test::torment(std::string(text),
                  [](std::string_view bytes) { return find_pci_name(bytes, "8086", "9a49").device.size(); });
}

TEST_CASE("gpus: by bus and by driver, with names where the machine has a list of them")
{
    Tree const tree;
    auto const body = make_gpus(tree.root());
    CHECK(reason(body->list().error()) == "not_supported");
    tree.write("/sys/bus/pci/devices/0000:00:1f.3/class", "0x040300\n");
    CHECK(body->list()->empty());

    tree.write("/sys/devices/pci0/0000:01:00.0/class", "0x030000\n");
    tree.write("/sys/devices/pci0/0000:01:00.0/vendor", "0x1002\n");
    tree.write("/sys/devices/pci0/0000:01:00.0/device", "0x73bf\n");
    tree.write("/sys/devices/pci0/0000:01:00.0/mem_info_vram_total", "17163091968\n");
    tree.link("/sys/devices/pci0/0000:01:00.0/driver", "../../../bus/pci/drivers/amdgpu");
    tree.link("/sys/bus/pci/devices/0000:01:00.0", "../../../devices/pci0/0000:01:00.0");
    tree.link("/sys/class/drm/card0/device", "../../../devices/pci0/0000:01:00.0");
    tree.folder("/sys/class/drm/card0-HDMI-A-1");
    tree.folder("/sys/class/drm/renderD128");
    tree.folder("/sys/devices/platform/gpu");
    tree.link("/sys/devices/platform/gpu/driver", "../../bus/platform/drivers/vc4-drm");
    tree.link("/sys/class/drm/card1/device", "../../../devices/platform/gpu");
    auto const numbers = body->list();
    REQUIRE(numbers);
    REQUIRE(numbers->size() == 2);
    auto const& card = numbers->front();
    CHECK(card.place == "0000:01:00.0");
    CHECK(*card.manufacturer == "0x1002");
    CHECK(*card.model == "0x73bf");
    CHECK(*card.driver == "amdgpu");
    CHECK(*card.memory_bytes == 17'163'091'968);
    auto const& board = numbers->back();
    CHECK(board.place == "gpu");
    CHECK(*board.driver == "vc4-drm");
    CHECK(reason(board.model.error()) == "not_supported");
    CHECK(reason(board.memory_bytes.error()) == "not_supported");

    tree.write("/usr/share/misc/pci.ids", "1002  AMD\n\t73bf  Navi 21\n");
    auto const names = make_gpus(tree.root())->list();
    CHECK(*names->front().manufacturer == "AMD");
    CHECK(*names->front().model == "Navi 21");
}

TEST_CASE("batteries: none is an empty list where the system would know")
{
    Tree const tree;
    auto const body = make_batteries(tree.root());
    CHECK(reason(body->list().error()) == "not_supported");
    tree.folder("/sys/class/power_supply");
    REQUIRE(body->list());
    CHECK(body->list()->empty());
    tree.write("/sys/class/power_supply/AC/type", "Mains\n");
    tree.write("/sys/class/power_supply/hidpp_battery_0/type", "Battery\n");
    tree.write("/sys/class/power_supply/hidpp_battery_0/scope", "Device\n");
    tree.write("/sys/class/power_supply/BAT1/type", "Battery\n");
    tree.write("/sys/class/power_supply/BAT1/present", "0\n");
    CHECK(body->list()->empty());
}

TEST_CASE("batteries: charge, wear and cycles; what a battery does not tell is unknown, never 0")
{
    Tree const tree;
    auto const body = make_batteries(tree.root());
    auto const set = [&](std::string const& file, std::string_view text) {
        tree.write("/sys/class/power_supply/BAT0/" + file, text);
    };
    set("type", "Battery\n");
    set("status", "Not charging\n");
    set("capacity", "79\n");
    set("energy_full", "45000000\n");
    set("energy_full_design", "57000000\n");
    set("cycle_count", "312\n");
    set("model_name", "5B10W13\n");
    auto battery = body->list()->front();
    CHECK(battery.name == "BAT0");
    CHECK(*battery.state == "not charging");
    CHECK(*battery.charge_percent == 79);
    CHECK(*battery.wear_percent == 21);
    CHECK(*battery.cycles == 312);
    CHECK(*battery.model == "5B10W13");
    CHECK_FALSE(battery.manufacturer);

    set("status", "Unknown\n");
    set("capacity", "255\n");
    set("energy_full_design", "0\n");
    set("cycle_count", "0\n");
    battery = body->list()->front();
    CHECK_FALSE(battery.state);
    CHECK_FALSE(battery.charge_percent);
    CHECK(reason(battery.wear_percent.error()) == "not_supported");
    CHECK(reason(battery.cycles.error()) == "not_supported");

    // A new battery may hold more than it was made for; that is no negative wear. This one tells charge, not energy.
    set("charge_full", "5100000\n");
    set("charge_full_design", "5000000\n");
    CHECK(*body->list()->front().wear_percent == 0);
    set("charge_full", "9223372036854775807\n");
    CHECK(*body->list()->front().wear_percent == 0);
    for (auto const* const text : {"", "x", "-1", "99999999999999999999"}) {
        set("charge_full", text);
        set("capacity", text);
        set("cycle_count", text);
        battery = body->list()->front();
        CHECK_FALSE(battery.wear_percent);
        CHECK_FALSE(battery.charge_percent);
        CHECK_FALSE(battery.cycles);
    }
}

TEST_CASE("tpm: none is an empty list, and no driver for any is not supported")
{
    Tree const tree;
    auto const body = make_tpms(tree.root());
    CHECK(reason(body->list().error()) == "not_supported");
    tree.folder("/sys/class/tpm");
    REQUIRE(body->list());
    CHECK(body->list()->empty());
}

TEST_CASE("tpm: version 2.0, whose maker only the firmware's table names")
{
    Tree const tree;
    auto const body = make_tpms(tree.root());
    tree.write("/sys/class/tpm/tpm0/tpm_version_major", "2\n");
    auto tpm = body->list()->front();
    CHECK(tpm.name == "tpm0");
    CHECK(*tpm.version == "2.0");
    CHECK(reason(tpm.manufacturer.error()) == "not_supported");
    // Type 43: vendor at 4, versions at 8 and 9, firmware at 0Ah (7.85 as 0x00070055).
    auto const table = Table().add(43, 0x1F, {{0x04, 4, 0x00'58'46'49}, {0x08, 1, 2}, {0x0A, 4, 0x0007'0055}}).end();
    tree.write(std::string(platform::procfs::smbios_table), table);
    tpm = body->list()->front();
    CHECK(*tpm.manufacturer == "IFX");
    CHECK(*tpm.firmware_version == "7.85");
    // Two of them: nobody knows which one is described.
    tree.write("/sys/class/tpm/tpm1/tpm_version_major", "2\n");
    CHECK_FALSE(body->list()->front().manufacturer);
    tree.write("/sys/class/tpm/tpm1/tpm_version_major", "7\n");
    CHECK_FALSE(body->list()->back().version);
}

TEST_CASE("tpm: version 1.2 describes itself")
{
    // As drivers/char/tpm/tpm-sysfs.c writes it.
    static constexpr std::string_view caps = "Manufacturer: 0x49465800\nTCG version: 1.2\nFirmware version: 4.32\n";
    Tree const tree;
    tree.write("/sys/class/tpm/tpm0/device/caps", caps);
    auto const tpm = make_tpms(tree.root())->list()->front();
    CHECK(*tpm.version == "1.2");
    CHECK(*tpm.manufacturer == "IFX");
    CHECK(*tpm.firmware_version == "4.32");
    for (auto const* const text :
         {"", "Manufacturer: x", "Manufacturer: 0x", "Manufacturer: 0x00000000", "TCG version:"}) {
        auto const none = parse_tpm_caps(text);
        CHECK_FALSE(none.manufacturer);
        CHECK_FALSE(none.version);
    }
    test::torment(std::string(caps), [](std::string_view text) { return parse_tpm_caps(text).name.size(); });
}
