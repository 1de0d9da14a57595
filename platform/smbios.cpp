#include "platform/smbios.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

constexpr std::uint8_t type_firmware = 0;
constexpr std::uint8_t type_system = 1;
constexpr std::uint8_t type_board = 2;
constexpr std::uint8_t type_chassis = 3;
constexpr std::uint8_t type_memory_device = 17;
constexpr std::uint8_t type_tpm = 43;
constexpr std::uint8_t type_end = 127;
constexpr std::size_t head_bytes = 4;

constexpr std::uint64_t kibibyte = 1024;
constexpr std::uint64_t mebibyte = 1024UL * 1024;

/// DSP0134 §7.18.2, from 1; empty where it says nothing to a person.
constexpr std::array<std::string_view, 36> memory_types = {
    "",      "",       "DRAM",  "EDRAM", "VRAM",  "SRAM",   "RAM",    "ROM",    "Flash",        "EEPROM", "FEPROM",
    "EPROM", "CDRAM",  "3DRAM", "SDRAM", "SGRAM", "RDRAM",  "DDR",    "DDR2",   "DDR2 FB-DIMM", "",       "",
    "",      "DDR3",   "FBD2",  "DDR4",  "LPDDR", "LPDDR2", "LPDDR3", "LPDDR4", "Non-volatile", "HBM",    "HBM2",
    "DDR5",  "LPDDR5", "HBM3"};

Fact<std::string> text_of(SmbiosStructure const& device, std::size_t offset)
{
    auto const text = smbios_field(device.text(offset));
    if (text.empty() || is_placeholder(text)) return fail(errc::not_found, "smbios: not filled in");
    return std::string(text);
}

Fact<std::int64_t> size_of(SmbiosStructure const& device)
{
    static constexpr std::uint64_t unknown_size = 0xFFFF;
    static constexpr std::uint64_t look_further = 0x7FFF;
    if (device.formatted.size() < 0x0E) return fail(errc::not_found, "smbios: the size is not told");
    auto const size = device.number(0x0C, 2);
    if (size == unknown_size) return fail(errc::not_found, "smbios: the size is not known");
    if (size == look_further) {
        auto const extended = device.number(0x1C, 4) & 0x7FFFFFFF;
        if (extended == 0) return fail(errc::not_found, "smbios: the size is not known");
        return static_cast<std::int64_t>(extended * mebibyte);
    }
    // The highest bit: in KiB, not in MiB.
    bool const small = (size & 0x8000) != 0;
    return static_cast<std::int64_t>((size & 0x7FFF) * (small ? kibibyte : mebibyte));
}

/// The speed it runs at; where that is not told, the highest it can.
Fact<std::int64_t> speed_of(SmbiosStructure const& device)
{
    static constexpr std::uint64_t look_further = 0xFFFF;
    static constexpr std::array<std::array<std::size_t, 2>, 2> places = {{{0x20, 0x58}, {0x15, 0x54}}};
    for (auto const& place : places) {
        auto speed = device.number(place[0], 2);
        if (speed == look_further) speed = device.number(place[1], 4) & 0x7FFFFFFF;
        if (speed != 0) return static_cast<std::int64_t>(speed);
    }
    return fail(errc::not_found, "smbios: the speed is not known");
}

Fact<std::string> type_of(SmbiosStructure const& device)
{
    auto const type = device.number(0x12, 1);
    if (type == 0 || type > memory_types.size() || memory_types[type - 1].empty())
        return fail(errc::not_found, "smbios: the type of memory is not known");
    return std::string(memory_types[type - 1]);
}

MemoryModule module_of(SmbiosStructure const& device)
{
    MemoryModule module;
    module.slot = smbios_field(device.text(0x10));
    module.size_bytes = size_of(device);
    if (module.size_bytes && *module.size_bytes == 0) {
        auto const empty = fail(errc::not_found, "smbios: the slot is empty");
        for (auto* const fact : {&module.type, &module.manufacturer, &module.serial, &module.part_number})
            *fact = Result<std::string>(empty);
        module.mt_per_s = Result<std::int64_t>(empty);
        return module;
    }
    module.type = type_of(device);
    module.mt_per_s = speed_of(device);
    module.manufacturer = text_of(device, 0x17);
    module.serial = text_of(device, 0x18);
    module.part_number = text_of(device, 0x1A);
    return module;
}

/// As it is written since SMBIOS 2.6 (DSP0134 §7.2.1): the first three fields are little-endian.
Fact<std::string> uuid_of(SmbiosStructure const& system)
{
    static constexpr std::size_t offset = 0x08;
    static constexpr std::array<std::size_t, 16> order = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    if (system.formatted.size() < offset + order.size()) return fail(errc::not_found, "smbios: no UUID");
    std::string uuid;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
        uuid += fmt::format("{:02x}", static_cast<unsigned char>(system.formatted[offset + order[i]]));
    }
    if (is_placeholder(uuid)) return fail(errc::not_found, "smbios: the UUID is not set");
    return uuid;
}

} // namespace

