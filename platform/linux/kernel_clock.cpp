#include "platform/linux/kernel_clock.hpp"

namespace rollcall::platform
{

void judge_kernel_clock(timex const& clock, TimeSyncFacts& facts)
{
    // The kernel lets the error grow until here, and it stands here after the boot.
    static constexpr long unknown_error_us = 16'000'000;
    static constexpr std::int64_t us_per_ms = 1000;
    bool const nanoseconds = (static_cast<unsigned>(clock.status) & static_cast<unsigned>(STA_NANO)) != 0;
    facts.synchronised = clock.maxerror >= 0 && clock.maxerror < unknown_error_us;
    facts.offset_ms = std::int64_t{clock.offset} / (nanoseconds ? us_per_ms * 1000 : us_per_ms);
}

} // namespace rollcall::platform
