#include "platform/linux/proc_pid.hpp"

#include <array>
#include <limits>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

std::optional<ProcStat> parse_proc_stat(std::string_view text)
{
    // "1 (a) b) S 0 …": the name may hold blanks and brackets, so it ends at the last one.
    auto const open = text.find('(');
    auto const close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
    auto const id = procfs::to_integer(procfs::trim(text.substr(0, open)));
    auto const fields = procfs::words(procfs::trim(text.substr(close + 1)));
    // Numbered as in proc(5), less the two before and counted from 0.
    static constexpr std::array<std::size_t, 4> wanted = {14 - 3, 15 - 3, 22 - 3, 24 - 3};
    std::array<std::uint64_t, wanted.size()> numbers{};
    if (!id || *id <= 0 || fields.size() <= wanted.back()) return std::nullopt;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto const number = procfs::to_number(fields[wanted[i]]);
        if (!number || *number > std::numeric_limits<std::uint64_t>::max() / 2) return std::nullopt;
        numbers[i] = *number;
    }
    return ProcStat{.id = *id,
                    .name = std::string(text.substr(open + 1, close - open - 1)),
                    .cpu_ticks = numbers[0] + numbers[1],
                    .start_ticks = numbers[2],
                    .resident_pages = numbers[3]};
}

ProcStatus parse_proc_status(std::string_view text)
{
    auto const missing = fail(errc::not_found, "/proc: status");
    ProcStatus status{.resident_bytes = Result<std::int64_t>(missing),
                      .anonymous_bytes = Result<std::int64_t>(missing),
                      .threads = Result<std::int64_t>(missing),
                      .user = Result<std::uint32_t>(missing)};
    for (auto const line : procfs::lines(text)) {
        auto const fields = procfs::words(line);
        if (fields.size() < 2) continue;
        auto const number = procfs::to_integer(fields[1]);
        if (!number || *number < 0) continue;
        static constexpr std::int64_t kibibyte = 1024;
        bool const is_size = *number <= std::numeric_limits<std::int64_t>::max() / kibibyte;
        if (fields[0] == "VmRSS:" && is_size)
            status.resident_bytes = *number * kibibyte;
        else if (fields[0] == "RssAnon:" && is_size)
            status.anonymous_bytes = *number * kibibyte;
        else if (fields[0] == "Threads:")
            status.threads = *number;
        else if (fields[0] == "Uid:" && fields.size() > 2) {
            // Real, effective, saved, file system.
            auto const user = procfs::to_number(fields[2]);
            if (user && *user <= std::numeric_limits<std::uint32_t>::max())
                status.user = static_cast<std::uint32_t>(*user);
        }
    }
    return status;
}

} // namespace rollcall::platform
