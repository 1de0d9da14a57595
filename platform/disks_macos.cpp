#include "platform/disks.hpp"

#include <cerrno>
#include <string>

#include <sys/mount.h>
#include <sys/param.h>

#include "platform/macos/io_registry.hpp"
#include "platform/macos/registry_values.hpp"
#include "platform/macos/tool.hpp"

namespace rollcall::platform
{

namespace
{

class MacDisks final : public Disks
{
public:
    [[nodiscard]] Result<std::vector<Disk>> list() const override
    {
        auto const media = io_services("IOMedia", media_keys);
        if (!media) return fail(media.error(), "disks");
        return mac_disks(*media);
    }

    [[nodiscard]] Result<std::vector<std::string>> holding(std::string_view folder) const override
    {
        struct statfs facts {
        };
        std::string const path(folder);
        if (::statfs(path.c_str(), &facts) != 0) return fail_errno(errno, path);
        std::string const device = facts.f_mntfromname;
        if (!whole_disk(device)) return fail(errc::not_supported, path + ": is on no disk of this machine");
        auto const info = tool_plist({.arguments = {"/usr/sbin/diskutil", "info", "-plist", device}}, &run);
        if (!info) return fail(info.error(), "disks");
        return drives_of_volume(*info);
    }
};

} // namespace

std::unique_ptr<Disks> make_disks(Root const& /*root*/) { return std::make_unique<MacDisks>(); }

} // namespace rollcall::platform
