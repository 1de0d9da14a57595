#include "platform/processes.hpp"

#include <algorithm>

#include <unistd.h>

#include <fmt/format.h>

#include "platform/linux/proc_pid.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/linux/utmp.hpp"

namespace rollcall::platform
{

namespace
{

class LinuxProcesses final : public Processes
{
public:
    explicit LinuxProcesses(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<ProcessList> list() const override
    {
        auto const names = procfs::list_folder(root_ / "/proc");
        if (!names) return fail(names.error(), "processes");
        auto const boot_ms = boot();
        auto const tick = ::sysconf(_SC_CLK_TCK);
        auto const page = ::sysconf(_SC_PAGESIZE);
        if (tick <= 0 || page <= 0) return fail(errc::io, "processes: sysconf");
        ProcessList found;
        found.taken = procfs::steady_now();
        for (auto const& name : *names) {
            if (!procfs::to_number(name)) continue;
            auto const text = procfs::read_file(root_ / fmt::format("/proc/{}/stat", name));
            // It ended meanwhile, or is hidden from us.
            if (!text) continue;
            auto const stat = parse_proc_stat(*text);
            if (!stat) continue;
            found.processes.push_back(
                process_of(*stat, boot_ms, static_cast<std::uint64_t>(tick), static_cast<std::uint64_t>(page)));
        }
        return found;
    }

    [[nodiscard]] Fact<std::string> user_of(std::int64_t id) const override
    {
        auto const text = procfs::read_file(root_ / fmt::format("/proc/{}/status", id));
        if (!text) return Result<std::string>(text.error());
        auto const user = parse_proc_status(*text).user;
        if (!user) return Result<std::string>(user.error());
        // The file, and no name service behind it: that one may be a server that does not answer.
        auto const people = procfs::read_file(root_ / "/etc/passwd", people_bytes);
        if (people) {
            auto const known = parse_passwd(*people);
            if (auto const name = known.find(*user); name != known.end()) return name->second;
        }
        return fmt::format("{}", *user);
    }

private:
    static constexpr std::size_t people_bytes = 4UL * 1024 * 1024;

    [[nodiscard]] static Process process_of(ProcStat const& stat, Fact<UnixMs> const& boot_ms, std::uint64_t tick,
                                            std::uint64_t page)
    {
        static constexpr std::uint64_t most = INT64_MAX;
        auto const to_ms = [&](std::uint64_t ticks) {
            return static_cast<std::int64_t>(std::min(ticks / tick, most / 2000) * 1000 + ticks % tick * 1000 / tick);
        };
        Process process;
        process.id = stat.id;
        process.name = stat.name;
        process.begun = stat.start_ticks;
        process.cpu = std::chrono::milliseconds(to_ms(stat.cpu_ticks));
        process.memory_bytes = static_cast<std::int64_t>(std::min(stat.resident_pages, most / page) * page);
        if (boot_ms)
            process.started_ms = *boot_ms + to_ms(stat.start_ticks);
        else
            process.started_ms = boot_ms;
        return process;
    }

    /// When the ticks of the kernel began.
    [[nodiscard]] Fact<UnixMs> boot() const
    {
        auto const text = procfs::read_file(root_ / "/proc/stat");
        if (!text) return Result<UnixMs>(text.error());
        for (auto const line : procfs::lines(*text)) {
            auto const fields = procfs::words(line);
            if (fields.size() < 2 || fields[0] != "btime") continue;
            auto const seconds = procfs::to_integer(fields[1]);
            if (seconds && *seconds > 0 && *seconds < INT64_MAX / 2000) return *seconds * 1000;
        }
        return fail(errc::bad_message, "processes: /proc/stat: no btime");
    }

    Root root_;
};

} // namespace

std::unique_ptr<Processes> make_processes(Root const& root) { return std::make_unique<LinuxProcesses>(root); }

} // namespace rollcall::platform
