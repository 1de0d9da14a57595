#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/fact.hpp"

/// What drives say of their own health, the same bytes on every system: ATA (ACS-4, SAT-3) and NVMe (1.4).
namespace rollcall::platform
{

/// What a drive does not tell is not_supported.
struct SmartFacts {
    SmartFacts() = default; ///< Declared, so that an Error alone never becomes facts (it would be its first member).

    Fact<bool> passed;          ///< The drive's own judgement.
    Fact<std::string> warnings; ///< What it complains of, in words; empty where of nothing. NVMe only.
    Fact<std::int64_t> celsius;
    Fact<std::int64_t> power_on_hours;
    Fact<std::int64_t> reallocated_sectors;
    Fact<std::int64_t> pending_sectors;
    Fact<std::int64_t> uncorrectable_sectors;
    Fact<std::int64_t> media_errors;
    Fact<std::int64_t> used_percent; ///< Of the writes it was made for; may be above 100.
    Fact<std::int64_t> spare_percent;
};

/// Is that a drive of a virtual machine? What such a one says of its health is made up.
[[nodiscard]] bool is_virtual_drive(std::string_view model);

/// Log page 02h of an NVMe drive (NVMe 1.4, figure 194).
inline constexpr std::size_t nvme_health_bytes = 512;
[[nodiscard]] Result<SmartFacts> parse_nvme_health(std::string_view page);
/// What its status means where the page did not come: not_supported where the drive does not know it, else io.
[[nodiscard]] Error nvme_log_failure(int status);

/// One ATA command, as a host writes it into the drive's registers.
struct AtaCommand {
    std::uint8_t command{};
    std::uint8_t features{};
    std::uint8_t count{};
    std::uint8_t lba_low{};
    std::uint8_t lba_mid{};
    std::uint8_t lba_high{};
    bool extended{}; ///< Of the 48-bit commands.
    bool data_in{};  ///< Answers with a sector; else in its registers.
};

/// The registers after a command.
struct AtaRegisters {
    std::uint8_t error{};
    std::uint8_t count{};
    std::uint8_t lba_low{};
    std::uint8_t lba_mid{};
    std::uint8_t lba_high{};
    std::uint8_t status{};
};

inline constexpr std::size_t ata_sector_bytes = 512;

struct AtaAnswer {
    std::optional<AtaRegisters> registers; ///< Nothing: what lies between us and the drive does not pass them on.
    std::string data;                      ///< A sector, where one was asked for.
};

/// The way to one ATA drive.
class AtaLink
{
public:
    virtual ~AtaLink() = default;
    /// not_supported: the drive does not know the command.
    [[nodiscard]] virtual Result<AtaAnswer> send(AtaCommand const& command) = 0;
};

/// What the registers mean: not_supported where the drive does not know the command, io where it failed.
[[nodiscard]] Result<> check_ata_registers(AtaRegisters const& registers);

/// The command within SCSI: ATA PASS-THROUGH (16) of SAT-3.
inline constexpr std::size_t pass_through_bytes = 16;
[[nodiscard]] std::string ata_pass_through(AtaCommand const& command);
/// The registers in sense data, as descriptor (72h) or in the fixed form (70h). Nothing where none are in it;
/// not_supported: the drive, or what is before it, does not know the command; io: the drive failed.
[[nodiscard]] Result<std::optional<AtaRegisters>> parse_ata_sense(std::string_view sense);

struct AtaIdentity {
    bool smart_supported{};
    bool smart_enabled{};
    bool has_logs{}; ///< READ LOG EXT.
    bool spins{};
};
[[nodiscard]] Result<AtaIdentity> parse_ata_identity(std::string_view sector);
/// What the attributes say; the rest of the facts stays as it is.
[[nodiscard]] Result<SmartFacts> parse_ata_attributes(std::string_view sector);
/// Page 07h of the device statistics: how much of its endurance is used up.
[[nodiscard]] Result<std::int64_t> parse_ata_endurance(std::string_view sector);

struct SmartReading {
    bool asleep{}; ///< It sleeps and was not asked.
    SmartFacts facts;
};

/// Asks an ATA drive: first whether it sleeps, and then nothing else. One that does not tell whether it sleeps, or has
/// no SMART, or has it switched off: not_supported.
[[nodiscard]] Result<SmartReading> ask_ata_drive(AtaLink& link);

} // namespace rollcall::platform
