#pragma once

#include <string>
#include <vector>

#include "platform/disk_encryption.hpp"
#include "platform/drive_health.hpp"
#include "platform/macos/plist.hpp"

/// What diskutil(8) and the I/O Registry say of disks.
namespace rollcall::platform
{

struct MountedDevice {
    std::string mount_point;
    std::string device;      ///< "/dev/disk3s1s1".
    std::string file_system; ///< "apfs", "hfs", "exfat" …
};

/// The rules over `diskutil apfs list -plist`: a volume is encrypted where FileVault, or a password of its own, keeps
/// it, and nothing of it is still to be converted. What the chip does without any password is not seen. The system's
/// sealed volume is as its partner with the data is. `apfs` is an error where the tool failed.
[[nodiscard]] std::vector<EncryptedVolume> judge_apfs_encryption(Result<plist::Value> const& apfs,
                                                                 std::vector<MountedDevice> const& mounted);

/// Names of the drives in `diskutil list -plist physical`: "disk0". bad_message where it is another answer.
[[nodiscard]] Result<std::vector<std::string>> physical_disks(plist::Value const& diskutil_list);

/// What the I/O Registry says of a drive, before anybody asks the drive itself.
struct MacDriveFacts {
    Fact<std::string> model;
    Fact<std::string> serial;
    Fact<bool> solid_state;
};
/// The drive's entry among media with their "BSD Name", "Device Characteristics" and "Protocol Characteristics".
[[nodiscard]] MacDriveFacts mac_drive_facts(std::vector<plist::Value> const& media, std::string_view name);

/// May diskutil be asked for its health? A disk that spins may sleep, which nobody tells: not_supported. The drive of a
/// virtual machine: not_supported.
[[nodiscard]] Result<> may_ask_mac_drive(MacDriveFacts const& facts);

/// The health in `diskutil info -plist DISK`. not_supported: the drive has no SMART that macOS reads.
[[nodiscard]] Result<SmartReading> parse_diskutil_health(plist::Value const& info);

} // namespace rollcall::platform
