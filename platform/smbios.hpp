#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/memory_modules.hpp"

/// The table in which firmware describes the machine (SMBIOS, DSP0134).
namespace rollcall::platform
{

/// One structure; views into the table.
struct SmbiosStructure {
    std::uint8_t type{};
    std::string_view formatted;            ///< Its fixed part, the head of four bytes included.
    std::vector<std::string_view> strings; ///< From 1 in the specification, from 0 here.

    /// Little-endian number at an offset of the specification; 0 where the structure is shorter, as older ones are.
    [[nodiscard]] std::uint64_t number(std::size_t offset, std::size_t bytes) const;
    /// The string whose number stands there; empty where there is none.
    [[nodiscard]] std::string_view text(std::size_t offset) const;
};

/// All structures up to the end of the table (DSP0134 §6.1). bad_message where it breaks off within one: half a list
/// is a wrong one.
[[nodiscard]] Result<std::vector<SmbiosStructure>> parse_smbios(std::string_view table);

/// What the table says of the machine as a whole; not_found where its maker left a field blank.
struct SmbiosMachine {
    SmbiosMachine() = default; ///< Declared, so that an Error alone never becomes one (it would be its first member).

    Fact<std::string> manufacturer;
    Fact<std::string> model;
    Fact<std::string> serial;
    Fact<std::string> uuid; ///< "4c4c4544-0000-1111-8031-b2c04f4d3232".
    Fact<std::string> board_serial;
    Fact<std::int64_t> chassis_type; ///< As it stands there; machine_identity.hpp knows the names.
    Fact<std::string> firmware_version;
};

/// Types 0 to 3 (DSP0134 §7.1 to §7.4).
[[nodiscard]] Result<SmbiosMachine> parse_smbios_machine(std::string_view table);

/// Memory devices, type 17 (DSP0134 §7.18).
[[nodiscard]] Result<std::vector<MemoryModule>> parse_memory_devices(std::string_view table);

struct SmbiosTpm {
    std::string manufacturer;
    std::string firmware_version;
};

/// TPM devices, type 43 (DSP0134 §7.44).
[[nodiscard]] Result<std::vector<SmbiosTpm>> parse_smbios_tpms(std::string_view table);

/// The text without the blanks with which makers fill their fields up.
[[nodiscard]] std::string_view smbios_field(std::string_view text);

/// What makers leave in fields that they did not fill.
[[nodiscard]] bool is_placeholder(std::string_view text);

} // namespace rollcall::platform
