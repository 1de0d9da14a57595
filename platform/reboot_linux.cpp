#include "platform/reboot.hpp"

#include <set>

#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include <fmt/format.h>

#include "common/core/compare_versions.hpp"
#include "platform/linux/container.hpp"
#include "platform/linux/kernels.hpp"
#include "platform/linux/needs_restarting.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/process.hpp"
#include "platform/system_info.hpp"

namespace rollcall::platform
{

namespace
{

UnixMs to_ms(timespec const& time) { return UnixMs{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000; }

class LinuxReboot final : public Reboot
{
public:
    explicit LinuxReboot(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<RebootSignal>> signals() const override
    {
        std::vector<RebootSignal> signals = {required_file(), older_kernel()};
        if (procfs::exists(root_ / "/var/lib/pacman/local")) signals.push_back(removed_kernel());
        // Debian's dnf brings the program along, where it speaks of packages that are not the machine's.
        if (root_.live() && procfs::exists("/usr/bin/needs-restarting") && !procfs::exists("/var/lib/dpkg/status"))
            signals.push_back(needs_restarting());
        return signals;
    }

private:
    /// Debian's and Ubuntu's update hooks leave the first, SUSE's package library the second.
    [[nodiscard]] RebootSignal required_file() const
    {
        static constexpr auto name = "reboot_required_file";
        for (auto const* const file :
             {"/run/reboot-required", "/var/run/reboot-required", "/run/reboot-needed", "/var/run/reboot-needed"}) {
            auto const path = root_ / file;
            struct stat facts {
            };
            if (::stat(path.c_str(), &facts) != 0) {
                int const error = errno;
                if (error == ENOENT || error == ENOTDIR) continue;
                return unknown_signal(name, fail_errno(error, path));
            }
            if (is_from_before_boot(path, to_ms(facts.st_mtim))) continue;
            auto signal = nothing_pending(name);
            signal.pending = true;
            signal.reason = std::string("Installed updates need a reboot");
            if (auto const packages = procfs::read_file(path + ".pkgs")) signal.detail = unique_lines(*packages);
            signal.since_ms = to_ms(facts.st_mtim);
            return signal;
        }
        return nothing_pending(name);
    }

    /// Where /run is on a disk, as in some containers, the file outlives the reboot it asked for.
    [[nodiscard]] bool is_from_before_boot(std::string const& path, UnixMs written_ms) const
    {
        struct statfs place {
        };
        if (::statfs(path.c_str(), &place) == 0 && place.f_type == TMPFS_MAGIC) return false;
        auto const facts = make_system_info(root_)->read();
        return facts && facts->boot_ms && written_ms < *facts->boot_ms;
    }

    [[nodiscard]] static std::string unique_lines(std::string_view text)
    {
        std::set<std::string_view> seen;
        std::string list;
        for (auto const line : procfs::lines(text)) {
            auto const word = procfs::trim(line);
            if (word.empty() || !seen.insert(word).second) continue;
            if (!list.empty()) list += ", ";
            list += word;
        }
        return list;
    }

    [[nodiscard]] RebootSignal older_kernel() const
    {
        static constexpr auto name = "kernel_older";
        if (!container_manager(root_).empty())
            return unknown_signal(name, fail(errc::not_supported, "reboot: in a container the kernel is the host's"));
        auto const running = procfs::read_word(root_ / "/proc/sys/kernel/osrelease");
        if (!running) return unknown_signal(name, running.error());
        auto const installed = installed_kernels();
        auto const newest = newest_of_flavour(*running, installed.releases);
        if (!newest)
            return unknown_signal(
                name, fail(errc::not_supported, "reboot: no installed kernel of the running flavour is known"));
        auto const running_version = split_kernel_release(*running).version;
        if (std::is_lteq(compare_versions(split_kernel_release(*newest).version, running_version)))
            return nothing_pending(name);
        auto signal = nothing_pending(name);
        signal.pending = true;
        signal.reason = std::string("A newer kernel is installed than the one that runs");
        signal.detail = fmt::format("runs {}, installed {}", *running, *newest);
        struct stat facts {
        };
        auto const path = fmt::format("{}{}{}", installed.before, *newest, installed.after);
        // Package managers keep the time of the build as the file's; the change of its inode is the installation.
        if (::stat(path.c_str(), &facts) == 0)
            signal.since_ms = to_ms(facts.st_ctim);
        else
            signal.since_ms = Result<UnixMs>(fail_errno(errno, path));
        return signal;
    }

    /// pacman replaces the kernel in place; the running one's modules are gone, and what is plugged in next does not
    /// work.
    [[nodiscard]] RebootSignal removed_kernel() const
    {
        static constexpr auto name = "kernel_removed";
        if (!container_manager(root_).empty())
            return unknown_signal(name, fail(errc::not_supported, "reboot: in a container the kernel is the host's"));
        auto const running = procfs::read_word(root_ / "/proc/sys/kernel/osrelease");
        if (!running) return unknown_signal(name, running.error());
        auto const folder = root_ / "/lib/modules";
        auto const installed = procfs::list_folder(folder);
        if (!installed || installed->empty())
            return unknown_signal(name, fail(errc::not_supported, "reboot: this kernel keeps no modules"));
        if (procfs::exists(folder + "/" + *running)) return nothing_pending(name);
        auto signal = nothing_pending(name);
        signal.pending = true;
        signal.reason = std::string("The modules of the running kernel were replaced by those of another one");
        signal.detail = fmt::format("runs {}, installed {}", *running, fmt::join(*installed, ", "));
        struct stat facts {
        };
        if (::stat(folder.c_str(), &facts) == 0)
            signal.since_ms = to_ms(facts.st_mtim);
        else
            signal.since_ms = Result<UnixMs>(fail_errno(errno, folder));
        return signal;
    }

    /// Of dnf's utilities: 0 says no, 1 says yes, anything else says nothing.
    [[nodiscard]] static RebootSignal needs_restarting()
    {
        static constexpr auto name = "needs_restarting";
        Command ask;
        ask.arguments = {"/usr/bin/needs-restarting", "--reboothint"};
        auto const told = run(ask);
        if (!told) return unknown_signal(name, told.error());
        auto const packages = updated_packages(told->output);
        // It also ends with 1 where it breaks; then it names nothing.
        if (told->exit_code > 1 || (told->exit_code == 1 && packages.empty()))
            return unknown_signal(
                name, fail(errc::io, fmt::format("reboot: needs-restarting: exit code {}", told->exit_code)));
        auto signal = nothing_pending(name);
        if (told->exit_code == 0) return signal;
        signal.pending = true;
        signal.reason = std::string("Core libraries or services were updated since the boot");
        signal.detail = packages;
        signal.since_ms = fail(errc::not_supported, "reboot: needs-restarting does not say since when");
        return signal;
    }

    struct Kernels {
        std::vector<std::string> releases;
        std::string before; ///< Path up to the release …
        std::string after;  ///< … and behind it.
    };

    [[nodiscard]] Kernels installed_kernels() const
    {
        static constexpr std::string_view prefix = "vmlinuz-";
        Kernels found;
        if (auto const names = procfs::list_folder(root_ / "/boot"))
            for (auto const& name : *names)
                if (name.starts_with(prefix) && name.find("rescue") == std::string::npos && !name.ends_with(".old"))
                    found.releases.push_back(name.substr(prefix.size()));
        found.before = root_ / "/boot/vmlinuz-";
        if (!found.releases.empty()) return found;

        auto const folder = root_ / "/lib/modules/";
        if (auto const names = procfs::list_folder(folder))
            for (auto const& name : *names)
                // What a removed kernel leaves behind has no modules.
                if (procfs::exists(folder + name + "/kernel") || procfs::exists(folder + name + "/vmlinuz"))
                    found.releases.push_back(name);
        found.before = folder;
        return found;
    }

    Root root_;
};

} // namespace

std::unique_ptr<Reboot> make_reboot(Root const& root) { return std::make_unique<LinuxReboot>(root); }

} // namespace rollcall::platform