std::string_view smbios_field(std::string_view text)
{
    static constexpr std::string_view blank = " \t\r\n\v\f";
    auto const first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::uint64_t SmbiosStructure::number(std::size_t offset, std::size_t bytes) const
{
    if (offset + bytes > formatted.size()) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        value |= std::uint64_t{static_cast<unsigned char>(formatted[offset + i])} << (8 * i);
    return value;
}

std::string_view SmbiosStructure::text(std::size_t offset) const
{
    auto const place = number(offset, 1);
    return place == 0 || place > strings.size() ? std::string_view{} : strings[place - 1];
}

Result<std::vector<SmbiosStructure>> parse_smbios(std::string_view table)
{
    auto const torn = fail(errc::bad_message, "smbios: the table breaks off within a structure");
    std::vector<SmbiosStructure> structures;
    while (!table.empty()) {
        if (table.size() < head_bytes) return torn;
        auto const length = static_cast<unsigned char>(table[1]);
        if (length < head_bytes) return fail(errc::bad_message, "smbios: a structure shorter than its head");
        if (length > table.size()) return torn;
        SmbiosStructure one;
        one.type = static_cast<std::uint8_t>(table[0]);
        one.formatted = table.substr(0, length);
        table.remove_prefix(length);
        // Strings end with a NUL each, their list with one more; a list of none is two.
        for (;;) {
            auto const end = table.find('\0');
            if (end == std::string_view::npos) return torn;
            auto const text = table.substr(0, end);
            table.remove_prefix(end + 1);
            if (text.empty()) break;
            one.strings.push_back(text);
        }
        if (one.strings.empty()) {
            if (table.empty()) return torn;
            table.remove_prefix(1);
        }
        if (one.type == type_end) break;
        structures.push_back(std::move(one));
    }
    return structures;
}

Result<SmbiosMachine> parse_smbios_machine(std::string_view table)
{
    auto const structures = parse_smbios(table);
    if (!structures) return structures.error();
    SmbiosMachine machine;
    auto const absent = fail(errc::not_found, "smbios: no such structure");
    for (auto* const fact : {&machine.manufacturer, &machine.model, &machine.serial, &machine.uuid,
                             &machine.board_serial, &machine.firmware_version})
        *fact = Result<std::string>(absent);
    machine.chassis_type = Result<std::int64_t>(absent);
    // Of several structures of one type the first one is the machine's own.
    std::array<bool, type_chassis + 1> seen{};
    for (auto const& one : *structures) {
        if (one.type >= seen.size() || std::exchange(seen[one.type], true)) continue;
        if (one.type == type_firmware) {
            machine.firmware_version = text_of(one, 0x05);
        } else if (one.type == type_system) {
            machine.manufacturer = text_of(one, 0x04);
            machine.model = text_of(one, 0x05);
            machine.serial = text_of(one, 0x07);
            machine.uuid = uuid_of(one);
        } else if (one.type == type_board) {
            machine.board_serial = text_of(one, 0x07);
        } else if (one.formatted.size() > 0x05) {
            machine.chassis_type = static_cast<std::int64_t>(one.number(0x05, 1));
        }
    }
    return machine;
}

Result<std::vector<MemoryModule>> parse_memory_devices(std::string_view table)
{
    auto const structures = parse_smbios(table);
    if (!structures) return structures.error();
    std::vector<MemoryModule> modules;
    std::vector<std::string_view> banks;
    std::map<std::string, int, std::less<>> times;
    for (auto const& one : *structures) {
        if (one.type != type_memory_device) continue;
        modules.push_back(module_of(one));
        banks.push_back(smbios_field(one.text(0x11)));
        ++times[modules.back().slot];
    }
    // Some boards give every slot the same name and only its bank another one.
    for (std::size_t i = 0; i < modules.size(); ++i) {
        auto& slot = modules[i].slot;
        if (times[slot] > 1 && !banks[i].empty())
            slot = slot.empty() ? std::string(banks[i]) : fmt::format("{} {}", banks[i], slot);
        if (slot.empty()) slot = "slot";
    }
    std::map<std::string, int, std::less<>> used;
    for (auto& module : modules)
        if (auto const nth = ++used[module.slot]; nth > 1) module.slot += fmt::format(" #{}", nth);
    return modules;
}

Result<std::vector<SmbiosTpm>> parse_smbios_tpms(std::string_view table)
{
    static constexpr std::size_t vendor_bytes = 4;
    auto const structures = parse_smbios(table);
    if (!structures) return structures.error();
    std::vector<SmbiosTpm> tpms;
    for (auto const& one : *structures) {
        if (one.type != type_tpm || one.formatted.size() < 0x12) continue;
        SmbiosTpm tpm;
        for (auto const c : one.formatted.substr(0x04, vendor_bytes))
            if (c > ' ' && c < 0x7F) tpm.manufacturer += c;
        // For a TPM 2.0 major and minor, each in sixteen bits (its property TPM_PT_FIRMWARE_VERSION_1).
        if (one.number(0x08, 1) == 2) {
            auto const version = one.number(0x0A, 4);
            tpm.firmware_version = fmt::format("{}.{}", version >> 16, version & 0xFFFF);
        }
        tpms.push_back(std::move(tpm));
    }
    return tpms;
}

bool is_placeholder(std::string_view text)
{
    std::string small(text);
    for (auto& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    static constexpr std::array<std::string_view, 19> empty_words = {"to be filled by o.e.m.",
                                                                     "default string",
                                                                     "not specified",
                                                                     "not applicable",
                                                                     "not available",
                                                                     "none",
                                                                     "n/a",
                                                                     "unknown",
                                                                     "undefined",
                                                                     "system serial number",
                                                                     "system manufacturer",
                                                                     "system product name",
                                                                     "system version",
                                                                     "o.e.m.",
                                                                     "oem",
                                                                     "invalid",
                                                                     "no dimm",
                                                                     "[empty]",
                                                                     "empty"};
    if (std::find(empty_words.begin(), empty_words.end(), small) != empty_words.end()) return true;
    return small.find_first_not_of("0-. ") == std::string::npos || small.find_first_not_of("f-") == std::string::npos;
}

} // namespace rollcall::platform
