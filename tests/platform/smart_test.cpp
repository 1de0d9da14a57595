#include <deque>
#include <initializer_list>
#include <vector>

#include <doctest/doctest.h>

#include "platform/drive_health.hpp"
#include "platform/smart.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/tree.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using test::Tree;

namespace
{

// The pages are written to the standards: NVMe 1.4, figure 194; ACS-4, 7.12 and 9.5; SFF-8035i for the attributes.

void put(std::string& page, std::size_t at, std::uint64_t value, std::size_t size)
{
    for (std::size_t i = 0; i < size; ++i)
        page[at + i] = static_cast<char>(value >> (8 * i) & 0xFFU);
}

std::string nvme_page()
{
    std::string page(nvme_health_bytes, '\0');
    put(page, 1, 273 + 41, 2);
    put(page, 3, 98, 1);
    put(page, 4, 10, 1);
    put(page, 5, 7, 1);
    put(page, 128, 12'345, 8);
    put(page, 160, 3, 8);
    return page;
}

struct Attribute {
    std::uint8_t id{};
    std::uint64_t raw{};
};

std::string attribute_page(std::initializer_list<Attribute> attributes)
{
    std::string page(ata_sector_bytes, '\0');
    put(page, 0, 16, 2);
    std::size_t at = 2;
    for (auto const& one : attributes) {
        put(page, at, one.id, 1);
        put(page, at + 1, 0x33, 2);
        put(page, at + 3, 100, 1);
        put(page, at + 4, 100, 1);
        put(page, at + 5, one.raw, 6);
        at += 12;
    }
    unsigned sum = 0;
    for (char const c : page)
        sum += static_cast<unsigned char>(c);
    page.back() = static_cast<char>(0U - sum);
    return page;
}

std::string old_disk()
{
    // Hours with a maker's figure above them, temperature with its range.
    return attribute_page({{5, 0x0001'0000'0002},
                           {9, 0x12'3400'B0CF},
                           {187, 4},
                           {190, 0x2D},
                           {194, 0x0031'0014'0026},
                           {197, 8},
                           {198, 9},
                           {200, 1}});
}

std::string identity_page(bool smart = true, bool enabled = true, bool spins = true)
{
    std::string page(ata_sector_bytes, '\0');
    put(page, 0, 0x0040, 2);
    put(page, 82 * 2, smart ? 0x746B : 0x746A, 2);
    put(page, 83 * 2, 0x7F01, 2);
    put(page, 84 * 2, 0x4163, 2);
    put(page, 85 * 2, enabled ? 0x7469 : 0x7468, 2);
    put(page, 217 * 2, spins ? 7200 : 1, 2);
    return page;
}

std::string endurance_page(std::uint8_t used, std::uint8_t flags = 0xC0)
{
    std::string page(ata_sector_bytes, '\0');
    put(page, 0, 1, 2);
    put(page, 2, 7, 1);
    put(page, 8, used, 1);
    put(page, 15, flags, 1);
    return page;
}

/// Descriptor-form sense data with the registers in it (SAT-3, table 161).
std::string sense(std::uint8_t count, std::uint8_t mid = 0, std::uint8_t high = 0, std::uint8_t status = 0x50,
                  std::uint8_t key = 1, std::uint8_t error = 0)
{
    std::string bytes(22, '\0');
    put(bytes, 0, 0x72, 1);
    put(bytes, 1, key, 1);
    put(bytes, 3, 0x1D, 1);
    put(bytes, 7, 14, 1);
    put(bytes, 8, 0x09, 1);
    put(bytes, 9, 0x0C, 1);
    put(bytes, 11, error, 1);
    put(bytes, 13, count, 1);
    put(bytes, 17, mid, 1);
    put(bytes, 19, high, 1);
    put(bytes, 21, status, 1);
    return bytes;
}

/// A fake: a drive that answers as it is told, and keeps what it was asked.
class FakeLink final : public AtaLink
{
public:
    std::deque<Result<AtaAnswer>> answers;
    std::vector<std::uint8_t> asked;

    void registers(std::string const& bytes)
    {
        auto const seen = parse_ata_sense(bytes);
        REQUIRE(seen);
        answers.emplace_back(AtaAnswer{.registers = *seen, .data = {}});
    }
    void sector(std::string data) { answers.emplace_back(AtaAnswer{.registers = {}, .data = std::move(data)}); }
    void refuses() { answers.emplace_back(fail(errc::not_supported, "aborted")); }

    Result<AtaAnswer> send(AtaCommand const& command) override
    {
        asked.push_back(command.command);
        if (answers.empty()) return fail(errc::io, "no more answers");
        auto answer = std::move(answers.front());
        answers.pop_front();
        return answer;
    }
};

} // namespace

TEST_CASE("smart: an NVMe drive's health log")
{
    auto const facts = parse_nvme_health(nvme_page());
    REQUIRE(facts);
    CHECK(*facts->passed);
    CHECK(facts->warnings->empty());
    CHECK(*facts->celsius == 41);
    CHECK(*facts->power_on_hours == 12'345);
    CHECK(*facts->media_errors == 3);
    CHECK(*facts->used_percent == 7);
    CHECK(*facts->spare_percent == 98);
    CHECK(reason(facts->reallocated_sectors.error()) == "not_supported");
    CHECK(reason(facts->pending_sectors.error()) == "not_supported");

    auto page = nvme_page();
    put(page, 0, 0x05, 1);
    put(page, 5, 255, 1);
    auto const worn = parse_nvme_health(page);
    CHECK_FALSE(*worn->passed);
    CHECK(*worn->warnings == "little spare left, less reliable");
    CHECK(*worn->used_percent == 255);
    put(page, 0, 0xC0, 1); // Bits that a later standard gave a meaning.
    CHECK_FALSE(*parse_nvme_health(page)->passed);
}

TEST_CASE("smart: an NVMe drive that says nothing, half, or what cannot be is not healthy but unknown")
{
    auto page = nvme_page();
    for (auto const& bad : {std::string(), std::string(512, '\0'), std::string(512, '\xFF'), page.substr(0, 511)})
        CHECK(reason(parse_nvme_health(bad).error()) == "bad_message");
    put(page, 1, 0, 2);
    put(page, 3, 101, 1);
    put(page, 128, 9'000'000, 8);
    put(page, 168, 1, 8);
    auto const odd = parse_nvme_health(page);
    REQUIRE(odd);
    CHECK(reason(odd->celsius.error()) == "not_supported");
    CHECK(reason(odd->spare_percent.error()) == "bad_message");
    CHECK(reason(odd->power_on_hours.error()) == "bad_message");
    CHECK(reason(odd->media_errors.error()) == "bad_message");
    put(page, 1, 0xFFFF, 2);
    CHECK(reason(parse_nvme_health(page)->celsius.error()) == "bad_message");
    test::torment(nvme_page(), [](std::string_view text) { return parse_nvme_health(text).has_value(); });
}

TEST_CASE("smart: the attributes of an ATA drive, without what makers keep beside the counts")
{
    auto const facts = parse_ata_attributes(old_disk());
    REQUIRE(facts);
    CHECK(*facts->reallocated_sectors == 2);
    CHECK(*facts->power_on_hours == 0xB0CF);
    CHECK(*facts->media_errors == 4);
    CHECK(*facts->celsius == 0x26);
    CHECK(*facts->pending_sectors == 8);
    CHECK(*facts->uncorrectable_sectors == 9);
    CHECK(reason(facts->spare_percent.error()) == "not_supported");
    CHECK_FALSE(facts->passed); // Attributes are no judgement.

    auto const few = parse_ata_attributes(attribute_page({{190, 0x2D}, {9, 0xFF'FFFF}}));
    REQUIRE(few);
    CHECK(*few->celsius == 0x2D);
    CHECK(reason(few->power_on_hours.error()) == "bad_message");
    CHECK(reason(few->pending_sectors.error()) == "not_supported");
}

TEST_CASE("smart: recorded pages say what smartctl 7.3 said of the same drives")
{
    auto const identity = parse_ata_identity(test::fixture("smart/identify.bin"));
    REQUIRE(identity);
    CHECK(identity->smart_supported);
    CHECK(identity->smart_enabled);
    auto const ata = parse_ata_attributes(test::fixture("smart/attributes.bin"));
    REQUIRE(ata);
    CHECK(*ata->reallocated_sectors == 0);
    CHECK(*ata->power_on_hours == 1);
    CHECK(*ata->celsius == 31);
    CHECK(reason(ata->pending_sectors.error()) == "not_supported");
    auto const nvme = parse_nvme_health(test::fixture("smart/nvme-health.bin"));
    REQUIRE(nvme);
    CHECK(*nvme->passed);
    CHECK(*nvme->celsius == 50);
    CHECK(*nvme->media_errors == 0);
    CHECK(*nvme->power_on_hours == 0);
}

TEST_CASE("smart: a page with a wrong checksum, without attributes or too short is an error")
{
    auto torn = old_disk();
    torn[20] ^= 1;
    for (auto const& bad :
         {std::string(), torn, attribute_page({}), old_disk().substr(0, 511), std::string(ata_sector_bytes, '\0')})
        CHECK(reason(parse_ata_attributes(bad).error()) == "bad_message");
    for (auto const& bad : {std::string(), std::string(ata_sector_bytes, '\0'), std::string(ata_sector_bytes, '\xFF')})
        CHECK_FALSE(parse_ata_identity(bad));
    test::torment(old_disk(), [](std::string_view text) { return parse_ata_attributes(text).has_value(); });
    test::torment(identity_page(), [](std::string_view text) { return parse_ata_identity(text).has_value(); });
    test::torment(endurance_page(3), [](std::string_view text) { return parse_ata_endurance(text).has_value(); });
    test::torment(sense(0xFF), [](std::string_view text) { return parse_ata_sense(text).has_value(); });
}

TEST_CASE("smart: registers come back in both forms of sense data")
{
    auto const described = parse_ata_sense(sense(0x80, 0x4F, 0xC2));
    REQUIRE(described);
    REQUIRE(*described);
    CHECK((*described)->count == 0x80);
    CHECK((*described)->lba_mid == 0x4F);
    CHECK((*described)->lba_high == 0xC2);

    std::string fixed(18, '\0');
    put(fixed, 0, 0x70, 1);
    put(fixed, 2, 1, 1);
    put(fixed, 4, 0x50, 1);
    put(fixed, 6, 0x80, 1);
    put(fixed, 10, 0x4F, 1);
    put(fixed, 11, 0xC2, 1);
    put(fixed, 13, 0x1D, 1);
    auto const short_form = parse_ata_sense(fixed);
    REQUIRE(short_form);
    REQUIRE(*short_form);
    CHECK((*short_form)->count == 0x80);
    CHECK((*short_form)->lba_high == 0xC2);

    CHECK_FALSE(parse_ata_sense("")->has_value());
    CHECK_FALSE(parse_ata_sense(std::string(18, '\0'))->has_value());
}

TEST_CASE("smart: only a command that is unknown is not supported; a drive that fails is unreadable")
{
    auto const why = [](std::string const& bytes) { return std::string(reason(parse_ata_sense(bytes).error())); };
    CHECK(why(sense(0, 0, 0, 0x51, 0x0B, 0x04)) == "not_supported"); // Aborted by the drive.
    CHECK(why(sense(0, 0, 0, 0x51, 0x01, 0x04)) == "not_supported");
    CHECK(why(sense(0, 0, 0, 0x50, 0x05)) == "not_supported"); // Unknown to what is before it.
    CHECK(why(sense(0, 0, 0, 0x50, 0x03)) == "io");            // The medium failed.
    CHECK(why(sense(0, 0, 0, 0x50, 0x0B)) == "io");
    // ICRC, UNC and IDNF, alone and with ABRT.
    for (std::uint8_t const error : {0x80, 0x40, 0x10, 0x84, 0x44, 0x14, 0x00})
        for (std::uint8_t const key : {0x01, 0x03, 0x05, 0x0B}) {
            CAPTURE(error);
            CAPTURE(key);
            CHECK(why(sense(0, 0, 0, 0x51, key, error)) == "io");
        }
    // A fault of the device.
    CHECK(why(sense(0, 0, 0, 0x70, 0x04, 0x04)) == "io");
    CHECK(why(sense(0, 0, 0, 0x71, 0x0B, 0x04)) == "io");

    // Without registers, as Linux says it.
    auto const fixed = [](std::uint8_t key, std::uint8_t asc) {
        std::string bytes(18, '\0');
        put(bytes, 0, 0x70, 1);
        put(bytes, 2, key, 1);
        put(bytes, 12, asc, 1);
        return bytes;
    };
    CHECK(why(fixed(0x0B, 0)) == "not_supported");
    CHECK(why(fixed(0x05, 0x20)) == "not_supported");
    CHECK(why(fixed(0x0B, 0x47)) == "io"); // Between drive and host.
    CHECK(why(fixed(0x04, 0x44)) == "io");
    CHECK(why(fixed(0x03, 0x11)) == "io");

    auto const of_nvme = [](int status) { return std::string(reason(nvme_log_failure(status))); };
    CHECK(of_nvme(0x4001) == "not_supported"); // With "do not try again".
    CHECK(of_nvme(0x0109) == "not_supported");
    CHECK(of_nvme(0x0006) == "io"); // The controller's own error.
    CHECK(of_nvme(0x0281) == "io");
}

TEST_CASE("smart: a command travels as ATA PASS-THROUGH (16)")
{
    auto const mode = ata_pass_through({.command = 0xE5});
    CHECK(mode == std::string("\x85\x06\x20\0\0\0\0\0\0\0\0\0\0\0\xE5\0", 16));
    auto const log =
        ata_pass_through({.command = 0x2F, .count = 1, .lba_low = 4, .lba_mid = 7, .extended = true, .data_in = true});
    CHECK(log == std::string("\x85\x09\x0E\0\0\0\x01\0\x04\0\x07\0\0\0\x2F\0", 16));
}

TEST_CASE("smart: a drive in standby is asked for its mode and for nothing else")
{
    for (std::uint8_t const mode : {0x00, 0x01, 0x40}) {
        FakeLink link;
        link.registers(sense(mode));
        auto const reading = ask_ata_drive(link);
        REQUIRE(reading);
        CHECK(reading->asleep);
        CHECK(reason(reading->facts.passed.error()) == "not_yet_read");
        CHECK(link.asked == std::vector<std::uint8_t>{0xE5});
    }
    // One that does not tell, or that fails: it might sleep.
    FakeLink silent;
    silent.sector("");
    CHECK(reason(ask_ata_drive(silent).error()) == "not_supported");
    CHECK(silent.asked.size() == 1);
    FakeLink broken;
    CHECK(reason(ask_ata_drive(broken).error()) == "io");
    CHECK(broken.asked.size() == 1);
}

TEST_CASE("smart: a drive that is awake tells all, in its own judgement")
{
    FakeLink link;
    link.registers(sense(0xFF));
    link.sector(identity_page());
    link.sector(old_disk());
    link.registers(sense(0, 0xF4, 0x2C));
    auto const failing = ask_ata_drive(link);
    REQUIRE(failing);
    CHECK_FALSE(failing->asleep);
    CHECK_FALSE(*failing->facts.passed);
    CHECK(*failing->facts.reallocated_sectors == 2);
    CHECK(reason(failing->facts.used_percent.error()) == "not_supported"); // Platters do not wear.
    CHECK(link.asked == std::vector<std::uint8_t>{0xE5, 0xEC, 0xB0, 0xB0});

    FakeLink solid;
    solid.registers(sense(0x80));
    solid.sector(identity_page(true, true, false));
    solid.sector(attribute_page({{9, 12}}));
    solid.registers(sense(0, 0x4F, 0xC2));
    solid.sector(endurance_page(17));
    auto const worn = ask_ata_drive(solid);
    REQUIRE(worn);
    CHECK(*worn->facts.passed);
    CHECK(*worn->facts.used_percent == 17);
    CHECK(*worn->facts.power_on_hours == 12);
}

TEST_CASE("smart: no SMART, switched off, refused, or an answer that is neither: never healthy")
{
    auto const why = [](std::string const& identity) {
        FakeLink link;
        link.registers(sense(0xFF));
        link.sector(identity);
        return std::string(reason(ask_ata_drive(link).error()));
    };
    CHECK(why(identity_page(false)) == "not_supported");
    CHECK(why(identity_page(true, false)) == "not_supported");
    CHECK(why("") == "bad_message");

    FakeLink link;
    link.registers(sense(0xFF));
    link.sector(identity_page(true, true, false));
    link.sector(attribute_page({{9, 12}}));
    link.registers(sense(0, 0x12, 0x34));
    link.refuses();
    auto const reading = ask_ata_drive(link);
    REQUIRE(reading);
    CHECK(reason(reading->facts.passed.error()) == "bad_message");
    CHECK(reason(reading->facts.used_percent.error()) == "not_supported");
    CHECK(reason(parse_ata_endurance(endurance_page(3, 0x80)).error()) == "not_supported");
    auto other = endurance_page(3);
    put(other, 2, 1, 1);
    CHECK(reason(parse_ata_endurance(other).error()) == "bad_message");
}

TEST_CASE("drive_health: virtual drives and those that there is no way to ask are not supported, never healthy")
{
    Tree const tree;
    CHECK_FALSE(make_drive_health(tree.root())->list());
    auto const drive = [&](std::string const& name, std::string const& path, std::string const& model) {
        tree.folder("/sys/devices/" + path + "/" + name);
        tree.write("/sys/devices/" + path + "/" + name + "/device/model", model + "\n");
        tree.link("/sys/block/" + name, "../devices/" + path + "/" + name);
    };
    drive("vda", "pci0/virtio1/block", "");
    drive("sda", "pci0/ata1/host0/block", "QEMU HARDDISK");
    drive("sdb", "pci0/usb1/host1/block", "Elements");
    drive("sdc", "pci0/host2/target2/block", "ST4000NM");
    drive("nvme0n1", "pci0/nvme/nvme0", "QEMU NVMe Ctrl");
    drive("nvme1c1n1", "pci0/nvme/nvme1", "Real");
    tree.write("/sys/block/nvme1c1n1/hidden", "1\n");
    auto const drives = make_drive_health(tree.root())->list();
    REQUIRE(drives);
    REQUIRE(drives->size() == 5);
    for (auto const& one : *drives) {
        CAPTURE(one.name);
        REQUIRE_FALSE(one.reading);
        CHECK(reason(one.reading.error()) == "not_supported");
    }
    CHECK(drives->front().name == "nvme0n1");
    CHECK(*drives->front().model == "QEMU NVMe Ctrl");
}

TEST_CASE("drive_health: a drive whose power the system has cut is asleep and stays closed")
{
    Tree const tree;
    tree.folder("/sys/devices/pci0/ata1/sda");
    tree.link("/sys/block/sda", "../devices/pci0/ata1/sda");
    tree.write("/sys/block/sda/device/model", "WDC WD40EFRX\n");
    tree.write("/sys/block/sda/device/power/runtime_status", "suspended\n");
    auto const drives = make_drive_health(tree.root())->list();
    REQUIRE(drives);
    REQUIRE(drives->size() == 1);
    REQUIRE(drives->front().reading);
    CHECK(drives->front().reading->asleep);
    CHECK(reason(drives->front().reading->facts.passed.error()) == "not_yet_read");
    tree.write("/sys/block/sda/device/power/runtime_status", "active\n");
    CHECK(reason(make_drive_health(tree.root())->list()->front().reading.error()) == "not_supported");
}
