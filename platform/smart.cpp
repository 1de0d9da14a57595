#include "platform/smart.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

std::uint8_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

/// Little-endian, as both standards have it.
std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t size)
{
    std::uint64_t value = 0;
    for (std::size_t i = size; i > 0; --i)
        value = value << 8U | byte_at(bytes, at + i - 1);
    return value;
}

bool all_the_same(std::string_view bytes)
{
    return std::all_of(bytes.begin(), bytes.end(), [&](char c) { return c == bytes.front(); });
}

Error not_told() { return fail(errc::not_supported, "smart: this drive does not tell"); }

/// Beyond, it is no temperature, but a value of another meaning.
Fact<std::int64_t> plausible_celsius(std::int64_t celsius)
{
    static constexpr std::int64_t coldest = -60;
    static constexpr std::int64_t hottest = 150;
    if (celsius < coldest || celsius > hottest) return fail(errc::bad_message, "smart: temperature");
    return celsius;
}

/// Some old drives count minutes or seconds: nothing runs for a hundred years.
Fact<std::int64_t> plausible_hours(std::uint64_t hours)
{
    static constexpr std::uint64_t hundred_years = 100UL * 8766;
    if (hours > hundred_years) return fail(errc::bad_message, "smart: power-on hours");
    return static_cast<std::int64_t>(hours);
}

// The commands (ACS-4, chapter 7).
constexpr AtaCommand check_power_mode{.command = 0xE5};
constexpr AtaCommand identify_device{.command = 0xEC, .count = 1, .data_in = true};
/// SMART wants these two in its registers.
constexpr std::uint8_t smart_mid = 0x4F;
constexpr std::uint8_t smart_high = 0xC2;
constexpr AtaCommand smart_read_data{
    .command = 0xB0, .features = 0xD0, .count = 1, .lba_mid = smart_mid, .lba_high = smart_high, .data_in = true};
constexpr AtaCommand smart_return_status{
    .command = 0xB0, .features = 0xDA, .lba_mid = smart_mid, .lba_high = smart_high};
/// READ LOG EXT of log 04h (device statistics), page 07h.
constexpr AtaCommand read_endurance{
    .command = 0x2F, .count = 1, .lba_low = 0x04, .lba_mid = 0x07, .extended = true, .data_in = true};

/// Answers of CHECK POWER MODE that mean that platters stand still: standby, standby_y, and a cache that works for
/// them.
bool means_asleep(std::uint8_t mode) { return mode == 0x00 || mode == 0x01 || mode == 0x40; }

// Of the status register (ACS-4, 6.2): ERR, and DF, after which nothing the drive says can be relied on.
constexpr std::uint8_t status_error = 0x01;
constexpr std::uint8_t status_fault = 0x20;

bool has_failed(AtaRegisters const& registers) { return (registers.status & (status_error | status_fault)) != 0; }

/// ABRT, and nothing of what a drive or its cable says when it fails: a dying one must not look like one without SMART.
bool is_unknown_command(AtaRegisters const& registers)
{
    static constexpr std::uint8_t command_aborted = 0x04;
    static constexpr std::uint8_t telling = 0xD4; ///< ICRC, UNC, IDNF and ABRT.
    return (registers.status & status_fault) == 0 && (registers.error & telling) == command_aborted;
}

Fact<bool> judgement(AtaLink& link)
{
    auto const answer = link.send(smart_return_status);
    if (!answer) return answer.error();
    if (!answer->registers) return not_told();
    auto const seen = std::pair(answer->registers->lba_mid, answer->registers->lba_high);
    if (seen == std::pair(smart_mid, smart_high)) return true;
    static constexpr std::pair<std::uint8_t, std::uint8_t> exceeded{0xF4, 0x2C};
    if (seen == exceeded) return false;
    return fail(errc::bad_message, "smart: RETURN STATUS");
}

Fact<std::int64_t> endurance(AtaLink& link, AtaIdentity const& identity)
{
    if (identity.spins || !identity.has_logs) return not_told();
    auto const answer = link.send(read_endurance);
    if (!answer) return answer.error();
    return parse_ata_endurance(answer->data);
}

} // namespace

