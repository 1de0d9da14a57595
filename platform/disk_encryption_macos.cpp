#include "platform/disk_encryption.hpp"

#include "platform/macos/disk_volumes.hpp"
#include "platform/macos/tool.hpp"
#include "platform/volumes.hpp"

namespace rollcall::platform
{

namespace
{

class MacDiskEncryption final : public DiskEncryption
{
public:
    explicit MacDiskEncryption(Root const& root)
        : volumes_(make_volumes(root))
    {
    }

    [[nodiscard]] Result<std::vector<EncryptedVolume>> list() const override
    {
        auto const volumes = volumes_->list();
        if (!volumes) return fail(volumes.error(), "disk_encryption");
        std::vector<MountedDevice> mounted;
        for (auto const& volume : *volumes)
            mounted.push_back(
                {.mount_point = volume.mount_point, .device = volume.device, .file_system = volume.file_system});
        auto const apfs = tool_plist({.arguments = {"/usr/sbin/diskutil", "apfs", "list", "-plist"}}, run);
        return judge_apfs_encryption(apfs, mounted);
    }

private:
    std::unique_ptr<Volumes> volumes_;
};

} // namespace

std::unique_ptr<DiskEncryption> make_disk_encryption(Root const& root)
{
    return std::make_unique<MacDiskEncryption>(root);
}

} // namespace rollcall::platform
