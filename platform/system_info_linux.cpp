#include "platform/system_info.hpp"

#include <cstdlib>

#include <sys/utsname.h>
#include <unistd.h>

#include <fmt/format.h>

#include "platform/linux/container.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

/// The clock moves while it is set right; a boot that seems to move by less than this is the same one.
constexpr UnixMs boot_tolerance_ms = 120'000;

class LinuxSystemInfo final : public SystemInfo
{
public:
    explicit LinuxSystemInfo(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<OsFacts> read() override
    {
        OsFacts facts;
        facts.family = std::string("linux");
        read_release(facts);
        facts.kernel = procfs::read_word(root_ / "/proc/sys/kernel/osrelease");
        struct utsname names {
        };
        if (::uname(&names) == 0) facts.architecture = std::string(names.machine);
        facts.host_name = procfs::read_word(root_ / "/proc/sys/kernel/hostname");
        facts.boot_id = procfs::read_word(root_ / "/proc/sys/kernel/random/boot_id");
        facts.container = container_manager(root_);
        facts.boot_ms = boot(!facts.container->empty(), facts.boot_id ? *facts.boot_id : std::string());
        facts.time_zone = time_zone();
        return facts;
    }

private:
    void read_release(OsFacts& facts) const
    {
        auto text = procfs::read_file(root_ / "/etc/os-release");
        if (!text) text = procfs::read_file(root_ / "/usr/lib/os-release");
        if (!text) {
            facts.name = Result<std::string>(text.error());
            facts.version = Result<std::string>(text.error());
            return;
        }
        auto const fields = procfs::assignments(*text);
        auto const field = [&](std::string_view key) -> Fact<std::string> {
            auto const found = fields.find(key);
            if (found == fields.end() || found->second.empty())
                return fail(errc::not_found, fmt::format("os-release: no {}", key));
            return found->second;
        };
        facts.name = field("PRETTY_NAME");
        if (!facts.name) facts.name = field("NAME");
        facts.version = field("VERSION_ID");
    }

    Fact<UnixMs> boot(bool in_container, std::string const& boot_id)
    {
        auto seen = in_container ? container_start() : kernel_start();
        if (!seen) return seen;
        auto const moved = std::abs(*seen - first_boot_ms_);
        if (boot_id != first_boot_id_ || moved > boot_tolerance_ms) {
            first_boot_id_ = boot_id;
            first_boot_ms_ = *seen;
        }
        return first_boot_ms_;
    }

    [[nodiscard]] Fact<UnixMs> kernel_start() const
    {
        auto const text = procfs::read_file(root_ / "/proc/stat");
        if (!text) return Result<UnixMs>(text.error());
        for (auto const line : procfs::lines(*text)) {
            auto const fields = procfs::words(line);
            if (fields.size() != 2 || fields[0] != "btime") continue;
            auto const seconds = procfs::to_integer(fields[1]);
            if (seconds && *seconds > 0 && *seconds < INT64_MAX / 1000) return *seconds * 1000;
        }
        return fail(errc::bad_message, "/proc/stat: no btime");
    }

    /// The kernel is the host's; the container began with its first process.
    [[nodiscard]] Fact<UnixMs> container_start() const
    {
        auto kernel = kernel_start();
        auto const text = procfs::read_file(root_ / "/proc/1/stat");
        if (!kernel) return kernel;
        if (!text) return Result<UnixMs>(text.error());
        // The name in parentheses may hold anything; start time is field 22, the 20th after it.
        auto const name_end = text->rfind(')');
        auto const fields =
            procfs::words(name_end == std::string::npos ? std::string_view{}
                                                        : procfs::trim(std::string_view(*text).substr(name_end + 1)));
        auto const ticks = fields.size() > 19 ? procfs::to_number(fields[19]) : std::nullopt;
        auto const per_second = ::sysconf(_SC_CLK_TCK);
        if (!ticks || per_second <= 0 || *ticks > INT64_MAX / 1000) return fail(errc::bad_message, "/proc/1/stat");
        return *kernel + static_cast<UnixMs>(*ticks) * 1000 / per_second;
    }

    [[nodiscard]] Fact<std::string> time_zone() const
    {
        static constexpr std::string_view folder = "zoneinfo/";
        if (auto const link = procfs::read_link(root_ / "/etc/localtime")) {
            if (auto const at = link->find(folder); at != std::string::npos) return link->substr(at + folder.size());
        } else if (reason(link.error()) == to_string(errc::not_found)) {
            return std::string("UTC"); // localtime(5): without that file, UTC.
        }
        return procfs::read_word(root_ / "/etc/timezone");
    }

    Root root_;
    std::string first_boot_id_;
    UnixMs first_boot_ms_{};
};

} // namespace

std::unique_ptr<SystemInfo> make_system_info(Root const& root) { return std::make_unique<LinuxSystemInfo>(root); }

} // namespace rollcall::platform
