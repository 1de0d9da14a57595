#include "platform/macos/process_start.hpp"

#include <cerrno>
#include <climits>

#include <libproc.h>
#include <sys/proc_info.h>

#include <fmt/format.h>

namespace rollcall::platform
{

Result<UnixMs> process_start_ms(std::int64_t pid)
{
    proc_bsdinfo facts{};
    if (pid <= 0 || pid > INT_MAX) return fail(errc::not_found, "process: no number of one");
    auto const got = ::proc_pidinfo(static_cast<int>(pid), PROC_PIDTBSDINFO, 0, &facts, sizeof facts);
    if (got != static_cast<int>(sizeof facts)) return fail_errno(errno, fmt::format("process: {}", pid));
    static constexpr std::uint64_t ms_per_s = 1'000;
    static constexpr std::uint64_t us_per_ms = 1'000;
    return static_cast<UnixMs>(facts.pbi_start_tvsec * ms_per_s + facts.pbi_start_tvusec / us_per_ms);
}

} // namespace rollcall::platform
