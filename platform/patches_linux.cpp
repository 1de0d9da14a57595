#include "platform/patches.hpp"

#include <algorithm>
#include <cerrno>
#include <thread>

#include <sys/stat.h>

#include <fmt/format.h>

#include "platform/linux/apt.hpp"
#include "platform/linux/pacman.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/linux/rpm.hpp"
#include "platform/linux/zypper.hpp"
#include "platform/process.hpp"

namespace rollcall::platform
{

namespace
{

using namespace std::chrono_literals;

/// One run of a package manager; a second is usual, a minute is a machine in distress.
constexpr auto manager_limit = 120s;

/// So often, and after such a pause, a lock is asked for again.
constexpr int lock_tries = 3;
constexpr auto lock_pause = 5s;

/// The first line in which it says what is wrong.
std::string complaint(Finished const& finished)
{
    for (auto const line : procfs::lines(finished.errors))
        for (std::string_view const mark : {"E: ", "Error: ", "error: "})
            if (line.starts_with(mark)) return std::string(line.substr(mark.size()));
    return fmt::format("exit code {}", finished.exit_code);
}

Result<Finished> ask(std::vector<std::string> arguments)
{
    Command command;
    command.arguments = std::move(arguments);
    command.limit = manager_limit;
    auto finished = run(command);
    if (!finished) return fail(finished.error(), "patches");
    return finished;
}

/// A package manager, and the files and folders that its answer depends on.
struct Manager {
    std::string_view program;
    std::vector<std::string_view> ground;
    Result<std::vector<Patch>> (*ask)();
};

Result<std::vector<Patch>> ask_apt();
Result<std::vector<Patch>> ask_dnf();
Result<std::vector<Patch>> ask_zypper();
Result<std::vector<Patch>> ask_pacman();

/// The first that is installed is the machine's own: the others may be there as tools.
std::vector<Manager> const& managers()
{
    static std::vector<Manager> const all = {
        {"/usr/bin/apt-get",
         {"/var/lib/dpkg/status", "/var/lib/apt/lists", "/var/lib/apt/extended_states", "/var/cache/apt/archives",
          "/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/preferences", "/etc/apt/preferences.d",
          "/etc/apt/apt.conf", "/etc/apt/apt.conf.d"},
         ask_apt},
        {"/usr/bin/zypper",
         {"/usr/lib/sysimage/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/Packages.db", "/var/lib/rpm/rpmdb.sqlite",
          "/var/lib/rpm/Packages", "/var/cache/zypp/raw", "/etc/zypp", "/etc/zypp/repos.d"},
         ask_zypper},
        {"/usr/bin/dnf",
         {"/usr/lib/sysimage/rpm/rpmdb.sqlite", "/var/lib/rpm/rpmdb.sqlite", "/var/lib/rpm/Packages", "/var/cache/dnf",
          "/var/cache/libdnf5", "/etc/dnf", "/etc/yum.repos.d"},
         ask_dnf},
        {"/usr/bin/pacman", {"/var/lib/pacman/local", "/var/lib/pacman/sync", "/etc/pacman.conf"}, ask_pacman}};
    return all;
}

bool has_lists()
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

Result<std::vector<Patch>> ask_apt()
{
    if (!has_lists()) return fail(errc::not_yet_read, "patches: apt has no package lists: run apt-get update");
    auto const simulated = ask({"/usr/bin/apt-get", "-s", "-o", "Debug::NoLocking=1", "dist-upgrade"});
    if (!simulated) return simulated.error();
    if (simulated->exit_code != 0) return fail(errc::io, "patches: apt-get: " + complaint(*simulated));
    auto patches = parse_apt_simulation(simulated->output);
    if (patches.empty()) return patches;

    // The simulation knows no sizes.
    auto const located =
        ask({"/usr/bin/apt-get", "-qq", "-y", "--print-uris", "-o", "Debug::NoLocking=1", "dist-upgrade"});
    auto const sizes = located && located->exit_code == 0 ? parse_apt_uris(located->output)
                                                          : std::map<std::string, std::int64_t, std::less<>>{};
    bool const known = located && located->exit_code == 0;
    for (auto& patch : patches) {
        auto const size = sizes.find(patch.package.substr(0, patch.package.find(':')) + ' ' + patch.available_version);
        if (size != sizes.end()) patch.size_bytes = size->second;
        // What is not to be fetched is downloaded already.
        else if (known)
            patch.size_bytes = std::int64_t{0};
        else
            patch.size_bytes = fail(errc::io, "patches: apt-get --print-uris");
    }
    return patches;
}

/// From what dnf has downloaded before; it asks no server.
Result<std::vector<Patch>> ask_dnf()
{
    auto const upgrades = ask({"/usr/bin/dnf", "-C", "repoquery", "--upgrades", "--latest-limit=1", "--queryformat",
                               std::string(dnf_format)});
    if (!upgrades) return upgrades.error();
    if (lacks_dnf_cache(upgrades->output, upgrades->errors))
        return fail(errc::not_yet_read, "patches: dnf has no package lists: run dnf makecache");
    if (upgrades->exit_code != 0) return fail(errc::io, "patches: dnf: " + complaint(*upgrades));
    auto const installed = ask({"/usr/bin/rpm", "--query", "--all", "--queryformat", std::string(rpm_format)});
    if (!installed) return installed.error();
    if (installed->exit_code != 0) return fail(errc::io, "patches: rpm: " + complaint(*installed));
    auto patches = parse_dnf_upgrades(upgrades->output, installed->output);
    if (patches.empty()) return patches;

    auto const advised = ask({"/usr/bin/dnf", "-q", "-C", "updateinfo", "list", "--updates", "--security"});
    if (advised && advised->exit_code == 0)
        mark_security(patches, parse_dnf_advisories(advised->output), upgrades->output);
    else
        for (auto& patch : patches)
            patch.security = fail(errc::io, "patches: dnf updateinfo");
    return patches;
}

/// The packages that needed security patches replace.
Result<std::set<std::string, std::less<>>> security_by_zypper()
{
    std::vector<std::string> const head = {"/usr/bin/zypper", "--non-interactive", "--no-refresh"};
    auto list = head;
    list.insert(list.end(), {"--xmlout", "list-patches", "--category", "security"});
    auto const listed = ask(std::move(list));
    if (!listed) return listed.error();
    auto const names = parse_zypper_patches(listed->output);
    if (names.empty()) return std::set<std::string, std::less<>>{};
    auto info = head;
    info.insert(info.end(), {"info", "--type", "patch"});
    info.insert(info.end(), names.begin(), names.end());
    auto const told = ask(std::move(info));
    if (!told) return told.error();
    return parse_zypper_conflicts(told->output);
}

Result<std::vector<Patch>> ask_zypper()
{
    static constexpr int no_repositories = 6;
    static constexpr int locked = 7;
    static constexpr int least_news = 100; // 100 to 103 are answers, not errors (zypper(8), EXIT CODES).
    auto listed = ask({"/usr/bin/zypper", "--xmlout", "--non-interactive", "--no-refresh", "list-updates"});
    // Also reading takes its lock, which others hold for moments; the next turn would be hours later.
    for (int left = lock_tries; left > 0 && listed && listed->exit_code == locked; --left) {
        std::this_thread::sleep_for(lock_pause);
        listed = ask({"/usr/bin/zypper", "--xmlout", "--non-interactive", "--no-refresh", "list-updates"});
    }
    if (!listed) return listed.error();
    if (listed->exit_code == no_repositories || lacks_zypper_repositories(listed->output))
        return fail(errc::not_yet_read, "patches: zypper has no repositories: run zypper addrepo and zypper refresh");
    if (listed->exit_code == locked) return fail(errc::busy, "patches: another program works with zypper's lock");
    if (listed->exit_code != 0 && listed->exit_code < least_news)
        return fail(errc::io, "patches: zypper: " + complaint(*listed));
    auto patches = parse_zypper_updates(listed->output);
    if (patches.empty()) return patches;

    auto const advised = security_by_zypper();
    for (auto& patch : patches) {
        if (advised)
            patch.security = advised->contains(patch.package);
        else
            patch.security = Result<bool>(advised.error());
    }
    return patches;
}

Result<std::vector<Patch>> ask_pacman()
{
    auto const lists = procfs::list_folder("/var/lib/pacman/sync");
    if (!lists || std::none_of(lists->begin(), lists->end(), [](auto const& name) { return name.ends_with(".db"); }))
        return fail(errc::not_yet_read, "patches: pacman has no package lists: run pacman -Sy");
    auto const listed = ask({"/usr/bin/pacman", "--query", "--upgrades"});
    if (!listed) return listed.error();
    // 1 with nothing said: nothing waits.
    if (listed->exit_code != 0 && !(listed->exit_code == 1 && listed->errors.empty()))
        return fail(errc::io, "patches: pacman: " + complaint(*listed));
    return parse_pacman_upgrades(listed->output);
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
        for (auto const& manager : managers())
            if (procfs::exists(std::string(manager.program))) return list(manager);
        return fail(errc::not_supported, "patches: no package manager that we know (apt, dnf, zypper, pacman)");
    }

private:
    Result<std::vector<Patch>> list(Manager const& manager)
    {
        // Before the work: what changes meanwhile makes the next call work again.
        auto ground = fingerprint(manager);
        if (last_ && ground == ground_) return *last_;
        auto found = manager.ask();
        if (!found) return found;
        ground_ = std::move(ground);
        last_ = *found;
        return found;
    }

    /// Time and size of everything the answer depends on, and of what is directly within.
    [[nodiscard]] static std::string fingerprint(Manager const& manager)
    {
        std::string text;
        auto const add = [&](std::string const& path) {
            struct stat facts {
            };
            if (::stat(path.c_str(), &facts) != 0) facts = {};
            text += fmt::format("{}.{}:{};", facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, facts.st_size);
            return S_ISDIR(facts.st_mode);
        };
        for (auto const path : manager.ground) {
            if (!add(std::string(path)) || manager.ask == ask_apt) continue;
            auto const names = procfs::list_folder(std::string(path));
            if (!names || names->size() > most_entries) continue;
            for (auto const& name : *names)
                add(fmt::format("{}/{}", path, name));
        }
        return text;
    }

    /// A folder with more than that is one whose own time tells, such as pacman's folder of installed packages.
    static constexpr std::size_t most_entries = 200;

    Root root_;
    std::string ground_;
    std::optional<std::vector<Patch>> last_;
};

} // namespace

std::unique_ptr<Patches> make_patches(Root const& root) { return std::make_unique<LinuxPatches>(root); }

} // namespace rollcall::platform
