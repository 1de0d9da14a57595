#include "platform/linux/mounts.hpp"

#include <algorithm>
#include <array>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

/// "\040" → " ".
std::string unescape_octal(std::string_view text)
{
    auto const octal = [](char c) { return c >= '0' && c <= '7'; };
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '3' && octal(text[i + 2]) &&
            octal(text[i + 3])) {
            plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

bool has_option(std::string_view options, std::string_view wanted)
{
    while (!options.empty()) {
        auto const comma = options.find(',');
        if (options.substr(0, comma) == wanted) return true;
        options.remove_prefix(comma == std::string_view::npos ? options.size() : comma + 1);
    }
    return false;
}

constexpr std::array<std::string_view, 22> local_kinds = {
    "ext2", "ext3",  "ext4",  "xfs",  "btrfs", "zfs", "f2fs",    "bcachefs", "jfs", "reiserfs", "nilfs2",
    "vfat", "msdos", "exfat", "ntfs", "ntfs3", "hfs", "hfsplus", "fuseblk",  "udf", "ufs",      "ocfs2"};

} // namespace

std::vector<Mount> parse_mountinfo(std::string_view text)
{
    std::vector<Mount> mounts;
    for (auto const line : procfs::lines(text)) {
        auto const fields = procfs::words(line);
        auto const dash = std::find(fields.begin(), fields.end(), "-");
        if (dash - fields.begin() < 6 || fields.end() - dash < 4) continue;
        mounts.push_back({.device_number = std::string(fields[2]),
                          .root = unescape_octal(fields[3]),
                          .mount_point = unescape_octal(fields[4]),
                          .file_system = unescape_octal(dash[1]),
                          .source = unescape_octal(dash[2]),
                          .read_only = has_option(fields[5], "ro") || has_option(dash[3], "ro")});
    }
    return mounts;
}

std::vector<Mount> local_volumes(std::vector<Mount> const& mounts)
{
    // A later mount hides an earlier one at the same place.
    std::map<std::string, Mount const*, std::less<>> visible;
    for (auto const& mount : mounts)
        visible.insert_or_assign(mount.mount_point, &mount);

    auto const better = [](Mount const& a, Mount const& b) {
        bool const a_whole = a.root == "/";
        bool const b_whole = b.root == "/";
        if ((a.mount_point == "/") != (b.mount_point == "/")) return a.mount_point == "/";
        if (a_whole != b_whole) return a_whole;
        if (a.mount_point.size() != b.mount_point.size()) return a.mount_point.size() < b.mount_point.size();
        return a.mount_point < b.mount_point;
    };
    std::map<std::string, Mount const*, std::less<>> by_device;
    for (auto const& [mount_point, mount] : visible) {
        bool const local = std::find(local_kinds.begin(), local_kinds.end(), mount->file_system) != local_kinds.end();
        // A container's root is an overlay: the one volume it has.
        bool const container_root =
            mount_point == "/" && (mount->file_system == "overlay" || mount->file_system == "aufs");
        if (!local && !container_root) continue;
        auto const [place, added] = by_device.emplace(mount->device_number, mount);
        if (!added && better(*mount, *place->second)) place->second = mount;
    }
    std::vector<Mount> volumes;
    volumes.reserve(by_device.size());
    for (auto const& [number, mount] : by_device)
        volumes.push_back(*mount);
    std::sort(volumes.begin(), volumes.end(),
              [](auto const& a, auto const& b) { return a.mount_point < b.mount_point; });
    return volumes;
}

} // namespace rollcall::platform
