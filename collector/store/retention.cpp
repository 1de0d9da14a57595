#include "collector/store/retention.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace rollcall::store
{

Result<> check(Retention const& retention)
{
    std::array<std::pair<std::string_view, Retention::Days>, 8> const fields{{
        {"state_changes", retention.state_changes},
        {"events", retention.events},
        {"gaps", retention.gaps},
        {"alerts", retention.alerts},
        {"readings", retention.readings},
        {"five_minutes", retention.five_minutes},
        {"hours", retention.hours},
        {"days", retention.days},
    }};
    for (auto const& [name, days] : fields)
        if (days < retention_least || days > retention_most)
            return fail(errc::bad_input,
                        fmt::format("retention.{}: {} days is not within {} to {}. Choose a number "
                                    "of days between them, or leave it out.",
                                    name, days.count(), retention_least.count(), retention_most.count()));
    return {};
}

RetentionClock observe(RetentionClock clock, UnixMs now_ms)
{
    if (now_ms > clock.seen_ms + clock_leap.count() || now_ms < clock.seen_ms - clock_leap.count())
        clock.since_ms = now_ms;
    clock.seen_ms = now_ms;
    bool const near_enough = now_ms <= clock.trusted_ms + clock_leap.count();
    if (near_enough || now_ms - clock.since_ms >= believed_after.count()) clock.trusted_ms = now_ms;
    return clock;
}

RetentionClock first_look(std::optional<UnixMs> newest_ms, UnixMs now_ms)
{
    return observe(
        {.trusted_ms = newest_ms.value_or(now_ms), .seen_ms = newest_ms.value_or(now_ms), .since_ms = now_ms}, now_ms);
}

bool is_ahead(RetentionClock const& clock) { return clock.seen_ms > clock.trusted_ms; }

} // namespace rollcall::store
