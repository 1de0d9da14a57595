#include "platform/reboot.hpp"

#include <array>
#include <cerrno>
#include <string>

#include <sys/stat.h>
#include <sys/sysctl.h>

#include "platform/macos/apple_update_tool.hpp"
#include "platform/posix/file.hpp"

namespace rollcall::platform
{

namespace
{

Result<std::string> running_system_build()
{
    std::array<char, 64> text{};
    auto size = text.size() - 1;
    if (::sysctlbyname("kern.osversion", text.data(), &size, nullptr, 0) != 0)
        return fail_errno(errno, "kern.osversion");
    return std::string(text.data());
}

/// When a file was put in place; nothing where it is not there.
Result<UnixMs> changed_ms(std::string const& path)
{
    static constexpr UnixMs ms_per_s = 1'000;
    static constexpr UnixMs ns_per_ms = 1'000'000;
    struct stat facts {
    };
    if (::stat(path.c_str(), &facts) != 0) return fail_errno(errno, path);
    return UnixMs{facts.st_ctimespec.tv_sec} * ms_per_s + facts.st_ctimespec.tv_nsec / ns_per_ms;
}

Result<plist::Value> read_plist(std::string const& path)
{
    auto const content = posix::read_file(path);
    if (!content) return content.error();
    return plist::parse(*content);
}

class MacReboot final : public Reboot
{
public:
    explicit MacReboot(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<RebootSignal>> signals() const override
    {
        auto const version_path = root_ / system_version_file;
        auto const version = read_plist(version_path);
        auto const installed =
            version ? Result<std::string>(version->text("ProductBuildVersion")) : Result<std::string>(version.error());
        std::vector<RebootSignal> found;
        found.push_back(system_build_older(running_system_build(), installed, changed_ms(version_path)));
        found.push_back(update_at_log_out(changed_ms(root_ / "/var/db/.SoftwareUpdateAtLogout")));
        found.push_back(disk_encryption_restart(tool_output({.arguments = {"/usr/bin/fdesetup", "status"}}, run)));
        found.push_back(updates_that_restart(updates_of_last_scan(read_plist(root_ / software_update_settings), run)));
        return found;
    }

private:
    Root root_;
};

} // namespace

std::unique_ptr<Reboot> make_reboot(Root const& root) { return std::make_unique<MacReboot>(root); }

} // namespace rollcall::platform
