#pragma once

#include <string>
#include <vector>

#include "platform/fact.hpp"
#include "platform/linux/mounts.hpp"

/// What file systems and block devices lie on, by the folders of /sys. Included by *_linux.cpp only.
namespace rollcall::platform::block
{

/// Layers of devices on devices (partition, RAID, LVM, encryption); no machine has so many.
inline constexpr int most_layers = 16;

/// The folders of the devices that a file system lies on: one, or all of a btrfs pool. not_supported: it is on none.
[[nodiscard]] Result<std::vector<std::string>> devices_of(Root const& root, Mount const& mount);

/// The folders of what a device is made of, or of the drive that it is a partition of. Empty: it is made of nothing.
[[nodiscard]] Result<std::vector<std::string>> parts_of(std::string const& folder);

} // namespace rollcall::platform::block
