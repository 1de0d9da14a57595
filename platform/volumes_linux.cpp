#include "platform/volumes.hpp"

#include <cerrno>

#include <sys/stat.h>
#include <sys/statvfs.h>

#include "platform/linux/mounts.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

Fact<std::int64_t> bytes_of(std::uint64_t blocks, std::uint64_t block_bytes)
{
    if (block_bytes != 0 && blocks > static_cast<std::uint64_t>(INT64_MAX) / block_bytes)
        return fail(errc::bad_message, "statvfs: impossible size");
    return static_cast<std::int64_t>(blocks * block_bytes);
}

class LinuxVolumes final : public Volumes
{
public:
    explicit LinuxVolumes(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Volume>> list() const override
    {
        auto const text = procfs::read_file(root_ / "/proc/self/mountinfo", 16UL * 1024 * 1024);
        if (!text) return fail(text.error(), "volumes");
        std::vector<Volume> volumes;
        for (auto const& mount : local_volumes(parse_mountinfo(*text))) {
            auto const path = root_ / mount.mount_point;
            struct stat facts {
            };
            // A single file mounted over another, as container managers do, is no volume.
            if (::stat(path.c_str(), &facts) == 0 && !S_ISDIR(facts.st_mode)) continue;
            Volume volume;
            volume.mount_point = mount.mount_point;
            volume.device = mount.source;
            volume.file_system = mount.file_system;
            volume.read_only = mount.read_only;
            struct statvfs usage {
            };
            if (::statvfs(path.c_str(), &usage) == 0) {
                volume.size_bytes = bytes_of(usage.f_blocks, usage.f_frsize);
                volume.free_bytes = bytes_of(usage.f_bavail, usage.f_frsize);
            } else {
                auto const why = fail_errno(errno, "statvfs");
                volume.size_bytes = Result<std::int64_t>(why);
                volume.free_bytes = Result<std::int64_t>(why);
            }
            volumes.push_back(std::move(volume));
        }
        return volumes;
    }

private:
    Root root_;
};

} // namespace

std::unique_ptr<Volumes> make_volumes(Root const& root) { return std::make_unique<LinuxVolumes>(root); }

} // namespace rollcall::platform
