#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rollcall::platform
{

/// One line of /proc/self/mountinfo (proc(5)).
struct Mount {
    std::string device_number; ///< "254:0".
    std::string root;          ///< What of the file system is mounted.
    std::string mount_point;
    std::string file_system;
    std::string source;
    bool read_only{};
};

/// Lines that make no sense are skipped.
[[nodiscard]] std::vector<Mount> parse_mountinfo(std::string_view text);

/// Those that a person would call a volume of this machine: file systems that keep data on something local, each once
/// (bind mounts and subvolumes are the same volume: the shortest way to its root stays).
[[nodiscard]] std::vector<Mount> local_volumes(std::vector<Mount> const& mounts);

} // namespace rollcall::platform
