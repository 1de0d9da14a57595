#include "platform/windows/bitlocker.hpp"

#include <array>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

// Win32_EncryptableVolume: ProtectionStatus and ConversionStatus.
constexpr std::int64_t protection_off = 0;
constexpr std::int64_t protection_on = 1;
constexpr std::int64_t fully_decrypted = 0;
constexpr std::int64_t fully_encrypted = 1;

/// EncryptionMethod, by number.
constexpr std::array<std::string_view, 8> method_names = {
    "",        "AES 128 with diffuser", "AES 256 with diffuser", "AES 128",
    "AES 256", "by the drive",          "XTS-AES 128",           "XTS-AES 256"};

std::string bitlocker_method(BitLockerFacts const& facts)
{
    if (!facts.method || *facts.method <= 0 || *facts.method >= static_cast<std::int64_t>(method_names.size()))
        return "BitLocker";
    return fmt::format("BitLocker, {}", method_names[static_cast<std::size_t>(*facts.method)]);
}

Fact<bool> is_encrypted(BitLockerFacts const& facts)
{
    bool const whole = !facts.conversion || *facts.conversion == fully_encrypted;
    if (facts.protection == protection_on && whole) return true;
    // Off: not encrypted, not yet wholly, or with its key beside it in the clear, as device encryption leaves it until
    // somebody signs in, and who suspends BitLocker until he resumes it. None of them keeps a thief out.
    if (facts.protection && (*facts.protection == protection_off || *facts.protection == protection_on)) return false;
    if (facts.conversion == fully_decrypted) return false;
    return fail(errc::not_supported, "disk_encryption: a locked volume does not tell");
}

} // namespace

EncryptedVolume judge_bitlocker(std::string mount_point, BitLockerFacts const& facts)
{
    EncryptedVolume volume;
    volume.mount_point = std::move(mount_point);
    volume.encrypted = is_encrypted(facts);
    if (!volume.encrypted)
        volume.method = Result<std::string>(volume.encrypted.error());
    else
        volume.method = *volume.encrypted ? bitlocker_method(facts) : std::string();
    return volume;
}

} // namespace rollcall::platform
