#include "platform/disk_encryption.hpp"

#include <sys/stat.h>

#include "platform/linux/block.hpp"
#include "platform/linux/mounts.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

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
        auto const devices = block::devices_of(root_, mount);
        if (!devices) return fail(devices.error(), "disk_encryption");
        return all_of(*devices, block::most_layers);
    }

    /// Encrypted where each of them is.
    [[nodiscard]] static Result<Layers> all_of(std::vector<std::string> const& folders, int left)
    {
        Layers all{.encrypted = true, .method = {}};
        for (auto const& folder : folders) {
            auto layers = layers_of(folder, left);
            if (!layers) return layers;
            if (!layers->encrypted) return Layers{};
            if (all.method.find(layers->method) == std::string::npos)
                all.method += (all.method.empty() ? "" : ", ") + layers->method;
        }
        return all;
    }

    /// Itself, or everything it is made of.
    [[nodiscard]] static Result<Layers> layers_of(std::string const& folder, int left)
    {
        if (left == 0) return fail(errc::limit_exceeded, "disk_encryption: more layers than any machine has");
        auto const uuid = procfs::read_word(folder + "/dm/uuid");
        if (uuid)
            if (auto method = crypt_method(*uuid); !method.empty())
                return Layers{.encrypted = true, .method = std::move(method)};
        if (procfs::exists(folder + "/loop/backing_file"))
            return fail(errc::not_supported, "disk_encryption: lies in a file of another volume");
        auto const parts = block::parts_of(folder);
        if (!parts) return fail(parts.error(), "disk_encryption");
        return parts->empty() ? Result<Layers>(Layers{}) : all_of(*parts, left - 1);
    }

    Root root_;
};

} // namespace

std::unique_ptr<DiskEncryption> make_disk_encryption(Root const& root)
{
    return std::make_unique<LinuxDiskEncryption>(root);
}

} // namespace rollcall::platform
