#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

/// How a volume lies on its disks.
struct EncryptedVolume {
    std::string mount_point;
    Fact<bool> encrypted;     ///< By the system, in every part. What a drive or a file system does itself is not seen.
    Fact<std::string> method; ///< "LUKS2", "LUKS1", "plain" …; empty where it is not encrypted.
};

/// Which volumes are encrypted, and how.
///
/// Owns: nothing.  Threads: any.  Blocks: for file reads.
class DiskEncryption
{
public:
    virtual ~DiskEncryption() = default;
    /// A row for each volume that the topic `volumes` has.
    [[nodiscard]] virtual Result<std::vector<EncryptedVolume>> list() const = 0;
};

[[nodiscard]] std::unique_ptr<DiskEncryption> make_disk_encryption(Root const& root = {});

} // namespace rollcall::platform
