#include "platform/machine_identity.hpp"

#include <doctest/doctest.h>

#include "platform/smbios.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

/// One SMBIOS structure: its fixed part after the head, and its strings.
std::string structure(char type, std::string fixed, std::vector<std::string> const& strings)
{
    std::string one{type, static_cast<char>(fixed.size() + 4), '\0', '\0'};
    one += fixed;
    for (auto const& text : strings)
        one += text + '\0';
    return one + std::string(strings.empty() ? 2 : 1, '\0');
}

std::string const uuid_bytes("\x4c\x4c\x45\x44\x00\x00\x11\x11\x80\x31\xb2\xc0\x4f\x4d\x32\x32", 16);

std::string dell()
{
    return structure(0, std::string("\x01\x02", 2) + std::string(14, '\0'), {"Dell Inc.", "1.18.0"}) +
           structure(1, std::string("\x01\x02\x00\x03", 4) + uuid_bytes, {"Dell Inc.", "Latitude 7490  ", "ABC1234"}) +
           structure(2, std::string("\x01\x02\x00\x03", 4), {"Dell Inc.", "0KP0FT", "/ABC1234/CN1296/"}) +
           structure(3, std::string("\x01\x8A", 2) + std::string(8, '\0'), {"Dell Inc."}) +
           structure(2, std::string("\x00\x00\x00\x01", 4), {"of a card"}) + structure(127, "", {});
}

} // namespace

TEST_CASE("machine_identity: the firmware's table tells the machine, and its first structures are the machine's")
{
    auto const machine = parse_smbios_machine(dell());
    REQUIRE(machine);
    CHECK(*machine->manufacturer == "Dell Inc.");
    CHECK(*machine->model == "Latitude 7490");
    CHECK(*machine->serial == "ABC1234");
    CHECK(*machine->firmware_version == "1.18.0");
    CHECK(*machine->board_serial == "/ABC1234/CN1296/");
    CHECK(*machine->uuid == "44454c4c-0000-1111-8031-b2c04f4d3232");
    CHECK(*chassis_name(*machine->chassis_type) == "Notebook"); // 8Ah: with a lock.
    CHECK(chassis_group(*machine->chassis_type) == ChassisGroup::portable);
}

TEST_CASE("machine_identity: one identity whatever system reads it, and in whatever order the bytes are shown")
{
    auto const machine = parse_smbios_machine(dell());
    REQUIRE(machine);
    static auto const expected = "dmi:44454c4c-0000-1111-8031-b2c04f4d3232:/ABC1234/CN1296/";
    CHECK(*dmi_identity(machine->uuid, machine->board_serial) == expected);
    CHECK(*dmi_identity(std::string("4C4C4544-0000-1111-8031-B2C04F4D3232"), machine->board_serial) == expected);
}

TEST_CASE("machine_identity: what is not there is absent; what could not be read now gives no other identity")
{
    Fact<std::string> const absent = fail(errc::not_found, "none");
    Fact<std::string> const broken = fail(errc::io, "broken");
    Fact<std::string> const uuid = std::string("4c4c4544-0000-1111-8031-b2c04f4d3232");
    CHECK(dmi_identity(uuid, absent)->ends_with(':'));
    CHECK(is_absent(dmi_identity(absent, uuid)));
    CHECK(is_absent(dmi_identity(std::string("03000200-0400-0500-0006-000700080009"), absent)));
    CHECK(reason(dmi_identity(uuid, broken).error()) == "io");
    CHECK(reason(dmi_identity(broken, absent).error()) == "io");
}

TEST_CASE("machine_identity: a table of little, and one that breaks off")
{
    auto const empty = parse_smbios_machine(structure(127, "", {}));
    REQUIRE(empty);
    CHECK(reason(empty->uuid.error()) == "not_found");
    CHECK_FALSE(empty->chassis_type);
    // Before SMBIOS 2.1 there was no UUID.
    auto const old = parse_smbios_machine(structure(1, std::string("\x01\x00\x00\x00", 4), {"Maker"}));
    REQUIRE(old);
    CHECK(*old->manufacturer == "Maker");
    CHECK_FALSE(old->uuid);
    auto const blank = parse_smbios_machine(structure(1, std::string(4, '\0') + std::string(16, '\xFF'), {}));
    REQUIRE(blank);
    CHECK_FALSE(blank->uuid);
    CHECK_FALSE(parse_smbios_machine(dell().substr(0, 40)));
}

TEST_CASE("machine_identity: virtual hardware bears its hypervisor's name")
{
    Fact<std::string> const unknown = fail(errc::not_found, "none");
    CHECK(virtual_machine_of(std::string("QEMU"), unknown) == "qemu");
    CHECK(virtual_machine_of(std::string("Microsoft Corporation"), std::string("Virtual Machine")) == "hyper-v");
    CHECK(virtual_machine_of(std::string("Microsoft Corporation"), std::string("Surface Pro")).empty());
    CHECK(virtual_machine_of(unknown, unknown).empty());
}
