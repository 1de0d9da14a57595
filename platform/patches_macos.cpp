#include "platform/patches.hpp"

#include <array>
#include <cerrno>
#include <optional>
#include <vector>

#include <sys/stat.h>

#include "platform/macos/apple_update_tool.hpp"
#include "platform/posix/file.hpp"

namespace rollcall::platform
{

namespace
{

/// What an answer was based on: when these were written last.
constexpr std::array<std::string_view, 3> patch_sources = {software_update_settings, system_version_file,
                                                           "/Library/Receipts/InstallHistory.plist"};

std::vector<std::int64_t> times_of_sources(Root const& root)
{
    std::vector<std::int64_t> times;
    for (auto const path : patch_sources) {
        struct stat facts {
        };
        bool const there = ::stat((root / path).c_str(), &facts) == 0;
        times.push_back(there ? std::int64_t{facts.st_mtimespec.tv_sec} : -1);
        times.push_back(there ? std::int64_t{facts.st_mtimespec.tv_nsec} : -1);
    }
    return times;
}

class MacPatches final : public Patches
{
public:
    explicit MacPatches(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Patch>> list() override
    {
        auto times = times_of_sources(root_);
        if (answer_ && times == times_) return *answer_;
        answer_.reset();
        auto const content = posix::read_file(root_ / software_update_settings);
        auto const updates =
            updates_of_last_scan(content ? plist::parse(*content) : Result<plist::Value>(content.error()), run);
        if (!updates) return fail(updates.error(), "patches");
        auto const version = posix::read_file(root_ / system_version_file);
        auto const system = version ? plist::parse(*version) : Result<plist::Value>(version.error());
        answer_ = mac_patches(*updates, system ? system->text("ProductVersion") : std::string());
        times_ = std::move(times);
        return *answer_;
    }

private:
    Root root_;
    std::vector<std::int64_t> times_;
    std::optional<std::vector<Patch>> answer_;
};

} // namespace

std::unique_ptr<Patches> make_patches(Root const& root) { return std::make_unique<MacPatches>(root); }

} // namespace rollcall::platform
