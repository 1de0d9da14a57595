#include "platform/own_usage.hpp"

#include <algorithm>

#include <windows.h>

#include <psapi.h>

#include "platform/windows/child_time.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/process_table.hpp"

namespace rollcall::platform
{

namespace
{

std::uint64_t steps_of(FILETIME const& time) { return (std::uint64_t{time.dwHighDateTime} << 32) | time.dwLowDateTime; }

std::chrono::milliseconds from_steps(std::uint64_t steps_100ns)
{
    return std::chrono::milliseconds(static_cast<std::int64_t>(steps_100ns / 10'000));
}

class WindowsOwnUsage final : public OwnUsage
{
public:
    [[nodiscard]] Result<OwnUsageFacts> read() const override
    {
        OwnUsageFacts facts;
        PROCESS_MEMORY_COUNTERS memory{};
        if (::K32GetProcessMemoryInfo(::GetCurrentProcess(), &memory, sizeof memory) != FALSE)
            facts.resident_bytes = static_cast<std::int64_t>(memory.WorkingSetSize);
        else
            facts.resident_bytes = fail_windows(::GetLastError(), "own_usage: GetProcessMemoryInfo");
        read_from_table(facts);
        DWORD handles = 0;
        if (::GetProcessHandleCount(::GetCurrentProcess(), &handles) == FALSE)
            facts.descriptors = fail_windows(::GetLastError(), "own_usage: GetProcessHandleCount");
        else if (handles == 0)
            // Every process has some.
            facts.descriptors = fail(errc::not_supported, "own_usage: GetProcessHandleCount");
        else
            facts.descriptors = std::int64_t{handles};
        FILETIME created{};
        FILETIME ended{};
        FILETIME kernel{};
        FILETIME user{};
        if (::GetProcessTimes(::GetCurrentProcess(), &created, &ended, &kernel, &user) != FALSE)
            facts.cpu = from_steps(steps_of(kernel) + steps_of(user));
        else
            facts.cpu = fail_windows(::GetLastError(), "own_usage: GetProcessTimes");
        facts.children = from_steps(children_time_100ns());
        return facts;
    }

private:
    /// What no call about one process tells.
    static void read_from_table(OwnUsageFacts& facts)
    {
        auto const table = read_process_table();
        if (!table) {
            facts.anonymous_bytes = table.error();
            facts.threads = table.error();
            return;
        }
        auto const own = std::find_if(table->begin(), table->end(),
                                      [](auto const& entry) { return entry.id == ::GetCurrentProcessId(); });
        if (own == table->end()) {
            facts.anonymous_bytes = fail(errc::not_found, "own_usage: not in the list of processes");
            facts.threads = facts.anonymous_bytes.error();
            return;
        }
        facts.threads = std::int64_t{own->threads};
        if (own->private_resident_bytes == 0)
            facts.anonymous_bytes = fail(errc::not_supported, "own_usage: the private working set");
        else
            facts.anonymous_bytes = static_cast<std::int64_t>(own->private_resident_bytes);
    }
};

} // namespace

std::unique_ptr<OwnUsage> make_own_usage(Root const& /*root*/) { return std::make_unique<WindowsOwnUsage>(); }

} // namespace rollcall::platform
