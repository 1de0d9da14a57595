#include "common/core/age_clock.hpp"

namespace rollcall
{

AgeClock observe(AgeClock clock, UnixMs now_ms)
{
    if (now_ms > clock.seen_ms + clock_leap.count() || now_ms < clock.seen_ms - clock_leap.count())
        clock.since_ms = now_ms;
    clock.seen_ms = now_ms;
    bool const near_enough = now_ms <= clock.trusted_ms + clock_leap.count();
    if (near_enough || now_ms - clock.since_ms >= believed_after.count()) clock.trusted_ms = now_ms;
    return clock;
}

AgeClock first_look(std::optional<UnixMs> newest_ms, UnixMs now_ms)
{
    return observe(
        {.trusted_ms = newest_ms.value_or(now_ms), .seen_ms = newest_ms.value_or(now_ms), .since_ms = now_ms}, now_ms);
}

bool is_ahead(AgeClock const& clock) { return clock.seen_ms > clock.trusted_ms; }

std::chrono::milliseconds believed_in(AgeClock const& clock)
{
    if (!is_ahead(clock)) return {};
    return believed_after - std::chrono::milliseconds(clock.seen_ms - clock.since_ms);
}

} // namespace rollcall
