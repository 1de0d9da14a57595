#include "platform/drive_health.hpp"

#include <fmt/format.h>

#include <windows.h>

#include <winioctl.h>

#include <ntddscsi.h>

#include "platform/disks.hpp"
#include "platform/windows/ata_pass_through.hpp"
#include "platform/windows/device.hpp"
#include "platform/windows/drives.hpp"
#include "platform/windows/storage.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

/// A drive that answers no single command within this long is reset by its driver: rather wait than reset a slow one.
constexpr std::uint32_t ata_limit_s = 20;

class WindowsAtaLink final : public AtaLink
{
public:
    explicit WindowsAtaLink(Device const& drive)
        : drive_(&drive)
    {
    }

    [[nodiscard]] Result<AtaAnswer> send(AtaCommand const& command) override
    {
        auto const bytes = drive_->control_in_place(IOCTL_ATA_PASS_THROUGH, ata_request(command, ata_limit_s),
                                                    "IOCTL_ATA_PASS_THROUGH");
        if (!bytes) return bytes.error();
        return parse_ata_answer(*bytes, command);
    }

private:
    Device const* drive_;
};

enum class Tongue { none, ata, nvme };

/// A bridge on USB may hang when it is asked in ATA, and SAS drives speak of their health in yet another way.
Tongue tongue_of(Disk const& disk)
{
    if (!disk.bus) return Tongue::none;
    if (*disk.bus == "nvme") return Tongue::nvme;
    return *disk.bus == "sata" || *disk.bus == "ata" ? Tongue::ata : Tongue::none;
}

Result<SmartReading> ask_nvme_health(Device const& drive)
{
    auto const page = ask_nvme(drive, NvmePage::health);
    if (!page) return page.error();
    auto facts = parse_nvme_health(*page);
    if (!facts) return facts.error();
    return SmartReading{.asleep = false, .facts = *std::move(facts)};
}

Result<SmartReading> ask_drive(Disk const& disk)
{
    auto const step = fmt::format("drive_health: {}", disk.name);
    auto const tongue = tongue_of(disk);
    if (tongue == Tongue::none) return fail(errc::not_supported, step + ": no way to ask it");
    if (disk.model && is_virtual_drive(*disk.model)) return fail(errc::not_supported, step + ": a virtual drive");
    auto const access = tongue == Tongue::nvme ? Device::Access::ask : Device::Access::full;
    auto const drive = Device::open(LR"(\\.\)" + utf16(disk.name), access);
    if (!drive) return fail(drive.error(), step);
    if (auto const awake = drive->is_awake(); awake && !*awake) return SmartReading{.asleep = true, .facts = {}};
    WindowsAtaLink link(*drive);
    auto reading = tongue == Tongue::nvme ? ask_nvme_health(*drive) : ask_ata_drive(link);
    if (!reading) return fail(reading.error(), step);
    return reading;
}

class WindowsDriveHealth final : public DriveHealth
{
public:
    explicit WindowsDriveHealth(Root const& root)
        : disks_(make_disks(root))
    {
    }

    [[nodiscard]] Result<std::vector<Drive>> list() const override
    {
        NoDialogs const no_dialogs;
        auto const disks = disks_->list();
        if (!disks) return fail(disks.error(), "drive_health");
        std::vector<Drive> drives;
        drives.reserve(disks->size());
        for (auto const& disk : *disks)
            drives.push_back(
                {.name = disk.name, .model = disk.model, .serial = disk.serial, .reading = ask_drive(disk)});
        return drives;
    }

private:
    std::unique_ptr<Disks> disks_;
};

} // namespace

std::unique_ptr<DriveHealth> make_drive_health(Root const& root) { return std::make_unique<WindowsDriveHealth>(root); }

} // namespace rollcall::platform
