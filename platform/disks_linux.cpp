#include "platform/disks.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "platform/linux/block.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

/// Not drives: memory, files, what is made of drives, and slots for a medium.
bool is_drive(std::string_view name)
{
    static constexpr std::array<std::string_view, 9> others = {"loop", "ram", "zram", "dm-", "md",
                                                               "sr",   "fd",  "nbd",  "drbd"};
    return std::none_of(others.begin(), others.end(), [&](auto prefix) { return name.starts_with(prefix); });
}

std::string bus_of(std::string_view name, std::string_view device_path)
{
    auto const has = [&](std::string_view part) { return device_path.find(part) != std::string_view::npos; };
    if (name.starts_with("nvme")) return "nvme";
    if (name.starts_with("mmcblk")) return "mmc";
    if (name.starts_with("vd")) return "virtio";
    if (name.starts_with("xvd")) return "xen";
    if (has("/usb")) return "usb";
    if (has("/ata")) return "sata";
    if (has("/virtio")) return "virtio";
    return "scsi";
}

bool is_within(std::string_view folder, std::string_view mount_point)
{
    if (mount_point == "/") return folder.starts_with('/');
    return folder.starts_with(mount_point) &&
           (folder.size() == mount_point.size() || folder[mount_point.size()] == '/');
}

class LinuxDisks final : public Disks
{
public:
    explicit LinuxDisks(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Disk>> list() const override
    {
        auto const names = procfs::list_folder(root_ / "/sys/block");
        if (!names) return fail(names.error(), "disks");
        std::vector<Disk> disks;
        for (auto const& name : *names)
            if (is_drive(name) && !is_hidden(name)) disks.push_back(read(name));
        return disks;
    }

    [[nodiscard]] Result<std::vector<std::string>> holding(std::string_view folder) const override
    {
        auto const text = procfs::read_file(root_ / "/proc/self/mountinfo", 16UL * 1024 * 1024);
        if (!text) return fail(text.error(), "disks");
        auto const mounts = parse_mountinfo(*text);
        Mount const* nearest = nullptr;
        // A later mount hides an earlier one at the same place.
        for (auto const& mount : mounts)
            if (is_within(folder, mount.mount_point) &&
                (nearest == nullptr || mount.mount_point.size() >= nearest->mount_point.size()))
                nearest = &mount;
        if (nearest == nullptr) return fail(errc::not_found, "disks: no file system holds this folder");
        auto const devices = block::devices_of(root_, *nearest);
        if (!devices) return fail(devices.error(), "disks");
        std::set<std::string> names;
        if (auto const done = add_drives(*devices, block::most_layers, names); !done) return done.error();
        return std::vector(names.begin(), names.end());
    }

private:
    /// What these devices come down to.
    static Result<> add_drives(std::vector<std::string> const& folders, int left, std::set<std::string>& names)
    {
        if (left == 0) return fail(errc::limit_exceeded, "disks: more layers than any machine has");
        for (auto const& folder : folders) {
            auto const parts = block::parts_of(folder);
            if (!parts) return fail(parts.error(), "disks");
            if (parts->empty()) names.insert(folder.substr(folder.rfind('/') + 1));
            if (auto done = add_drives(*parts, left - 1, names); !done) return done;
        }
        return {};
    }

    /// One of several paths to an NVMe drive that is listed by itself.
    [[nodiscard]] bool is_hidden(std::string const& name) const
    {
        auto const hidden = procfs::read_word(root_ / ("/sys/block/" + name + "/hidden"));
        return hidden && *hidden == "1";
    }

    [[nodiscard]] Disk read(std::string const& name) const
    {
        static constexpr std::int64_t sector_bytes = 512; // The unit of `size`, whatever the drive's own sectors are.
        auto const folder = root_ / ("/sys/block/" + name);
        Disk disk;
        disk.name = name;
        disk.model = procfs::read_word(folder + "/device/model");
        disk.serial = serial(folder);
        auto const sectors = procfs::read_integer(folder + "/size");
        if (!sectors)
            disk.size_bytes = sectors;
        else if (*sectors < 0 || *sectors > INT64_MAX / sector_bytes)
            disk.size_bytes = fail(errc::bad_message, "disks: size");
        else
            disk.size_bytes = *sectors * sector_bytes;
        auto const path = procfs::real_path(folder);
        disk.bus = bus_of(name, path ? *path : std::string());
        disk.rotational = flag(folder + "/queue/rotational");
        disk.removable = flag(folder + "/removable");
        return disk;
    }

    [[nodiscard]] static Fact<bool> flag(std::string const& path)
    {
        auto const value = procfs::read_integer(path);
        if (!value) return Result<bool>(value.error());
        return *value != 0;
    }

    [[nodiscard]] Fact<std::string> serial(std::string const& folder) const
    {
        for (auto const* const file : {"/serial", "/device/serial"})
            if (auto const word = procfs::read_word(folder + file)) return word;
        // SCSI page 80h: four bytes of head, the fourth of them the length.
        if (auto const page = procfs::read_file(folder + "/device/vpd_pg80"); page && page->size() > 4) {
            auto const word = procfs::trim(std::string_view(*page).substr(4, static_cast<unsigned char>((*page)[3])));
            if (!word.empty()) return std::string(word);
        }
        // What udev asked the drive.
        auto const number = procfs::read_word(folder + "/dev");
        if (!number) return fail(errc::not_found, "disks: serial");
        auto const known = procfs::read_file(root_ / ("/run/udev/data/b" + *number));
        if (!known) return fail(errc::not_found, "disks: serial");
        for (auto const line : procfs::lines(*known)) {
            static constexpr std::string_view name = "E:ID_SERIAL_SHORT=";
            if (line.starts_with(name) && line.size() > name.size()) return std::string(line.substr(name.size()));
        }
        return fail(errc::not_found, "disks: serial");
    }

    Root root_;
};

} // namespace

std::unique_ptr<Disks> make_disks(Root const& root) { return std::make_unique<LinuxDisks>(root); }

} // namespace rollcall::platform