bool is_virtual_drive(std::string_view model)
{
    static constexpr std::array<std::string_view, 13> names = {"QEMU",
                                                               "VBOX",
                                                               "ORCL-VBOX",
                                                               "VMware",
                                                               "Virtual",
                                                               "Msft Virtual",
                                                               "Microsoft Virtual",
                                                               "MSFT NVMe Accelerator",
                                                               "Amazon Elastic Block Store",
                                                               "nvme_card",
                                                               "PersistentDisk",
                                                               "Parallels",
                                                               "Bochs"};
    return std::any_of(names.begin(), names.end(), [&](auto name) { return model.starts_with(name); });
}

Result<SmartFacts> parse_nvme_health(std::string_view page)
{
    if (page.size() < nvme_health_bytes) return fail(errc::bad_message, "smart: health log: too short");
    page = page.substr(0, nvme_health_bytes);
    // A controller that answers without saying anything.
    if (all_the_same(page)) return fail(errc::bad_message, "smart: health log: empty");
    static constexpr std::array<std::string_view, 6> words = {
        "little spare left", "too hot or too cold",      "less reliable",
        "read-only",         "its power reserve failed", "persistent memory failed"};
    static constexpr std::size_t warning_at = 0;
    static constexpr std::size_t kelvin_at = 1;
    static constexpr std::size_t spare_at = 3;
    static constexpr std::size_t used_at = 5;
    static constexpr std::size_t hours_at = 128;
    static constexpr std::size_t media_errors_at = 160;
    static constexpr std::int64_t zero_celsius_in_kelvin = 273;

    SmartFacts facts;
    auto const bits = byte_at(page, warning_at);
    std::string warnings;
    for (std::size_t bit = 0; bit < words.size(); ++bit)
        if ((bits >> bit & 1U) != 0) warnings.append(warnings.empty() ? "" : ", ").append(words.at(bit));
    facts.passed = bits == 0;
    facts.warnings = std::move(warnings);
    auto const kelvin = static_cast<std::int64_t>(little_endian(page, kelvin_at, 2));
    facts.celsius = kelvin == 0 ? Fact<std::int64_t>(not_told()) : plausible_celsius(kelvin - zero_celsius_in_kelvin);
    // Of 128 bits; what does not fit into 64 is no count.
    auto const wide = [&](std::size_t at) -> Fact<std::int64_t> {
        auto const low = little_endian(page, at, 8);
        if (little_endian(page, at + 8, 8) != 0 || low > INT64_MAX) return fail(errc::bad_message, "smart: health log");
        return static_cast<std::int64_t>(low);
    };
    auto const hours = wide(hours_at);
    facts.power_on_hours = hours ? plausible_hours(static_cast<std::uint64_t>(*hours)) : hours;
    facts.media_errors = wide(media_errors_at);
    static constexpr std::uint8_t most_percent = 100;
    auto const spare = byte_at(page, spare_at);
    if (spare > most_percent)
        facts.spare_percent = fail(errc::bad_message, "smart: spare");
    else
        facts.spare_percent = spare;
    facts.used_percent = byte_at(page, used_at);
    for (auto* const fact : {&facts.reallocated_sectors, &facts.pending_sectors, &facts.uncorrectable_sectors})
        *fact = not_told();
    return facts;
}

Error nvme_log_failure(int status)
{
    static constexpr int code_bits = 0x7FF; ///< Type and code; above them stands whether to try again.
    static constexpr std::array<int, 3> unknown = {0x001, 0x002, 0x109}; ///< Opcode, field, log page.
    auto const code = status & code_bits;
    bool const is_unknown = std::find(unknown.begin(), unknown.end(), code) != unknown.end();
    return fail(is_unknown ? errc::not_supported : errc::io, fmt::format("smart: Get Log Page: status {:x}", code));
}

std::string ata_pass_through(AtaCommand const& command)
{
    static constexpr std::uint8_t operation = 0x85;
    static constexpr std::uint8_t no_data = 3U << 1U;
    static constexpr std::uint8_t data_in = 4U << 1U; ///< PIO.
    /// CK_COND: the registers come back as sense data.
    static constexpr std::uint8_t registers_back = 0x20;
    /// From the drive, in blocks, as many as `count` says.
    static constexpr std::uint8_t blocks_in = 0x0E;
    std::array<std::uint8_t, pass_through_bytes> bytes{};
    bytes[0] = operation;
    bytes[1] = static_cast<std::uint8_t>((command.data_in ? data_in : no_data) | (command.extended ? 1U : 0U));
    bytes[2] = command.data_in ? blocks_in : registers_back;
    bytes[4] = command.features;
    bytes[6] = command.count;
    bytes[8] = command.lba_low;
    bytes[10] = command.lba_mid;
    bytes[12] = command.lba_high;
    bytes[14] = command.command;
    return {bytes.begin(), bytes.end()};
}

