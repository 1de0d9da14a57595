#include "platform/disk_encryption.hpp"

#include <optional>

#include <sys/stat.h>

#include <fmt/format.h>

#include "platform/linux/mounts.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

/// Layers of devices on devices (partition, RAID, LVM, encryption); no machine has so many.
constexpr int most_layers = 16;

/// "CRYPT-LUKS2-0123…-name" → "LUKS2"; empty for what is not dm-crypt's (dm-crypt(8), cryptsetup's libdevmapper.c).
std::string crypt_method(std::string_view uuid)
{
    static constexpr std::string_view prefix = "CRYPT-";
    if (!uuid.starts_with(prefix)) return {};
    uuid.remove_prefix(prefix.size());
    auto const name = uuid.substr(0, uuid.find('-'));
    // These check, and encrypt nothing; SUBDEV is a part of another mapping.
    if (name == "VERITY" || name == "INTEGRITY" || name == "SUBDEV") return {};
    return name == "PLAIN" ? "plain" : std::string(name);
}

struct Layers {
    bool encrypted{};
    std::string method;
};

class LinuxDiskEncryption final : public DiskEncryption
{
public:
    explicit LinuxDiskEncryption(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<EncryptedVolume>> list() const override
    {
        auto const text = procfs::read_file(root_ / "/proc/self/mountinfo", 16UL * 1024 * 1024);
        if (!text) return fail(text.error(), "disk_encryption");
        std::vector<EncryptedVolume> volumes;
        for (auto const& mount : local_volumes(parse_mountinfo(*text))) {
            // A single file mounted over another is no volume, as in the topic volumes.
            struct stat facts {
            };
            if (::stat((root_ / mount.mount_point).c_str(), &facts) == 0 && !S_ISDIR(facts.st_mode)) continue;
            EncryptedVolume volume;
            volume.mount_point = mount.mount_point;
            auto const layers = look_at(mount);
            if (layers) {
                volume.encrypted = layers->encrypted;
                volume.method = layers->method;
            } else {
                volume.encrypted = Result<bool>(layers.error());
                volume.method = Result<std::string>(layers.error());
            }
            volumes.push_back(std::move(volume));
        }
        return volumes;
    }

private:
    [[nodiscard]] Result<Layers> look_at(Mount const& mount) const
    {
        auto folder = procfs::real_path(root_ / ("/sys/dev/block/" + mount.device_number));
        if (!folder) {
            // btrfs and others mount under a number of their own; their source still is a device.
            static constexpr std::string_view devices = "/dev/";
            if (!mount.source.starts_with(devices) || mount.file_system == "overlay")
                return fail(errc::not_supported, "disk_encryption: " + mount.file_system + " is on no block device");
            auto const device = procfs::real_path(root_ / mount.source);
            if (!device) return device.error();
            folder = procfs::real_path(root_ / ("/sys/class/block/" + device->substr(device->rfind('/') + 1)));
            if (!folder) return folder.error();
        }
        if (mount.file_system == "btrfs") {
            auto const device = folder->substr(folder->rfind('/') + 1);
            if (auto const pool = devices_of_pool(device)) return all_of(*pool);
        }
        return layers_of(*folder, most_layers);
    }

    /// The folder with every device of the btrfs file system that this one is part of.
    [[nodiscard]] std::optional<std::string> devices_of_pool(std::string const& device) const
    {
        auto const folder = root_ / "/sys/fs/btrfs";
        auto const pools = procfs::list_folder(folder);
        if (!pools) return std::nullopt;
        for (auto const& pool : *pools) {
            auto devices = fmt::format("{}/{}/devices", folder, pool);
            if (procfs::exists(fmt::format("{}/{}", devices, device))) return devices;
        }
        return std::nullopt;
    }

    /// Encrypted where every device in the folder is.
    [[nodiscard]] Result<Layers> all_of(std::string const& folder, int left = most_layers) const
    {
        auto const parts = procfs::list_folder(folder);
        if (!parts) return parts.error();
        Layers all{.encrypted = true, .method = {}};
        for (auto const& part : *parts) {
            auto const below = procfs::real_path(fmt::format("{}/{}", folder, part));
            if (!below) return below.error();
            auto layers = layers_of(*below, left - 1);
            if (!layers) return layers;
            if (!layers->encrypted) return Layers{};
            if (all.method.find(layers->method) == std::string::npos)
                all.method += (all.method.empty() ? "" : ", ") + layers->method;
        }
        return all;
    }

    /// Itself, or everything it is made of.
    [[nodiscard]] Result<Layers> layers_of(std::string const& folder, int left) const
    {
        if (left == 0) return fail(errc::limit_exceeded, "disk_encryption: more layers than any machine has");
        auto const uuid = procfs::read_word(folder + "/dm/uuid");
        if (uuid)
            if (auto method = crypt_method(*uuid); !method.empty())
                return Layers{.encrypted = true, .method = std::move(method)};
        if (procfs::exists(folder + "/loop/backing_file"))
            return fail(errc::not_supported, "disk_encryption: lies in a file of another volume");
        auto const parts = procfs::list_folder(folder + "/slaves");
        // A partition has none of its own: it lies on its disk as it is.
        if (!parts || parts->empty()) return on_disk_of_partition(folder, left);
        return all_of(folder + "/slaves", left);
    }

    [[nodiscard]] Result<Layers> on_disk_of_partition(std::string const& folder, int left) const
    {
        if (!procfs::exists(folder + "/partition")) return Layers{};
        return layers_of(folder.substr(0, folder.rfind('/')), left - 1);
    }

    Root root_;
};

} // namespace

std::unique_ptr<DiskEncryption> make_disk_encryption(Root const& root)
{
    return std::make_unique<LinuxDiskEncryption>(root);
}

} // namespace rollcall::platform
