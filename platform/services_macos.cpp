#include "platform/services.hpp"

#include <array>
#include <map>

#include <sys/stat.h>

#include <fmt/format.h>

#include "platform/macos/launchd.hpp"
#include "platform/macos/process_start.hpp"
#include "platform/macos/tool.hpp"
#include "platform/posix/file.hpp"

namespace rollcall::platform
{

namespace
{

struct DaemonFolder {
    std::string_view path;
    bool of_system;
};
constexpr std::array<DaemonFolder, 2> daemon_folders = {
    {{"/System/Library/LaunchDaemons", true}, {"/Library/LaunchDaemons", false}}};

/// A definition, and how its file looked when it was read.
struct KnownDaemon {
    off_t size{};
    std::int64_t changed_s{};
    long changed_ns{};
    std::optional<LaunchdDaemon> daemon; ///< Nothing: it is no definition.
};

class MacServices final : public Services
{
public:
    explicit MacServices(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Service>> list() override
    {
        auto const output = tool_output({.arguments = {"/bin/launchctl", "print", "system"}}, run);
        if (!output) return fail(output.error(), "services");
        auto const list = parse_launchctl_print(*output);
        if (!list) return fail(list.error(), "services");
        auto services = launchd_services(*list, daemons());
        std::map<std::string_view, std::int64_t> pids;
        for (auto const& row : list->rows)
            if (row.pid > 0) pids.emplace(row.label, row.pid);
        for (auto& service : services)
            if (auto const running = pids.find(service.name); running != pids.end())
                service.since_ms = process_start_ms(running->second);
        return services;
    }

private:
    /// Some five hundred files, which seldom change.
    std::vector<LaunchdDaemon> daemons()
    {
        std::vector<LaunchdDaemon> found;
        std::map<std::string, KnownDaemon> seen;
        for (auto const& folder : daemon_folders) {
            auto const names = posix::list_folder(root_ / folder.path);
            if (!names) continue;
            for (auto const& name : *names) {
                if (!name.ends_with(".plist")) continue;
                auto known = look(fmt::format("{}/{}", root_ / folder.path, name), folder.of_system);
                if (known.daemon) found.push_back(*known.daemon);
                seen.emplace(fmt::format("{}/{}", folder.path, name), std::move(known));
            }
        }
        known_ = std::move(seen);
        return found;
    }

    KnownDaemon look(std::string const& path, bool of_system)
    {
        struct stat facts {
        };
        KnownDaemon now;
        if (::stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return now;
        now.size = facts.st_size;
        now.changed_s = facts.st_mtimespec.tv_sec;
        now.changed_ns = facts.st_mtimespec.tv_nsec;
        auto const before = known_.find(path.substr(root_.path.size()));
        if (before != known_.end() && before->second.size == now.size && before->second.changed_s == now.changed_s &&
            before->second.changed_ns == now.changed_ns)
            return before->second;
        auto const content = posix::read_file(path);
        auto const definition = content ? plist::parse(*content) : Result<plist::Value>(content.error());
        if (!definition) return now;
        auto daemon = launchd_daemon(*definition);
        if (!daemon) return now;
        daemon->of_system = of_system;
        now.daemon = *std::move(daemon);
        return now;
    }

    Root root_;
    std::map<std::string, KnownDaemon> known_; ///< By path.
};

} // namespace

std::unique_ptr<Services> make_services(Root const& root) { return std::make_unique<MacServices>(root); }

} // namespace rollcall::platform
