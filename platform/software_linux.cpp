#include "platform/software.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "platform/linux/bundles.hpp"
#include "platform/linux/dpkg.hpp"
#include "platform/linux/pacman.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/linux/rpm.hpp"
#include "platform/process.hpp"

namespace rollcall::platform
{

namespace
{

/// A Debian with every package there is has about 70 MB.
constexpr std::size_t status_bytes = 256UL * 1024 * 1024;

class LinuxSoftware final : public Software
{
public:
    explicit LinuxSoftware(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Package>> list() const override
    {
        auto packages = of_the_system();
        if (!packages) return packages;
        add_snaps(*packages);
        add_flatpaks(*packages);
        return packages;
    }

private:
    [[nodiscard]] Result<std::vector<Package>> of_the_system() const
    {
        auto const text = procfs::read_file(root_ / "/var/lib/dpkg/status", status_bytes);
        if (text) return parse_dpkg_status(*text);
        if (reason(text.error()) != to_string(errc::not_found)) return fail(text.error(), "software");
        if (procfs::exists(root_ / "/var/lib/pacman/local")) return of_pacman();
        if (procfs::exists(root_ / "/usr/bin/rpm")) return of_rpm();
        return fail(errc::not_supported, "software: no package manager that we know (dpkg, pacman, rpm)");
    }

    [[nodiscard]] Result<std::vector<Package>> of_pacman() const
    {
        auto const folder = root_ / "/var/lib/pacman/local";
        auto const names = procfs::list_folder(folder);
        if (!names) return fail(names.error(), "software");
        std::vector<Package> packages;
        for (auto const& name : *names)
            if (auto const text = procfs::read_file(fmt::format("{}/{}/desc", folder, name)))
                if (auto package = parse_pacman_desc(*text)) packages.push_back(*std::move(package));
        return packages;
    }

    /// Its database is a format of its own, so rpm itself is asked.
    [[nodiscard]] Result<std::vector<Package>> of_rpm() const
    {
        if (!root_.live()) return fail(errc::not_supported, "software: a recorded tree runs no rpm");
        Command list;
        list.arguments = {"/usr/bin/rpm", "--query", "--all", "--queryformat", std::string(rpm_format)};
        auto const listed = run(list);
        if (!listed) return fail(listed.error(), "software");
        if (listed->exit_code != 0)
            return fail(errc::io, fmt::format("software: rpm: exit code {}", listed->exit_code));
        return parse_rpm_list(listed->output);
    }

    void add_snaps(std::vector<Package>& packages) const
    {
        // Where snapd mounts them: the first on Debian and Ubuntu, the second elsewhere.
        for (auto const* const place : {"/snap", "/var/lib/snapd/snap"}) {
            auto const names = procfs::list_folder(root_ / place);
            if (!names) continue;
            for (auto const& name : *names) {
                auto const text = procfs::read_file(root_ / fmt::format("{}/{}/current/meta/snap.yaml", place, name));
                if (!text) continue;
                if (auto snap = parse_snap(*text)) add(packages, *std::move(snap));
            }
            return;
        }
    }

    void add_flatpaks(std::vector<Package>& packages) const
    {
        auto const installed = procfs::list_folder(root_ / "/var/lib/flatpak/app");
        if (!root_.live() || !installed || installed->empty() || !procfs::exists("/usr/bin/flatpak")) return;
        Command list;
        list.arguments = {"/usr/bin/flatpak", "list", "--system", "--columns=application,version,arch,origin"};
        auto const listed = run(list);
        if (!listed || listed->exit_code != 0) return;
        for (auto& one : parse_flatpak_list(listed->output))
            add(packages, std::move(one));
    }

    /// Two managers may know a program by one name.
    static void add(std::vector<Package>& packages, Package package)
    {
        auto const taken = std::any_of(packages.begin(), packages.end(),
                                       [&](auto const& other) { return other.name == package.name; });
        if (taken) package.name += fmt::format(" ({})", package.source);
        packages.push_back(std::move(package));
    }

    Root root_;
};

} // namespace

std::unique_ptr<Software> make_software(Root const& root) { return std::make_unique<LinuxSoftware>(root); }

} // namespace rollcall::platform
