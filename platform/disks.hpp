#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct Disk {
    std::string name; ///< "sda", "nvme0n1".
    Fact<std::string> model;
    Fact<std::string> serial;
    Fact<std::int64_t> size_bytes;
    Fact<std::string> bus; ///< "nvme", "sata", "usb", "virtio", "scsi", "mmc" …
    Fact<bool> rotational;
    Fact<bool> removable;
};

/// The drives in the machine; not what is made of them (partitions, RAID, loop devices).
///
/// Owns: nothing.  Threads: any.  Blocks: for file reads; a dying drive can hang.
class Disks
{
public:
    virtual ~Disks() = default;
    [[nodiscard]] virtual Result<std::vector<Disk>> list() const = 0;
    /// The names of those on which a folder lies (its path without links); several where a volume is made of several.
    /// errc::not_supported: it is on none (a container, a file system of another machine or in memory).
    [[nodiscard]] virtual Result<std::vector<std::string>> holding(std::string_view folder) const = 0;
};

[[nodiscard]] std::unique_ptr<Disks> make_disks(Root const& root = {});

} // namespace rollcall::platform
