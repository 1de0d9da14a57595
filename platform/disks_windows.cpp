#include "platform/disks.hpp"

#include <optional>

#include <fmt/format.h>

#include <windows.h>

#include <winioctl.h>

#include "platform/windows/device.hpp"
#include "platform/windows/drives.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/storage.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

constexpr std::size_t longest_path = 32'768;

Fact<std::int64_t> size_of_drive(Device const& drive)
{
    static constexpr std::size_t largest_geometry = 1024;
    auto const answer =
        drive.control(IOCTL_DISK_GET_DRIVE_GEOMETRY_EX, {}, largest_geometry, "IOCTL_DISK_GET_DRIVE_GEOMETRY_EX");
    if (!answer) return Result<std::int64_t>(answer.error());
    return parse_disk_size(*answer);
}

Fact<bool> is_rotational(Device const& drive)
{
    static constexpr std::size_t largest_descriptor = 64;
    auto const answer = drive.control(IOCTL_STORAGE_QUERY_PROPERTY, property_query(seek_penalty_property),
                                      largest_descriptor, "StorageDeviceSeekPenaltyProperty");
    if (!answer) return Result<bool>(answer.error());
    return parse_seek_penalty(*answer);
}

Fact<std::string> serial_of(Device const& drive, StorageDevice const& described)
{
    if (!described.bus || *described.bus != "nvme") return described.serial;
    auto const page = ask_nvme(drive, NvmePage::identify_controller);
    if (page) return parse_nvme_serial(*page);
    // A driver that does not pass it on never does; any other failure must not give the drive another number meanwhile.
    if (reason(page.error()) == to_string(errc::not_supported)) return described.serial;
    return Result<std::string>(page.error());
}

/// Nothing: not a drive, but made of some.
Result<std::optional<Disk>> describe_drive(std::uint32_t number)
{
    auto const drive = Device::open(drive_path(number), Device::Access::ask);
    if (!drive) return drive.error();
    auto const described = ask_storage_device(*drive);
    if (!described) return described.error();
    if (!described->is_real) return std::optional<Disk>{};
    Disk disk;
    disk.name = drive_name(number);
    disk.model = described->model;
    disk.serial = serial_of(*drive, *described);
    disk.size_bytes = size_of_drive(*drive);
    disk.bus = described->bus;
    disk.rotational = is_rotational(*drive);
    disk.removable = described->removable;
    return std::optional<Disk>(std::move(disk));
}

Disk unknown_disk(std::uint32_t number, Error const& why)
{
    Disk disk;
    disk.name = drive_name(number);
    for (auto* const fact : {&disk.model, &disk.serial, &disk.bus})
        *fact = Result<std::string>(why);
    disk.size_bytes = Result<std::int64_t>(why);
    disk.rotational = Result<bool>(why);
    disk.removable = Result<bool>(why);
    return disk;
}

/// The volume that holds a folder: `\\?\Volume{…}`, without a backslash at its end.
Result<std::wstring> volume_of(std::wstring const& folder)
{
    // Of another machine: asking it could wait for the network.
    bool const is_share = folder.starts_with(LR"(\\)") && !folder.starts_with(LR"(\\?\)");
    bool const has_letter = folder.size() >= 2 && folder[1] == L':';
    if (is_share || (has_letter && ::GetDriveTypeW((folder.substr(0, 2) + L'\\').c_str()) == DRIVE_REMOTE))
        return fail(errc::not_supported, "disks: a folder of another machine");
    std::wstring mount_point(longest_path, L'\0');
    if (::GetVolumePathNameW(folder.c_str(), mount_point.data(), static_cast<DWORD>(mount_point.size())) == 0)
        return fail_windows(::GetLastError(), "GetVolumePathName");
    mount_point.resize(until_nul(mount_point).size());
    if (::GetDriveTypeW(mount_point.c_str()) == DRIVE_REMOTE)
        return fail(errc::not_supported, "disks: a folder of another machine");
    static constexpr std::size_t longest_volume_name = 64;
    std::wstring name(longest_volume_name, L'\0');
    if (::GetVolumeNameForVolumeMountPointW(mount_point.c_str(), name.data(), static_cast<DWORD>(name.size())) == 0)
        return fail_windows(::GetLastError(), "GetVolumeNameForVolumeMountPoint");
    name.resize(until_nul(name).size());
    while (name.ends_with(L'\\'))
        name.pop_back();
    return name;
}

Result<std::vector<std::uint32_t>> drives_of(std::wstring const& volume)
{
    static constexpr std::size_t first_bytes = 1024;
    static constexpr std::size_t largest_bytes = std::size_t{1024} * 1024;
    auto const device = Device::open(volume, Device::Access::ask);
    if (!device) return device.error();
    for (auto size = first_bytes;; size *= 2) {
        auto const answer =
            device->control(IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS, {}, size, "IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS");
        if (!answer) return answer.error();
        auto numbers = parse_disk_extents(*answer);
        if (numbers || size >= largest_bytes || reason(numbers.error()) != to_string(errc::limit_exceeded))
            return numbers;
    }
}

class WindowsDisks final : public Disks
{
public:
    [[nodiscard]] Result<std::vector<Disk>> list() const override
    {
        NoDialogs const no_dialogs;
        auto const numbers = drive_numbers();
        if (!numbers) return fail(numbers.error(), "disks");
        std::vector<Disk> disks;
        for (auto const number : *numbers) {
            auto disk = describe_drive(number);
            // Taken out between the two questions.
            if (!disk && reason(disk.error()) == to_string(errc::not_found)) continue;
            if (!disk)
                disks.push_back(unknown_disk(number, disk.error()));
            else if (*disk)
                disks.push_back(**std::move(disk));
        }
        return disks;
    }

    [[nodiscard]] Result<std::vector<std::string>> holding(std::string_view folder) const override
    {
        NoDialogs const no_dialogs;
        auto const volume = volume_of(utf16(folder));
        if (!volume) return fail(volume.error(), "disks");
        auto const numbers = drives_of(*volume);
        if (!numbers) return fail(numbers.error(), "disks");
        if (numbers->empty()) return fail(errc::not_supported, "disks: Windows names no drive for that folder");
        std::vector<std::string> names;
        for (auto const number : *numbers) {
            auto const disk = describe_drive(number);
            if (!disk) return fail(disk.error(), "disks");
            if (!*disk) return fail(errc::not_supported, "disks: Windows does not tell what that one is made of");
            names.push_back((*disk)->name);
        }
        return names;
    }
};

} // namespace

std::unique_ptr<Disks> make_disks(Root const& /*root*/) { return std::make_unique<WindowsDisks>(); }

} // namespace rollcall::platform
