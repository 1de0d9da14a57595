#include "platform/time_sync.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <sys/timex.h>

#include "platform/linux/container.hpp"
#include "platform/linux/kernel_clock.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

/// Short names of processes (15 letters at most) and what a person calls them.
constexpr std::array<std::array<std::string_view, 2>, 7> keepers = {{{"chronyd", "chronyd"},
                                                                     {"systemd-timesyn", "systemd-timesyncd"},
                                                                     {"ntpd", "ntpd"},
                                                                     {"openntpd", "openntpd"},
                                                                     {"ntp-daemon", "ntpd-rs"},
                                                                     {"phc2sys", "phc2sys"},
                                                                     {"VBoxService", "VBoxService"}}};

class LinuxTimeSync final : public TimeSync
{
public:
    explicit LinuxTimeSync(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<TimeSyncFacts> read() const override
    {
        TimeSyncFacts facts;
        facts.source = source();
        if (!root_.live()) {
            auto const recorded = fail(errc::not_supported, "time_sync: a recorded tree has no clock");
            facts.synchronised = Result<bool>(recorded);
            facts.offset_ms = Result<std::int64_t>(recorded);
            return facts;
        }
        timex clock{};
        if (::adjtimex(&clock) < 0) {
            auto const why = fail_errno(errno, "time_sync: adjtimex");
            facts.synchronised = Result<bool>(why);
            facts.offset_ms = Result<std::int64_t>(why);
            return facts;
        }
        judge_kernel_clock(clock, facts);
        return facts;
    }

private:
    [[nodiscard]] Fact<std::string> source() const
    {
        auto const names = procfs::list_folder(root_ / "/proc");
        if (!names) return Result<std::string>(names.error());
        for (auto const& name : *names) {
            if (!procfs::to_number(name)) continue;
            auto const word = procfs::read_word(root_ / "/proc/" + name + "/comm");
            if (!word) continue;
            auto const* const keeper =
                std::find_if(keepers.begin(), keepers.end(), [&](auto const& one) { return one[0] == *word; });
            if (keeper != keepers.end()) return std::string((*keeper)[1]);
        }
        if (!container_manager(root_).empty())
            return fail(errc::not_supported, "time_sync: in a container the clock is the host's");
        return std::string();
    }

    Root root_;
};

} // namespace

std::unique_ptr<TimeSync> make_time_sync(Root const& root) { return std::make_unique<LinuxTimeSync>(root); }

} // namespace rollcall::platform
