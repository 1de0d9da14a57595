#include <cstring>

#include <doctest/doctest.h>

#include "platform/windows/ata_pass_through.hpp"
#include "platform/windows/battery_facts.hpp"
#include "platform/windows/clock.hpp"
#include "platform/windows/processor_topology.hpp"
#include "platform/windows/storage.hpp"
#include "platform/windows/tpm_answer.hpp"
#include "tests/platform/printers.hpp"

/// What Windows answers with, as its headers lay it out: bytes in, facts out.
using namespace rollcall;
using namespace rollcall::platform;

namespace
{

template <class T>
void put(std::string& bytes, std::size_t offset, T value)
{
    if (bytes.size() < offset + sizeof value) bytes.resize(offset + sizeof value, '\0');
    std::memcpy(bytes.data() + offset, &value, sizeof value);
}

/// STORAGE_DEVICE_DESCRIPTOR with its texts behind it.
std::string descriptor(std::uint32_t bus, std::string const& model, std::string const& serial)
{
    std::string bytes(40, '\0');
    put(bytes, 28, bus);
    put(bytes, 16, std::uint32_t{40});
    put(bytes, 24, static_cast<std::uint32_t>(41 + model.size()));
    return bytes + model + '\0' + serial + '\0';
}

/// SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX of a core or a package with one group.
std::string relation(std::uint32_t kind, std::uint64_t mask)
{
    std::string entry(48, '\0');
    put(entry, 0, kind);
    put(entry, 4, std::uint32_t{48});
    put(entry, 30, std::uint16_t{1});
    put(entry, 32, mask);
    return entry;
}

std::string nvme_answer(NvmePage page, std::string const& data)
{
    auto answer = nvme_query(page).substr(0, 48);
    return answer + data;
}

} // namespace

