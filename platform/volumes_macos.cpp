#include "platform/volumes.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/mount.h>
#include <sys/param.h>

#include "platform/macos/mac_volumes.hpp"

namespace rollcall::platform
{

namespace
{

template <std::size_t size>
std::string mount_field(char const (&text)[size])
{
    return std::string(text, ::strnlen(text, size));
}

std::int64_t mount_bytes(std::uint64_t blocks, std::uint32_t block_bytes)
{
    auto const most = static_cast<std::uint64_t>(INT64_MAX) / std::max<std::uint32_t>(block_bytes, 1);
    return static_cast<std::int64_t>(std::min(blocks, most) * block_bytes);
}

class MacVolumes final : public Volumes
{
public:
    [[nodiscard]] Result<std::vector<Volume>> list() const override
    {
        // What the kernel knows already: a server that is gone cannot hang that.
        int const count = ::getfsstat(nullptr, 0, MNT_NOWAIT);
        if (count < 0) return fail_errno(errno, "volumes: getfsstat");
        static constexpr std::size_t more = 16; // Mounted meanwhile.
        std::vector<struct statfs> seen(static_cast<std::size_t>(count) + more);
        int const got = ::getfsstat(seen.data(), static_cast<int>(seen.size() * sizeof(struct statfs)), MNT_NOWAIT);
        if (got < 0) return fail_errno(errno, "volumes: getfsstat");
        seen.resize(std::min(seen.size(), static_cast<std::size_t>(got)));
        std::vector<MacMount> mounts;
        for (auto const& one : seen) {
            MacMount mount;
            mount.mount_point = mount_field(one.f_mntonname);
            mount.device = mount_field(one.f_mntfromname);
            mount.file_system = mount_field(one.f_fstypename);
            mount.is_local = (one.f_flags & MNT_LOCAL) != 0;
            mount.is_hidden = (one.f_flags & MNT_DONTBROWSE) != 0;
            mount.read_only = (one.f_flags & MNT_RDONLY) != 0;
            mount.size_bytes = mount_bytes(one.f_blocks, one.f_bsize);
            mount.free_bytes = mount_bytes(one.f_bavail, one.f_bsize);
            mounts.push_back(std::move(mount));
        }
        return judge_mac_volumes(mounts);
    }
};

} // namespace

std::unique_ptr<Volumes> make_volumes(Root const& /*root*/) { return std::make_unique<MacVolumes>(); }

} // namespace rollcall::platform
