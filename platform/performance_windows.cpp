#include "platform/performance.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <winsock2.h>

#include <ws2tcpip.h>

#include <windows.h>

#include <winioctl.h>

#include <iphlpapi.h>
#include <netioapi.h>
#include <psapi.h>

#include <fmt/format.h>

#include "platform/windows/drives.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/network_table.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

std::uint64_t ticks_of(FILETIME const& time) { return (std::uint64_t{time.dwHighDateTime} << 32) | time.dwLowDateTime; }

std::uint64_t counter_of(LARGE_INTEGER const& number)
{
    return number.QuadPart < 0 ? 0 : static_cast<std::uint64_t>(number.QuadPart);
}

std::chrono::milliseconds taken_now()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

std::int64_t as_bytes_count(std::uint64_t number)
{
    return static_cast<std::int64_t>(std::min<std::uint64_t>(number, INT64_MAX));
}

struct PageFiles {
    std::uint64_t total_pages{};
    std::uint64_t used_pages{};
};

BOOL add_page_file(void* to, ENUM_PAGE_FILE_INFORMATION* one, wchar_t const* /*name*/)
{
    auto& sum = *static_cast<PageFiles*>(to);
    sum.total_pages += one->TotalSize;
    sum.used_pages += one->TotalInUse;
    return TRUE;
}

/// Size and free part of the page files.
std::pair<std::uint64_t, std::uint64_t> swap_of(MEMORYSTATUSEX const& memory)
{
    SYSTEM_INFO system{};
    ::GetSystemInfo(&system);
    PageFiles files;
    if (::K32EnumPageFilesW(&add_page_file, &files) != FALSE)
        return {files.total_pages * system.dwPageSize,
                (files.total_pages - std::min(files.used_pages, files.total_pages)) * system.dwPageSize};
    // What the system can promise beyond its memory is what the page files hold, by definition of the commit limit.
    auto const total = memory.ullTotalPageFile - std::min(memory.ullTotalPhys, memory.ullTotalPageFile);
    auto const free = memory.ullAvailPageFile - std::min(memory.ullAvailPhys, memory.ullAvailPageFile);
    return {total, std::min(free, total)};
}

class WindowsPerformance final : public Performance
{
public:
    [[nodiscard]] Result<CpuTimes> cpu() const override
    {
        FILETIME idle{};
        FILETIME kernel{};
        FILETIME user{};
        if (::GetSystemTimes(&idle, &kernel, &user) == FALSE)
            return fail_windows(::GetLastError(), "cpu: GetSystemTimes");
        // The kernel's time includes that of the idle process.
        auto const all = ticks_of(kernel);
        CpuTimes times;
        times.user = ticks_of(user);
        times.idle = std::min(ticks_of(idle), all);
        times.system = all - times.idle;
        times.tells_io_wait = false;
        return times;
    }

    [[nodiscard]] Result<Load> load() const override
    {
        return fail(errc::not_supported, "load: Windows keeps no average of what waits for a processor");
    }

    [[nodiscard]] Result<Memory> memory() const override
    {
        MEMORYSTATUSEX status{};
        status.dwLength = sizeof status;
        if (::GlobalMemoryStatusEx(&status) == FALSE)
            return fail_windows(::GetLastError(), "memory: GlobalMemoryStatusEx");
        auto const [swap_total, swap_free] = swap_of(status);
        return Memory{.total_bytes = as_bytes_count(status.ullTotalPhys),
                      .available_bytes = as_bytes_count(std::min(status.ullAvailPhys, status.ullTotalPhys)),
                      .swap_total_bytes = as_bytes_count(swap_total),
                      .swap_free_bytes = as_bytes_count(swap_free)};
    }

    [[nodiscard]] Result<Counters<DiskCounters>> disks() const override
    {
        auto const numbers = drive_numbers();
        if (!numbers) return fail(numbers.error(), "disk_io");
        Counters<DiskCounters> found;
        Error why = fail(errc::not_found, "disk_io: no drive");
        for (auto const number : *numbers) {
            auto const counters = counters_of(number);
            if (counters)
                found.of.emplace(drive_name(number), *counters);
            else
                why = counters.error();
        }
        found.taken = taken_now();
        // Some drives keep no counters. Where none does, the system has none to give.
        if (found.of.empty() && !numbers->empty()) return fail(why, "disk_io");
        return found;
    }

    [[nodiscard]] Result<Counters<NetworkCounters>> network() const override
    {
        MIB_IF_TABLE2* raw = nullptr;
        auto const status = ::GetIfTable2(&raw);
        if (status != NO_ERROR) return fail_windows(status, "network_io: GetIfTable2");
        std::unique_ptr<MIB_IF_TABLE2, decltype(&::FreeMibTable)> const table(raw, &::FreeMibTable);
        Counters<NetworkCounters> found;
        found.taken = taken_now();
        for (ULONG i = 0; i < table->NumEntries; ++i) {
            auto const& row = table->Table[i];
            // Filters stand above a card and count the same bytes again; so do switches and tunnels made of cards.
            if (row.InterfaceAndOperStatusFlags.FilterInterface != 0 ||
                row.InterfaceAndOperStatusFlags.HardwareInterface == 0 || row.OperStatus != IfOperStatusUp ||
                row.Type == IF_TYPE_SOFTWARE_LOOPBACK)
                continue;
            auto name = utf8(until_nul({static_cast<wchar_t const*>(row.Alias), std::size(row.Alias)}));
            if (name.empty()) continue;
            found.of.emplace(std::move(name),
                             NetworkCounters{.received_bytes = row.InOctets, .sent_bytes = row.OutOctets});
        }
        return found;
    }

private:
    [[nodiscard]] static Result<DiskCounters> counters_of(std::uint32_t number)
    {
        auto const drive = Device::open(drive_path(number), Device::Access::ask);
        if (!drive) return drive.error();
        // Asking switches the counters on where they were off, and they stay on.
        auto const answer =
            drive->control(IOCTL_DISK_PERFORMANCE, {}, sizeof(DISK_PERFORMANCE), "IOCTL_DISK_PERFORMANCE");
        if (!answer) return answer.error();
        DISK_PERFORMANCE counters{};
        // The name at its end may be missing.
        if (answer->size() < offsetof(DISK_PERFORMANCE, StorageDeviceNumber))
            return fail(errc::bad_message, "IOCTL_DISK_PERFORMANCE: too short");
        std::memcpy(&counters, answer->data(), std::min(answer->size(), sizeof counters));
        auto const idle = counter_of(counters.IdleTime);
        auto const asked = counter_of(counters.QueryTime);
        if (asked < idle || asked == 0) return fail(errc::not_supported, "IOCTL_DISK_PERFORMANCE: no times");
        static constexpr std::uint64_t steps_per_ms = 10'000;
        // Time that passed less time without a request, both by the driver's own clock: only differences count.
        return DiskCounters{.read_bytes = counter_of(counters.BytesRead),
                            .written_bytes = counter_of(counters.BytesWritten),
                            .busy_ms = (asked - idle) / steps_per_ms};
    }
};

} // namespace

std::unique_ptr<Performance> make_performance(Root const& /*root*/) { return std::make_unique<WindowsPerformance>(); }

} // namespace rollcall::platform
