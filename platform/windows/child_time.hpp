#pragma once

#include <atomic>
#include <cstdint>

namespace rollcall::platform
{

/// Processor time of the programs that run() ran and that have ended, in steps of 100 ns: Windows keeps none for us.
[[nodiscard]] inline std::atomic<std::uint64_t>& children_time_100ns()
{
    static std::atomic<std::uint64_t> time{0};
    return time;
}

} // namespace rollcall::platform
