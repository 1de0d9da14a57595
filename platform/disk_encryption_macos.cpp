#include "platform/disk_encryption.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacDiskEncryption final : public DiskEncryption
{
public:
    [[nodiscard]] Result<std::vector<EncryptedVolume>> list() const override
    {
        return fail(errc::not_supported, "disk_encryption: macOS");
    }
};

} // namespace

std::unique_ptr<DiskEncryption> make_disk_encryption(Root const& /*root*/)
{
    return std::make_unique<MacDiskEncryption>();
}

} // namespace rollcall::platform
