#include "platform/performance.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <mach/mach.h>
#include <mach/mach_host.h>
#include <stdlib.h>
#include <sys/sysctl.h>

#include <fmt/format.h>

#include "platform/macos/interfaces.hpp"
#include "platform/macos/io_registry.hpp"
#include "platform/macos/mac_volumes.hpp"
#include "platform/macos/registry_values.hpp"
#include "platform/macos/sysctl.hpp"

namespace rollcall::platform
{

namespace
{

/// The right to ask the host, given back.
class Host
{
public:
    Host()
        : port_(::mach_host_self())
    {
    }
    ~Host() { ::mach_port_deallocate(::mach_task_self(), port_); }
    Host(Host const&) = delete;
    Host& operator=(Host const&) = delete;
    [[nodiscard]] host_t get() const { return port_; }

private:
    host_t port_;
};

std::chrono::milliseconds now_steady()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

class MacPerformance final : public Performance
{
public:
    /// Each processor's own counters, of 32 bits at 100 Hz: they last for 497 days, their sum would not.
    [[nodiscard]] Result<CpuTimes> cpu() const override
    {
        Host const host;
        natural_t processors = 0;
        processor_info_array_t numbers = nullptr;
        mach_msg_type_number_t count = 0;
        auto const failed = ::host_processor_info(host.get(), PROCESSOR_CPU_LOAD_INFO, &processors, &numbers, &count);
        if (failed != KERN_SUCCESS) return fail(errc::io, fmt::format("cpu: host_processor_info: {}", failed));
        CpuTimes times;
        times.tells_io_wait = false;
        auto const ticks = [&](natural_t processor, int state) {
            auto const at = processor * CPU_STATE_MAX + static_cast<natural_t>(state);
            return at < count ? std::uint64_t{static_cast<std::uint32_t>(numbers[at])} : 0;
        };
        for (natural_t i = 0; i < processors; ++i) {
            times.user += ticks(i, CPU_STATE_USER) + ticks(i, CPU_STATE_NICE);
            times.system += ticks(i, CPU_STATE_SYSTEM);
            times.idle += ticks(i, CPU_STATE_IDLE);
        }
        ::vm_deallocate(::mach_task_self(), reinterpret_cast<vm_address_t>(numbers), count * sizeof *numbers);
        return times;
    }

    [[nodiscard]] Result<Load> load() const override
    {
        std::array<double, 3> average{};
        if (::getloadavg(average.data(), static_cast<int>(average.size())) != static_cast<int>(average.size()))
            return fail(errc::io, "load: getloadavg");
        return Load{.one = average[0], .five = average[1], .fifteen = average[2]};
    }

    [[nodiscard]] Result<Memory> memory() const override
    {
        auto const total = sysctl_number("hw.memsize");
        if (!total) return fail(total.error(), "memory");
        Host const host;
        vm_statistics64_data_t seen{};
        mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
        auto const failed =
            ::host_statistics64(host.get(), HOST_VM_INFO64, reinterpret_cast<host_info64_t>(&seen), &count);
        if (failed != KERN_SUCCESS) return fail(errc::io, fmt::format("memory: host_statistics64: {}", failed));
        MacPages pages;
        pages.wired = seen.wire_count;
        pages.of_programs = seen.internal_page_count;
        pages.purgeable = seen.purgeable_count;
        pages.compressor = seen.compressor_page_count;
        pages.page_bytes = vm_kernel_page_size;
        xsw_usage swap{};
        auto size = sizeof swap;
        if (::sysctlbyname("vm.swapusage", &swap, &size, nullptr, 0) != 0)
            return fail_errno(errno, "memory: vm.swapusage");
        return Memory{.total_bytes = *total,
                      .available_bytes = mac_available_bytes(pages, *total),
                      .swap_total_bytes = static_cast<std::int64_t>(swap.xsu_total),
                      .swap_free_bytes = static_cast<std::int64_t>(swap.xsu_avail)};
    }

    [[nodiscard]] Result<Counters<DiskCounters>> disks() const override
    {
        auto const media = io_services("IOMedia", media_keys);
        if (!media) return fail(media.error(), "disks");
        return Counters<DiskCounters>{.taken = now_steady(), .of = mac_disk_counters(*media)};
    }

    [[nodiscard]] Result<Counters<NetworkCounters>> network() const override
    {
        auto const seen = read_interfaces();
        if (!seen) return seen.error();
        Counters<NetworkCounters> counters{.taken = now_steady(), .of = {}};
        for (auto const& one : *seen)
            if (!one.is_loopback)
                counters.of[one.name] = {.received_bytes = one.received_bytes, .sent_bytes = one.sent_bytes};
        return counters;
    }
};

} // namespace

std::unique_ptr<Performance> make_performance(Root const& /*root*/) { return std::make_unique<MacPerformance>(); }

} // namespace rollcall::platform
