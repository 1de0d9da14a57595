#include "platform/linux/block.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform::block
{

static Result<std::string> device_of(Root const& root, Mount const& mount)
{
    auto folder = procfs::real_path(root / ("/sys/dev/block/" + mount.device_number));
    if (folder) return folder;
    // btrfs and others mount under a number of their own; their source still is a device.
    static constexpr std::string_view devices = "/dev/";
    if (!mount.source.starts_with(devices) || mount.file_system == "overlay")
        return fail(errc::not_supported, mount.file_system + " is on no block device");
    auto const device = procfs::real_path(root / mount.source);
    if (!device) return device.error();
    return procfs::real_path(root / ("/sys/class/block/" + device->substr(device->rfind('/') + 1)));
}

/// Where these links in a folder lead.
static Result<std::vector<std::string>> places_of(std::string const& folder, std::vector<std::string> const& names)
{
    std::vector<std::string> places;
    places.reserve(names.size());
    for (auto const& name : names) {
        auto place = procfs::real_path(fmt::format("{}/{}", folder, name));
        if (!place) return place.error();
        places.push_back(*std::move(place));
    }
    return places;
}

Result<std::vector<std::string>> devices_of(Root const& root, Mount const& mount)
{
    auto folder = device_of(root, mount);
    if (!folder) return folder.error();
    std::vector<std::string> alone{*std::move(folder)};
    if (mount.file_system != "btrfs") return alone;
    auto const name = alone[0].substr(alone[0].rfind('/') + 1);
    auto const pools = procfs::list_folder(root / "/sys/fs/btrfs");
    if (!pools) return alone;
    for (auto const& pool : *pools) {
        auto const folder_of_pool = root / fmt::format("/sys/fs/btrfs/{}/devices", pool);
        auto const all = procfs::list_folder(folder_of_pool);
        if (all && std::ranges::find(*all, name) != all->end()) return places_of(folder_of_pool, *all);
    }
    return alone;
}

Result<std::vector<std::string>> parts_of(std::string const& folder)
{
    auto const parts = procfs::list_folder(folder + "/slaves");
    if (parts && !parts->empty()) return places_of(folder + "/slaves", *parts);
    // A partition has none of its own: it lies on its disk as it is.
    std::vector<std::string> drive;
    if (procfs::exists(folder + "/partition")) drive.push_back(folder.substr(0, folder.rfind('/')));
    return drive;
}

} // namespace rollcall::platform::block