Result<> check_ata_registers(AtaRegisters const& registers)
{
    if (!has_failed(registers)) return {};
    if (is_unknown_command(registers)) return fail(errc::not_supported, "smart: the drive does not know the command");
    return fail(errc::io, fmt::format("smart: status {:x}, error {:x}", registers.status, registers.error));
}

Result<std::optional<AtaRegisters>> parse_ata_sense(std::string_view sense)
{
    static constexpr std::size_t least = 8;
    if (sense.size() < least) return std::optional<AtaRegisters>{};
    static constexpr std::uint8_t information_available = 0x1D; ///< ASCQ of ASC 00h.
    auto const form = static_cast<std::uint8_t>(byte_at(sense, 0) & 0x7FU);
    std::uint8_t key = 0;
    bool more_is_said = false; ///< By ASC and ASCQ.
    std::optional<AtaRegisters> found;
    if (form == 0x72) {
        key = byte_at(sense, 1) & 0x0FU;
        more_is_said = byte_at(sense, 2) != 0 || byte_at(sense, 3) != 0;
        // Descriptors follow one another; that of ATA is 09h with 0Ch bytes (SAT-3, table 161).
        auto const end = std::min<std::size_t>(sense.size(), least + byte_at(sense, 7));
        for (std::size_t at = least; at + 2 <= end; at += 2UL + byte_at(sense, at + 1)) {
            if (byte_at(sense, at) != 0x09 || byte_at(sense, at + 1) != 0x0C || at + 14 > end) continue;
            found = AtaRegisters{.error = byte_at(sense, at + 3),
                                 .count = byte_at(sense, at + 5),
                                 .lba_low = byte_at(sense, at + 7),
                                 .lba_mid = byte_at(sense, at + 9),
                                 .lba_high = byte_at(sense, at + 11),
                                 .status = byte_at(sense, at + 13)};
            break;
        }
    } else if (form == 0x70) {
        key = byte_at(sense, 2) & 0x0FU;
        static constexpr std::size_t fixed = 14;
        more_is_said = sense.size() < fixed || byte_at(sense, 12) != 0 || byte_at(sense, 13) != 0;
        if (sense.size() >= fixed && byte_at(sense, 12) == 0 && byte_at(sense, 13) == information_available)
            found = AtaRegisters{.error = byte_at(sense, 3),
                                 .count = byte_at(sense, 6),
                                 .lba_low = byte_at(sense, 9),
                                 .lba_mid = byte_at(sense, 10),
                                 .lba_high = byte_at(sense, 11),
                                 .status = byte_at(sense, 4)};
    }
    if (found)
        if (auto const well = check_ata_registers(*found); !well) return well.error();
    // Without registers Linux says of a bare ABRT no more than this key, of everything else more (ata_to_sense_error).
    static constexpr std::uint8_t illegal_request = 0x05;
    static constexpr std::uint8_t aborted = 0x0B;
    if (key == illegal_request || (key == aborted && !found && !more_is_said))
        return fail(errc::not_supported, "smart: the drive does not know the command");
    static constexpr std::uint8_t recovered = 0x01;
    if (key > recovered) return fail(errc::io, fmt::format("smart: sense key {:x}", key));
    return found;
}

Result<AtaIdentity> parse_ata_identity(std::string_view sector)
{
    if (sector.size() < ata_sector_bytes || all_the_same(sector))
        return fail(errc::bad_message, "smart: IDENTIFY DEVICE");
    auto const word = [&](std::size_t index) { return little_endian(sector, index * 2, 2); };
    // Word 0, bit 15: it is a packet device (an optical drive).
    if ((word(0) & 0x8000U) != 0) return fail(errc::not_supported, "smart: no disk");
    AtaIdentity identity;
    // Words 82 to 87 count where bits 15:14 of word 83 (and of 87) are 01.
    bool const valid = (word(83) & 0xC000U) == 0x4000U;
    identity.smart_supported = valid && (word(82) & 1U) != 0;
    identity.smart_enabled = identity.smart_supported && (word(85) & 1U) != 0;
    identity.has_logs = valid && (word(84) & 0xC020U) == 0x4020U;
    static constexpr std::uint64_t does_not_spin = 1;
    identity.spins = word(217) != does_not_spin;
    return identity;
}

