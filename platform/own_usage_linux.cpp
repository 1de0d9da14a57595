#include "platform/own_usage.hpp"

#include <cerrno>

#include <sys/resource.h>

#include "platform/linux/proc_pid.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

Fact<std::chrono::milliseconds> cpu_of(int whose)
{
    using namespace std::chrono;
    rusage used{};
    if (::getrusage(whose, &used) != 0) return Result<milliseconds>(fail_errno(errno, "own_usage: getrusage"));
    return duration_cast<milliseconds>(seconds(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                                       microseconds(used.ru_utime.tv_usec + used.ru_stime.tv_usec));
}

class LinuxOwnUsage final : public OwnUsage
{
public:
    explicit LinuxOwnUsage(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<OwnUsageFacts> read() const override
    {
        auto const text = procfs::read_file(root_ / "/proc/self/status");
        if (!text) return fail(text.error(), "own_usage");
        auto status = parse_proc_status(*text);
        OwnUsageFacts facts;
        facts.resident_bytes = std::move(status.resident_bytes);
        facts.anonymous_bytes = std::move(status.anonymous_bytes);
        facts.threads = std::move(status.threads);
        auto const open = procfs::list_folder(root_ / "/proc/self/fd");
        if (open)
            // Less the one by which the folder was read.
            facts.descriptors = static_cast<std::int64_t>(open->size()) - (root_.live() ? 1 : 0);
        else
            facts.descriptors = Result<std::int64_t>(open.error());
        facts.cpu = cpu_of(RUSAGE_SELF);
        facts.children = cpu_of(RUSAGE_CHILDREN);
        return facts;
    }

private:
    Root root_;
};

} // namespace

std::unique_ptr<OwnUsage> make_own_usage(Root const& root) { return std::make_unique<LinuxOwnUsage>(root); }

} // namespace rollcall::platform
