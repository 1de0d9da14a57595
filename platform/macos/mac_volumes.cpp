#include "platform/macos/mac_volumes.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "platform/macos/registry_values.hpp"

namespace rollcall::platform
{

namespace
{

constexpr std::string_view data_volume = "/System/Volumes/Data";

/// Should `one` rather than `other` stand for a container?
bool stands_before(MacMount const& one, MacMount const& other)
{
    if ((one.mount_point == "/") != (other.mount_point == "/")) return one.mount_point == "/";
    if (one.is_hidden != other.is_hidden) return !one.is_hidden;
    if (one.mount_point.size() != other.mount_point.size()) return one.mount_point.size() < other.mount_point.size();
    return one.mount_point < other.mount_point;
}

Volume volume_of(MacMount const& mount)
{
    Volume volume;
    volume.mount_point = mount.mount_point;
    volume.device = mount.device;
    volume.file_system = mount.file_system;
    volume.read_only = mount.read_only;
    volume.size_bytes = mount.size_bytes;
    volume.free_bytes = mount.free_bytes;
    return volume;
}

} // namespace

std::vector<Volume> judge_mac_volumes(std::vector<MacMount> const& mounts)
{
    std::map<std::string, MacMount const*> containers;
    std::map<std::string, bool> writable;
    std::vector<Volume> volumes;
    for (auto const& mount : mounts) {
        auto const disk = whole_disk(mount.device);
        if (!mount.is_local || !mount.device.starts_with("/dev/") || !disk) continue;
        if (mount.file_system != "apfs") {
            if (!mount.is_hidden) volumes.push_back(volume_of(mount));
            continue;
        }
        auto& chosen = containers[*disk];
        if (chosen == nullptr || stands_before(mount, *chosen)) chosen = &mount;
        if (mount.mount_point == data_volume && !mount.read_only) writable[*disk] = true;
    }
    for (auto const& [disk, mount] : containers) {
        // A container that only the system sees, such as that of a recovery.
        if (mount->is_hidden) continue;
        auto volume = volume_of(*mount);
        if (writable.contains(disk)) volume.read_only = false;
        volumes.push_back(std::move(volume));
    }
    std::sort(volumes.begin(), volumes.end(),
              [](Volume const& a, Volume const& b) { return a.mount_point < b.mount_point; });
    return volumes;
}

std::int64_t mac_available_bytes(MacPages const& pages, std::int64_t total_bytes)
{
    auto const programs = pages.of_programs - std::min(pages.purgeable, pages.of_programs);
    auto const total = static_cast<std::uint64_t>(std::max<std::int64_t>(total_bytes, 0));
    auto const used = (programs + pages.wired + pages.compressor) * pages.page_bytes;
    return static_cast<std::int64_t>(total - std::min(used, total));
}

} // namespace rollcall::platform
