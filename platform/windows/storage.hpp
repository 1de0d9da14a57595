#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/fact.hpp"

/// What Windows answers with about drives (IOCTL_STORAGE_QUERY_PROPERTY and its like): bytes in, facts out.
namespace rollcall::platform
{

struct StorageDevice {
    StorageDevice() = default; ///< Declared, so that an Error alone never becomes one (it would be its first member).

    Fact<std::string> model;
    Fact<std::string> serial;
    Fact<std::string> bus; ///< "nvme", "sata", "usb", "scsi", "mmc" …
    bool removable{};
    bool is_real{}; ///< Not made of other drives, nor of a file: Storage Spaces, an image that is mounted.
};

/// STORAGE_DEVICE_DESCRIPTOR.
[[nodiscard]] Result<StorageDevice> parse_storage_device(std::string_view answer);

/// DEVICE_SEEK_PENALTY_DESCRIPTOR: does the drive rotate?
[[nodiscard]] Result<bool> parse_seek_penalty(std::string_view answer);

/// The size in DISK_GEOMETRY_EX.
[[nodiscard]] Result<std::int64_t> parse_disk_size(std::string_view answer);

/// Numbers of the drives in VOLUME_DISK_EXTENTS, each once. limit_exceeded: the answer is longer than what came.
[[nodiscard]] Result<std::vector<std::uint32_t>> parse_disk_extents(std::string_view answer);

/// STORAGE_PROPERTY_QUERY of a property alone.
[[nodiscard]] std::string property_query(std::uint32_t property);

inline constexpr std::uint32_t storage_device_property = 0;
inline constexpr std::uint32_t seek_penalty_property = 7;

/// STORAGE_PROPERTY_QUERY with STORAGE_PROTOCOL_SPECIFIC_DATA: what an NVMe drive is asked.
enum class NvmePage { identify_controller, health };
[[nodiscard]] std::string nvme_query(NvmePage page);
/// The page in STORAGE_PROTOCOL_DATA_DESCRIPTOR.
[[nodiscard]] Result<std::string> parse_nvme_answer(std::string_view answer, NvmePage page);

/// The serial number of an NVMe controller (NVMe 1.4, figure 247). What STORAGE_DEVICE_DESCRIPTOR calls so is another
/// number: that of its first namespace.
[[nodiscard]] Result<std::string> parse_nvme_serial(std::string_view page);

} // namespace rollcall::platform
