#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/performance.hpp"
#include "platform/volumes.hpp"

/// Mounted volumes and used memory of a Mac, judged without macOS.
namespace rollcall::platform
{

/// As getfsstat(2) has it.
struct MacMount {
    std::string mount_point;
    std::string device; ///< "/dev/disk3s1s1".
    std::string file_system;
    bool is_local{};
    bool is_hidden{}; ///< MNT_DONTBROWSE: the system's own.
    bool read_only{};
    std::int64_t size_bytes{};
    std::int64_t free_bytes{};
};

/// Volumes on disks, each space once: those of an APFS container share all of it, so one stands for them, the one with
/// "/" or else the shortest path that people see. "/" itself is sealed; the container can be written where its volume
/// with the data can.
[[nodiscard]] std::vector<Volume> judge_mac_volumes(std::vector<MacMount> const& mounts);

/// Pages as host_statistics64 counts them.
struct MacPages {
    std::uint64_t wired{};
    std::uint64_t of_programs{}; ///< Anonymous ones, purgeable included.
    std::uint64_t purgeable{};
    std::uint64_t compressor{}; ///< That the compressed ones take.
    std::uint64_t page_bytes{};
};
/// What may be had without swapping: everything but what Activity Monitor calls used (programs, wired, compressed).
[[nodiscard]] std::int64_t mac_available_bytes(MacPages const& pages, std::int64_t total_bytes);

} // namespace rollcall::platform
