#include "platform/own_usage.hpp"

#include <cerrno>
#include <vector>

#include <libproc.h>
#include <sys/proc_info.h>
#include <sys/resource.h>
#include <unistd.h>

namespace rollcall::platform
{

namespace
{

Fact<std::chrono::milliseconds> used_by(int who)
{
    rusage usage{};
    if (::getrusage(who, &usage) != 0) return fail_errno(errno, "own_usage: getrusage");
    auto const in_ms = [](timeval const& time) {
        return std::chrono::seconds(time.tv_sec) +
               std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::microseconds(time.tv_usec));
    };
    return std::chrono::milliseconds(in_ms(usage.ru_utime) + in_ms(usage.ru_stime));
}

class MacOwnUsage final : public OwnUsage
{
public:
    [[nodiscard]] Result<OwnUsageFacts> read() const override
    {
        OwnUsageFacts facts;
        proc_taskinfo task{};
        auto const self = ::getpid();
        if (::proc_pidinfo(self, PROC_PIDTASKINFO, 0, &task, sizeof task) == static_cast<int>(sizeof task)) {
            facts.resident_bytes = static_cast<std::int64_t>(task.pti_resident_size);
            facts.threads = std::int64_t{task.pti_threadnum};
        } else {
            auto const failed = fail_errno(errno, "own_usage: proc_pidinfo");
            facts.resident_bytes = Result<std::int64_t>(failed);
            facts.threads = Result<std::int64_t>(failed);
        }
        // The footprint: what would come back to the system if this program ended, compressed pages included.
        rusage_info_v2 usage{};
        if (::proc_pid_rusage(self, RUSAGE_INFO_V2, reinterpret_cast<rusage_info_t*>(&usage)) == 0)
            facts.anonymous_bytes = static_cast<std::int64_t>(usage.ri_phys_footprint);
        else
            facts.anonymous_bytes = fail_errno(errno, "own_usage: proc_pid_rusage");
        facts.descriptors = descriptors(self);
        facts.cpu = used_by(RUSAGE_SELF);
        facts.children = used_by(RUSAGE_CHILDREN);
        return facts;
    }

private:
    [[nodiscard]] static Fact<std::int64_t> descriptors(pid_t self)
    {
        static constexpr std::size_t most = 4'096;
        std::vector<proc_fdinfo> seen(most);
        auto const bytes =
            ::proc_pidinfo(self, PROC_PIDLISTFDS, 0, seen.data(), static_cast<int>(most * sizeof seen[0]));
        if (bytes <= 0) return fail_errno(errno, "own_usage: proc_pidinfo");
        return static_cast<std::int64_t>(static_cast<std::size_t>(bytes) / sizeof seen[0]);
    }
};

} // namespace

std::unique_ptr<OwnUsage> make_own_usage(Root const& /*root*/) { return std::make_unique<MacOwnUsage>(); }

} // namespace rollcall::platform
