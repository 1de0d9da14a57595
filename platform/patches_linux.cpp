#include "platform/patches.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>

#include <fmt/format.h>

#include "platform/linux/apt.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/process.hpp"

namespace rollcall::platform
{

namespace
{

using namespace std::chrono_literals;

/// One run of apt-get; a second is usual, a minute is a machine in distress.
constexpr auto apt_limit = 120s;

/// The first line in which apt says what is wrong.
std::string complaint(Finished const& finished)
{
    for (auto const line : procfs::lines(finished.errors))
        if (line.starts_with("E: ")) return std::string(line.substr(3));
    return fmt::format("exit code {}", finished.exit_code);
}

class LinuxPatches final : public Patches
{
public:
    explicit LinuxPatches(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Patch>> list() override
    {
        if (!root_.live()) return fail(errc::not_supported, "patches: a recorded tree runs no package manager");
        if (!procfs::exists("/usr/bin/apt-get"))
            return fail(errc::not_supported, "patches: no package manager that we know (apt)");
        if (!has_lists()) return fail(errc::not_yet_read, "patches: apt has no package lists: run apt-get update");
        // Before the work: what changes meanwhile makes the next call work again.
        auto ground = fingerprint();
        if (last_ && ground == ground_) return *last_;
        auto found = ask_apt();
        if (!found) return found;
        ground_ = std::move(ground);
        last_ = *found;
        return found;
    }

private:
    [[nodiscard]] static bool has_lists()
    {
        // Lists of the installation; apt itself does not use them.
        static constexpr std::string_view left_by_debootstrap = "debootstrap.invalid_";
        auto const names = procfs::list_folder("/var/lib/apt/lists");
        return names && std::any_of(names->begin(), names->end(), [](std::string const& name) {
                   return !name.starts_with(left_by_debootstrap) &&
                          (name.find("_Packages") != std::string::npos || name.find("InRelease") != std::string::npos ||
                           name.ends_with("_Release"));
               });
    }

    /// Time and size of everything apt's answer depends on.
    [[nodiscard]] static std::string fingerprint()
    {
        std::string text;
        for (auto const* const path :
             {"/var/lib/dpkg/status", "/var/lib/apt/lists", "/var/lib/apt/extended_states", "/var/cache/apt/archives",
              "/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/preferences", "/etc/apt/preferences.d",
              "/etc/apt/apt.conf", "/etc/apt/apt.conf.d"}) {
            struct stat facts {
            };
            if (::stat(path, &facts) != 0) facts = {};
            text += fmt::format("{}.{}:{};", facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, facts.st_size);
        }
        return text;
    }

    [[nodiscard]] static Result<std::vector<Patch>> ask_apt()
    {
        Command simulate;
        simulate.arguments = {"/usr/bin/apt-get", "-s", "-o", "Debug::NoLocking=1", "dist-upgrade"};
        simulate.limit = apt_limit;
        auto const simulated = run(simulate);
        if (!simulated) return fail(simulated.error(), "patches");
        if (simulated->exit_code != 0) return fail(errc::io, "patches: apt-get: " + complaint(*simulated));
        auto patches = parse_apt_simulation(simulated->output);
        if (patches.empty()) return patches;

        // The simulation knows no sizes.
        Command locate;
        locate.arguments = {"/usr/bin/apt-get",   "-qq",         "-y", "--print-uris", "-o",
                            "Debug::NoLocking=1", "dist-upgrade"};
        locate.limit = apt_limit;
        auto const located = run(locate);
        auto const sizes = located && located->exit_code == 0 ? parse_apt_uris(located->output)
                                                              : std::map<std::string, std::int64_t, std::less<>>{};
        bool const known = located && located->exit_code == 0;
        for (auto& patch : patches) {
            auto const size =
                sizes.find(patch.package.substr(0, patch.package.find(':')) + ' ' + patch.available_version);
            if (size != sizes.end()) patch.size_bytes = size->second;
            // What is not to be fetched is downloaded already.
            else if (known)
                patch.size_bytes = std::int64_t{0};
            else
                patch.size_bytes = fail(errc::io, "patches: apt-get --print-uris");
        }
        return patches;
    }

    Root root_;
    std::string ground_;
    std::optional<std::vector<Patch>> last_;
};

} // namespace

std::unique_ptr<Patches> make_patches(Root const& root) { return std::make_unique<LinuxPatches>(root); }

} // namespace rollcall::platform
