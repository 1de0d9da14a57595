#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/disk_encryption.hpp"

namespace rollcall::platform
{

/// What Win32_EncryptableVolume says of one volume, in its own numbers. What it does not say is left out: older systems
/// know only the protection.
struct BitLockerFacts {
    std::optional<std::int64_t> protection; ///< ProtectionStatus: 0 off, 1 on, 2 unknown (locked).
    std::optional<std::int64_t> conversion; ///< ConversionStatus: 0 decrypted, 1 encrypted, 2 to 5 on the way.
    std::optional<std::int64_t> method;     ///< EncryptionMethod.
};

/// The rule of `encrypted` and `method`.
[[nodiscard]] EncryptedVolume judge_bitlocker(std::string mount_point, BitLockerFacts const& facts);

} // namespace rollcall::platform