TEST_CASE("windows: a FILETIME counts from 1601")
{
    CHECK(unix_ms(116'444'736'000'000'000) == 0);
    CHECK(unix_ms(133'500'000'000'000'000) == 1'705'526'400'000);
    CHECK(unix_ms(0) == -11'644'473'600'000);
}

TEST_CASE("windows: a drive's descriptor is told right, with the blanks of its maker taken off")
{
    auto const drive = parse_storage_device(descriptor(11, "Samsung SSD 860 EVO 500GB   ", "     S3Z2NB0K123456 "));
    REQUIRE(drive);
    CHECK(*drive->model == "Samsung SSD 860 EVO 500GB");
    CHECK(*drive->serial == "S3Z2NB0K123456");
    CHECK(*drive->bus == "sata");
    CHECK_FALSE(drive->removable);
    CHECK(drive->is_real);
    CHECK(*parse_storage_device(descriptor(17, "", ""))->bus == "nvme");
    CHECK_FALSE(parse_storage_device(descriptor(17, "", "0000"))->serial);
    CHECK_FALSE(parse_storage_device(descriptor(0, "", ""))->bus);
    CHECK_FALSE(parse_storage_device(descriptor(99, "", ""))->bus);
    CHECK_FALSE(parse_storage_device(descriptor(15, "Virtual Disk", ""))->is_real);
    CHECK_FALSE(parse_storage_device(descriptor(16, "Storage Space", ""))->is_real);
}

TEST_CASE("windows: a descriptor that lies about its texts is not followed")
{
    auto bytes = descriptor(11, "model", "serial");
    put(bytes, 16, std::uint32_t{0xFFFFFFFF});
    put(bytes, 24, static_cast<std::uint32_t>(bytes.size()));
    auto const drive = parse_storage_device(bytes);
    REQUIRE(drive);
    CHECK_FALSE(drive->model);
    CHECK_FALSE(drive->serial);
    // A text without a NUL ends with the answer.
    CHECK(*parse_storage_device(descriptor(11, "m", "abc").substr(0, 45))->serial == "abc");
    for (std::size_t length = 0; length < 36; ++length)
        CHECK_FALSE(parse_storage_device(bytes.substr(0, length)));
}

TEST_CASE("windows: extents name each drive once, and a count that lies is seen")
{
    std::string bytes;
    put(bytes, 0, std::uint32_t{3});
    for (std::uint32_t i = 0; i < 3; ++i)
        put(bytes, 8 + i * 24 + 16, std::uint64_t{1});
    put(bytes, 8, std::uint32_t{2});
    put(bytes, 8 + 24, std::uint32_t{0});
    put(bytes, 8 + 48, std::uint32_t{2});
    CHECK(*parse_disk_extents(bytes) == std::vector<std::uint32_t>{0, 2});
    put(bytes, 0, std::uint32_t{4});
    CHECK(reason(parse_disk_extents(bytes).error()) == "limit_exceeded");
    put(bytes, 0, std::uint32_t{0xFFFFFFFF});
    CHECK_FALSE(parse_disk_extents(bytes));
    CHECK_FALSE(parse_disk_extents("1234567"));
}

TEST_CASE("windows: seek penalty and size of a drive; half an answer is none")
{
    CHECK(*parse_seek_penalty(std::string(8, '\0') + '\1'));
    CHECK_FALSE(*parse_seek_penalty(std::string(12, '\0')));
    CHECK_FALSE(parse_seek_penalty(std::string(8, '\0')));
    std::string geometry;
    put(geometry, 24, std::int64_t{500'107'862'016});
    CHECK(*parse_disk_size(geometry) == 500'107'862'016);
    put(geometry, 24, std::int64_t{-1});
    CHECK_FALSE(parse_disk_size(geometry));
    CHECK_FALSE(parse_disk_size(geometry.substr(0, 31)));
}

TEST_CASE("windows: the pages of an NVMe drive stand where the answer says, or nowhere")
{
    std::string identity(4096, '\0');
    identity.replace(4, 20, "S5GXNX0T123456      ");
    auto const answer = nvme_answer(NvmePage::identify_controller, identity);
    auto const page = parse_nvme_answer(answer, NvmePage::identify_controller);
    REQUIRE(page);
    CHECK(*parse_nvme_serial(*page) == "S5GXNX0T123456");
    CHECK_FALSE(parse_nvme_serial(std::string(4096, '\0')));
    CHECK_FALSE(parse_nvme_serial("short"));
    CHECK_FALSE(parse_nvme_answer(answer.substr(0, answer.size() - 1), NvmePage::identify_controller));
    CHECK_FALSE(parse_nvme_answer(answer.substr(0, 20), NvmePage::identify_controller));
    for (std::uint32_t const offset : {0U, 39U, 41U, 0xFFFFFFF0U}) {
        auto bad = answer;
        put(bad, 24, offset);
        CHECK_FALSE(parse_nvme_answer(bad, NvmePage::identify_controller));
    }
    CHECK(nvme_query(NvmePage::health).size() == 8 + 40 + 512);
    CHECK(parse_nvme_answer(nvme_answer(NvmePage::health, std::string(512, 'x')), NvmePage::health)->size() == 512);
}

TEST_CASE("windows: an ATA command and its answer")
{
    AtaCommand const smart{
        .command = 0xB0, .features = 0xD0, .count = 1, .lba_mid = 0x4F, .lba_high = 0xC2, .data_in = true};
    auto bytes = ata_request(smart, 20);
    REQUIRE(bytes.size() == 48 + 512);
    CHECK(bytes[0] == 48);
    CHECK(static_cast<unsigned char>(bytes[40]) == 0xD0);
    CHECK(static_cast<unsigned char>(bytes[46]) == 0xB0);
    // As it was sent: the driver did not tell what the drive answered.
    CHECK_FALSE(parse_ata_answer(bytes, smart)->registers);
    put(bytes, 40, std::uint8_t{0});
    put(bytes, 46, std::uint8_t{0x50});
    bytes[48] = 'd';
    auto const answer = parse_ata_answer(bytes, smart);
    REQUIRE(answer);
    CHECK(answer->registers->status == 0x50);
    CHECK(answer->registers->lba_high == 0xC2);
    CHECK(answer->data.size() == 512);
    CHECK(answer->data[0] == 'd');
    CHECK_FALSE(parse_ata_answer(bytes.substr(0, 100), smart));
    CHECK_FALSE(parse_ata_answer(bytes.substr(0, 47), smart));
    put(bytes, 40, std::uint8_t{0x04});
    put(bytes, 46, std::uint8_t{0x51});
    CHECK(reason(parse_ata_answer(bytes, smart).error()) == "not_supported");
    put(bytes, 40, std::uint8_t{0x40});
    CHECK(reason(parse_ata_answer(bytes, smart).error()) == "io");
}

TEST_CASE("windows: sockets, cores and threads are counted over all groups")
{
    auto const list = relation(3, 0xFF) + relation(0, 0x3) + relation(0, 0xC) + relation(2, 0xF) + relation(0, 0x10);
    auto const counts = parse_processor_information(list);
    REQUIRE(counts);
    CHECK(counts->sockets == 1);
    CHECK(counts->cores == 3);
    CHECK(counts->threads == 5);
    CHECK_FALSE(parse_processor_information(list.substr(0, list.size() - 1)));
    auto lies = list;
    put(lies, 48 + 30, std::uint16_t{2});
    CHECK_FALSE(parse_processor_information(lies));
    put(lies, 4, std::uint32_t{0});
    CHECK_FALSE(parse_processor_information(lies));
}

TEST_CASE("windows: a TPM tells its maker and its firmware")
{
    auto const be = [](std::uint32_t number) {
        std::string bytes;
        for (int shift = 24; shift >= 0; shift -= 8)
            bytes += static_cast<char>(number >> shift & 0xFF);
        return bytes;
    };
    CHECK(tpm_properties_command().size() == 22);
    auto const answer = std::string("\x80\x01", 2) + be(43) + be(0) + std::string(1, '\0') + be(6) + be(3) + be(0x105) +
                        std::string("IFX\0", 4) + be(0x10B) + be(7U << 16U | 85U) + be(0x10C) + be(4);
    auto const found = parse_tpm_properties(answer);
    REQUIRE(found);
    CHECK(found->manufacturer == "IFX");
    CHECK(found->firmware_version == "7.85");
    for (std::size_t length = 0; length < answer.size(); ++length)
        CHECK_FALSE(parse_tpm_properties(answer.substr(0, length)));
    auto refused = answer;
    refused.replace(6, 4, be(0x921));
    CHECK(reason(parse_tpm_properties(refused).error()) == "io");
}

TEST_CASE("windows: a battery's charge, wear and state; what it does not know is unknown")
{
    BatteryMake const make{
        .capabilities = 0x80000000, .designed_capacity = 50'000, .full_capacity = 40'000, .cycles = 312};
    CHECK(is_system_battery(make));
    CHECK_FALSE(is_system_battery({.capabilities = 0xA0000000}));
    CHECK_FALSE(is_system_battery({}));
    CHECK(*battery_wear(make) == 20);
    CHECK(*battery_cycles(make) == 312);
    CHECK(*battery_charge({.power_state = 1, .capacity = 20'000}, make) == 50);
    CHECK(*battery_charge({.power_state = 1, .capacity = 41'000}, make) == 100);
    CHECK_FALSE(battery_charge({.power_state = 1, .capacity = 0xFFFFFFFF}, make));
    CHECK_FALSE(battery_charge({.capacity = 1}, {}));
    CHECK_FALSE(battery_wear({}));
    CHECK(reason(battery_cycles({}).error()) == "not_supported");
    CHECK(*battery_state({.power_state = 5, .capacity = 1}, make) == "charging");
    CHECK(*battery_state({.power_state = 2, .capacity = 1}, make) == "discharging");
    CHECK(*battery_state({.power_state = 1, .capacity = 40'000}, make) == "full");
    CHECK(*battery_state({.power_state = 1, .capacity = 32'000}, make) == "not charging");
    CHECK_FALSE(battery_state({}, make));
}
