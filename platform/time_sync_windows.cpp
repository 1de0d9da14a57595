#include "platform/time_sync.hpp"

#include <cmath>
#include <memory>
#include <type_traits>

#include <windows.h>

#include <pdh.h>
#include <winsvc.h>

#include <fmt/format.h>

#include "platform/windows/error.hpp"
#include "platform/windows/scm.hpp"

namespace rollcall::platform
{

namespace
{

struct ClosePdh {
    void operator()(PDH_HQUERY query) const { ::PdhCloseQuery(query); }
};
using PdhQuery = std::unique_ptr<std::remove_pointer_t<PDH_HQUERY>, ClosePdh>;

/// A counter of the set that w32time keeps from Windows 10 1607 and Server 2016 on.
Result<double> time_counter(wchar_t const* path)
{
    static constexpr auto missing = "time_sync: Windows tells nothing of the time service here";
    PDH_HQUERY handle = nullptr;
    if (::PdhOpenQueryW(nullptr, 0, &handle) != ERROR_SUCCESS) return fail(errc::io, "time_sync: PdhOpenQuery");
    PdhQuery const query(handle);
    PDH_HCOUNTER counter = nullptr;
    if (::PdhAddEnglishCounterW(handle, path, 0, &counter) != ERROR_SUCCESS) return fail(errc::not_supported, missing);
    if (::PdhCollectQueryData(handle) != ERROR_SUCCESS) return fail(errc::not_supported, missing);
    PDH_FMT_COUNTERVALUE value{};
    if (::PdhGetFormattedCounterValue(counter, PDH_FMT_DOUBLE, nullptr, &value) != ERROR_SUCCESS ||
        !std::isfinite(value.doubleValue))
        return fail(errc::not_supported, missing);
    return value.doubleValue;
}

Result<bool> time_service_runs()
{
    ScmHandle const manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
    if (!manager) return fail_windows(::GetLastError(), "time_sync: OpenSCManager");
    ScmHandle const service(::OpenServiceW(manager.get(), L"W32Time", SERVICE_QUERY_STATUS));
    if (!service) {
        auto const error = ::GetLastError();
        if (error == ERROR_SERVICE_DOES_NOT_EXIST) return false;
        return fail_windows(error, "time_sync: OpenService");
    }
    SERVICE_STATUS status{};
    if (!::QueryServiceStatus(service.get(), &status))
        return fail_windows(::GetLastError(), "time_sync: QueryServiceStatus");
    return status.dwCurrentState == SERVICE_RUNNING;
}

class WindowsTimeSync final : public TimeSync
{
public:
    [[nodiscard]] Result<TimeSyncFacts> read() const override
    {
        TimeSyncFacts facts;
        auto const runs = time_service_runs();
        if (!runs) return runs.error();
        facts.source = std::string(*runs ? "w32time" : "");
        if (!*runs) {
            // Outside of a domain it is started now and then, corrects the clock and ends.
            auto const stopped = fail(errc::not_supported, "time_sync: w32time does not run now");
            facts.synchronised = Result<bool>(stopped);
            facts.offset_ms = Result<std::int64_t>(stopped);
            return facts;
        }
        auto const sources = time_counter(L"\\Windows Time Service\\NTP Client Time Source Count");
        if (!sources)
            facts.synchronised = Result<bool>(sources.error());
        else if (*sources >= 1)
            facts.synchronised = true;
        else
            // A hypervisor may keep it, which is no source of the NTP client.
            facts.synchronised = fail(errc::not_supported, "time_sync: no NTP source; another may keep the clock");
        facts.offset_ms = offset(facts.synchronised);
        return facts;
    }

private:
    [[nodiscard]] static Fact<std::int64_t> offset(Fact<bool> const& synchronised)
    {
        static constexpr double us_per_ms = 1000;
        static constexpr double most_ms = 1e12;
        if (!synchronised) return Result<std::int64_t>(synchronised.error());
        auto const offset_us = time_counter(L"\\Windows Time Service\\Computed Time Offset");
        if (!offset_us) return Result<std::int64_t>(offset_us.error());
        auto const offset_ms = *offset_us / us_per_ms;
        if (std::fabs(offset_ms) > most_ms) return fail(errc::bad_message, "time_sync: Computed Time Offset");
        return std::int64_t{std::llround(offset_ms)};
    }
};

} // namespace

std::unique_ptr<TimeSync> make_time_sync(Root const& /*root*/) { return std::make_unique<WindowsTimeSync>(); }

} // namespace rollcall::platform
