#include "platform/processes.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <vector>

#include <libproc.h>
#include <mach/mach_time.h>
#include <pwd.h>
#include <sys/proc_info.h>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

template <std::size_t size>
std::string process_field(char const (&text)[size])
{
    return std::string(text, ::strnlen(text, size));
}

/// The kernel counts processor time in ticks of its own clock: 1 ns with Intel, 41.7 ns with Apple.
std::chrono::milliseconds cpu_of(proc_taskinfo const& task)
{
    static auto const base = [] {
        mach_timebase_info_data_t info{};
        if (::mach_timebase_info(&info) != KERN_SUCCESS || info.denom == 0) info = {.numer = 1, .denom = 1};
        return info;
    }();
    auto const ticks = static_cast<double>(task.pti_total_user + task.pti_total_system);
    auto const ns = ticks * base.numer / base.denom;
    static constexpr double ns_per_ms = 1e6;
    return std::chrono::milliseconds(static_cast<std::int64_t>(ns / ns_per_ms));
}

class MacProcesses final : public Processes
{
public:
    [[nodiscard]] Result<ProcessList> list() const override
    {
        auto const bytes = ::proc_listpids(PROC_ALL_PIDS, 0, nullptr, 0);
        if (bytes <= 0) return fail_errno(errno, "processes: proc_listpids");
        static constexpr std::size_t more = 128; // Begun meanwhile.
        std::vector<pid_t> ids(static_cast<std::size_t>(bytes) / sizeof(pid_t) + more);
        auto const got = ::proc_listpids(PROC_ALL_PIDS, 0, ids.data(), static_cast<int>(ids.size() * sizeof(pid_t)));
        if (got <= 0) return fail_errno(errno, "processes: proc_listpids");
        ids.resize(std::min(ids.size(), static_cast<std::size_t>(got) / sizeof(pid_t)));
        ProcessList found;
        found.taken =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
        for (auto const id : ids) {
            proc_taskallinfo facts{};
            // 0 is the kernel; one that ended since, or that is not ours to see, is left out.
            if (id <= 0 ||
                ::proc_pidinfo(id, PROC_PIDTASKALLINFO, 0, &facts, sizeof facts) != static_cast<int>(sizeof facts))
                continue;
            static constexpr std::uint64_t us_per_s = 1'000'000;
            static constexpr std::uint64_t us_per_ms = 1'000;
            Process process;
            process.id = id;
            process.name = process_field(facts.pbsd.pbi_name);
            if (process.name.empty()) process.name = process_field(facts.pbsd.pbi_comm);
            process.begun = facts.pbsd.pbi_start_tvsec * us_per_s + facts.pbsd.pbi_start_tvusec;
            process.started_ms = static_cast<UnixMs>(process.begun / us_per_ms);
            process.cpu = cpu_of(facts.ptinfo);
            process.memory_bytes = static_cast<std::int64_t>(facts.ptinfo.pti_resident_size);
            found.processes.push_back(std::move(process));
        }
        if (found.processes.empty()) return fail(errc::permission_denied, "processes: none is shown");
        return found;
    }

    [[nodiscard]] Fact<std::string> user_of(std::int64_t id) const override
    {
        proc_bsdinfo facts{};
        if (id <= 0 || id > INT_MAX) return fail(errc::not_found, "processes: no number of one");
        if (::proc_pidinfo(static_cast<int>(id), PROC_PIDTBSDINFO, 0, &facts, sizeof facts) !=
            static_cast<int>(sizeof facts))
            return fail_errno(errno, fmt::format("processes: {}", id));
        passwd entry{};
        passwd* found = nullptr;
        std::array<char, 4096> texts{};
        if (::getpwuid_r(facts.pbi_uid, &entry, texts.data(), texts.size(), &found) == 0 && found != nullptr)
            return std::string(entry.pw_name);
        return std::to_string(facts.pbi_uid);
    }
};

} // namespace

std::unique_ptr<Processes> make_processes(Root const& /*root*/) { return std::make_unique<MacProcesses>(); }

} // namespace rollcall::platform
