#include "platform/system_info.hpp"

#include <cerrno>
#include <climits>
#include <cstdlib>

#include <sys/sysctl.h>
#include <sys/time.h>
#include <sys/utsname.h>

#include <fmt/format.h>

#include "platform/macos/plist.hpp"
#include "platform/macos/sysctl.hpp"
#include "platform/posix/file.hpp"

namespace rollcall::platform
{

namespace
{

class MacSystemInfo final : public SystemInfo
{
public:
    [[nodiscard]] Result<OsFacts> read() override
    {
        OsFacts facts;
        facts.family = std::string("macos");
        read_version(facts);
        facts.kernel = sysctl_text("kern.osrelease");
        // What the processor is; a program translated by Rosetta would be told x86_64 by uname(3).
        auto const is_arm = sysctl_number("hw.optional.arm64");
        struct utsname names {
        };
        if (is_arm && *is_arm == 1)
            facts.architecture = std::string("arm64");
        else if (::uname(&names) == 0)
            facts.architecture = std::string(names.machine);
        facts.host_name = sysctl_text("kern.hostname");
        facts.boot_id = sysctl_text("kern.bootsessionuuid");
        facts.boot_ms = boot(facts.boot_id ? *facts.boot_id : std::string());
        facts.container = std::string(); // macOS has none.
        facts.time_zone = time_zone();
        return facts;
    }

private:
    /// kern.osproductversion tells old programs an old version; the file tells all the same.
    static void read_version(OsFacts& facts)
    {
        auto const text = posix::read_file("/System/Library/CoreServices/SystemVersion.plist");
        auto const list = text ? plist::parse(*text) : Result<plist::Value>(text.error());
        if (!list) {
            facts.name = Result<std::string>(list.error());
            facts.version = Result<std::string>(list.error());
            return;
        }
        auto const product = list->text("ProductName");
        auto version = list->text("ProductVersion");
        // "(a)" of a rapid security response.
        if (auto const extra = list->text("ProductVersionExtra"); !extra.empty()) version += " " + extra;
        if (version.empty()) {
            facts.name = fail(errc::bad_message, "SystemVersion.plist: no ProductVersion");
            facts.version = fail(errc::bad_message, "SystemVersion.plist: no ProductVersion");
            return;
        }
        facts.name = fmt::format("{} {}", product.empty() ? "macOS" : product, version);
        facts.version = version;
    }

    /// The kernel moves its boot time along when the clock is set.
    Fact<UnixMs> boot(std::string const& boot_id)
    {
        static constexpr UnixMs tolerance_ms = 120'000;
        static constexpr UnixMs ms_per_s = 1'000;
        static constexpr UnixMs us_per_ms = 1'000;
        struct timeval began {
        };
        auto size = sizeof began;
        if (::sysctlbyname("kern.boottime", &began, &size, nullptr, 0) != 0 || size != sizeof began)
            return fail_errno(errno, "sysctl kern.boottime");
        auto const seen = UnixMs{began.tv_sec} * ms_per_s + began.tv_usec / us_per_ms;
        if (boot_id != first_boot_id_ || std::abs(seen - first_boot_ms_) > tolerance_ms) {
            first_boot_id_ = boot_id;
            first_boot_ms_ = seen;
        }
        return first_boot_ms_;
    }

    [[nodiscard]] static Fact<std::string> time_zone()
    {
        static constexpr std::string_view folder = "zoneinfo/";
        auto const link = posix::read_link("/etc/localtime");
        if (!link) return Result<std::string>(link.error());
        auto const at = link->find(folder);
        if (at == std::string::npos) return fail(errc::bad_message, "/etc/localtime: leads to no time zone");
        return link->substr(at + folder.size());
    }

    std::string first_boot_id_;
    UnixMs first_boot_ms_{};
};

} // namespace

std::unique_ptr<SystemInfo> make_system_info(Root const& /*root*/) { return std::make_unique<MacSystemInfo>(); }

} // namespace rollcall::platform