Result<SmartFacts> parse_ata_attributes(std::string_view sector)
{
    if (sector.size() < ata_sector_bytes) return fail(errc::bad_message, "smart: attributes: too short");
    sector = sector.substr(0, ata_sector_bytes);
    std::uint8_t sum = 0;
    for (std::size_t at = 0; at < ata_sector_bytes; ++at)
        sum = static_cast<std::uint8_t>(sum + byte_at(sector, at));
    if (sum != 0) return fail(errc::bad_message, "smart: attributes: checksum");
    static constexpr std::size_t first_at = 2;
    static constexpr std::size_t attributes = 30;
    static constexpr std::size_t attribute_bytes = 12;
    static constexpr std::size_t raw_at = 5;

    SmartFacts facts;
    for (auto* const fact :
         {&facts.celsius, &facts.power_on_hours, &facts.reallocated_sectors, &facts.pending_sectors,
          &facts.uncorrectable_sectors, &facts.media_errors, &facts.used_percent, &facts.spare_percent})
        *fact = not_told();
    facts.warnings = not_told();
    bool any = false;
    for (std::size_t i = 0; i < attributes; ++i) {
        auto const at = first_at + i * attribute_bytes;
        auto const id = byte_at(sector, at);
        any = any || id != 0;
        // How many of the six raw bytes are the count is custom; the others hold the maker's own figures.
        auto const raw = [&](std::size_t size) { return little_endian(sector, at + raw_at, size); };
        switch (id) {
        case 5:
            facts.reallocated_sectors = static_cast<std::int64_t>(raw(2));
            break;
        case 9:
            facts.power_on_hours = plausible_hours(raw(3));
            break;
        case 187:
            facts.media_errors = static_cast<std::int64_t>(raw(4));
            break;
        case 190: // Of the air around it, where it has no other.
            if (!facts.celsius) facts.celsius = plausible_celsius(static_cast<std::int8_t>(raw(1)));
            break;
        case 194:
            facts.celsius = plausible_celsius(static_cast<std::int8_t>(raw(1)));
            break;
        case 197:
            facts.pending_sectors = static_cast<std::int64_t>(raw(4));
            break;
        case 198:
            facts.uncorrectable_sectors = static_cast<std::int64_t>(raw(4));
            break;
        default:
            break;
        }
    }
    if (!any) return fail(errc::bad_message, "smart: attributes: there are none");
    return facts;
}

Result<std::int64_t> parse_ata_endurance(std::string_view sector)
{
    if (sector.size() < ata_sector_bytes) return fail(errc::bad_message, "smart: statistics: too short");
    static constexpr std::size_t page_at = 2;
    static constexpr std::uint8_t solid_state = 0x07;
    static constexpr std::size_t used_at = 8;
    static constexpr std::size_t flags_at = 15;
    static constexpr std::uint8_t supported_and_valid = 0xC0;
    if (byte_at(sector, page_at) != solid_state) return fail(errc::bad_message, "smart: statistics: another page");
    if ((byte_at(sector, flags_at) & supported_and_valid) != supported_and_valid) return not_told();
    return byte_at(sector, used_at);
}

Result<SmartReading> ask_ata_drive(AtaLink& link)
{
    auto const mode = link.send(check_power_mode);
    if (!mode) return fail(mode.error(), "smart: CHECK POWER MODE");
    if (!mode->registers)
        return fail(errc::not_supported, "smart: it does not tell whether it sleeps, so it is not asked");
    if (means_asleep(mode->registers->count)) return SmartReading{.asleep = true, .facts = {}};

    auto const sector = link.send(identify_device);
    if (!sector) return fail(sector.error(), "smart: IDENTIFY DEVICE");
    auto const identity = parse_ata_identity(sector->data);
    if (!identity) return identity.error();
    if (!identity->smart_supported) return fail(errc::not_supported, "smart: the drive has none");
    if (!identity->smart_enabled) return fail(errc::not_supported, "smart: it is switched off in the drive");
    auto const data = link.send(smart_read_data);
    if (!data) return fail(data.error(), "smart: READ DATA");
    auto facts = parse_ata_attributes(data->data);
    if (!facts) return facts.error();
    facts->passed = judgement(link);
    facts->used_percent = endurance(link, *identity);
    return SmartReading{.asleep = false, .facts = *std::move(facts)};
}

} // namespace rollcall::platform
