#include "platform/performance.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsPerformance final : public Performance
{
public:
    [[nodiscard]] Result<CpuTimes> cpu() const override { return fail(errc::not_supported, "performance: Windows"); }
    [[nodiscard]] Result<Load> load() const override { return fail(errc::not_supported, "performance: Windows"); }
    [[nodiscard]] Result<Memory> memory() const override { return fail(errc::not_supported, "performance: Windows"); }
    [[nodiscard]] Result<Counters<DiskCounters>> disks() const override
    {
        return fail(errc::not_supported, "performance: Windows");
    }
    [[nodiscard]] Result<Counters<NetworkCounters>> network() const override
    {
        return fail(errc::not_supported, "performance: Windows");
    }
};

} // namespace

std::unique_ptr<Performance> make_performance(Root const& /*root*/) { return std::make_unique<WindowsPerformance>(); }

} // namespace rollcall::platform
