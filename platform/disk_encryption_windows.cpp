#include "platform/disk_encryption.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsDiskEncryption final : public DiskEncryption
{
public:
    [[nodiscard]] Result<std::vector<EncryptedVolume>> list() const override
    {
        return fail(errc::not_supported, "disk_encryption: Windows");
    }
};

} // namespace

std::unique_ptr<DiskEncryption> make_disk_encryption(Root const& /*root*/)
{
    return std::make_unique<WindowsDiskEncryption>();
}

} // namespace rollcall::platform
