#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"

/// How long things are kept, and by which clock. Pure.
namespace rollcall::store
{

/// How long each kind is kept; what is younger is never deleted by the upkeep.
struct Retention {
    using Days = std::chrono::duration<std::int64_t, std::ratio<86'400>>;

    Days state_changes{365}; ///< Rows of the past; what is so now is kept however old it is.
    Days events{365};
    Days gaps{365};
    Days alerts{365};      ///< Since they were resolved; open ones stay.
    Days readings{14};     ///< Of series, as they were read.
    Days five_minutes{90}; ///< Roll-ups of series.
    Days hours{730};
    Days days{1826};
};

/// What each field of Retention may be.
inline constexpr Retention::Days retention_least{1};
inline constexpr Retention::Days retention_most{36'500};

/// errc::bad_input names the field, the limits and the remedy: "retention.events: …".
[[nodiscard]] Result<> check(Retention const& retention);

/// The time by which things grow old. A clock that was set wrong must not delete a year of history, so a leap ahead
/// is believed only after the clock has gone on from there without another leap for `believed_after`. A leap back
/// is believed at once: it deletes nothing.
struct RetentionClock {
    UnixMs trusted_ms{}; ///< Things are as old as this says.
    UnixMs seen_ms{};    ///< What the clock said last.
    UnixMs since_ms{};   ///< Since when it has gone without a leap.

    bool operator==(RetentionClock const&) const = default;
};

/// More than this between two looks at the clock is a leap (or the collector did not run): longer than a long weekend,
/// which an office's machine may be off. Looks come every minute.
inline constexpr std::chrono::milliseconds clock_leap = std::chrono::hours(5 * 24);
inline constexpr std::chrono::milliseconds believed_after = std::chrono::hours(7 * 24);

/// The clock after one more look at it.
[[nodiscard]] RetentionClock observe(RetentionClock clock, UnixMs now_ms);
/// Where nothing is kept yet: `newest_ms` is the newest trace in the store, which a right clock cannot be far from.
[[nodiscard]] RetentionClock first_look(std::optional<UnixMs> newest_ms, UnixMs now_ms);
/// The clock is far ahead of what is believed: nothing more grows old until then.
[[nodiscard]] bool is_ahead(RetentionClock const& clock);

/// What is older may go.
[[nodiscard]] inline UnixMs cutoff(RetentionClock const& clock, Retention::Days keep)
{
    return clock.trusted_ms - std::chrono::milliseconds(keep).count();
}

} // namespace rollcall::store
