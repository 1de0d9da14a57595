#pragma once

#include <chrono>
#include <optional>

#include "common/core/clock.hpp"

/// By which clock things grow old enough to be deleted. Pure.
namespace rollcall
{

/// A clock that was set wrong must not delete what somebody still wants, so a leap ahead is believed only after the
/// clock has gone on from there without another leap for `believed_after`. A leap back is believed at once: it deletes
/// nothing. Kept with what it guards, so that a restart does not believe a leap sooner.
struct AgeClock {
    UnixMs trusted_ms{}; ///< Things are as old as this says.
    UnixMs seen_ms{};    ///< What the clock said last.
    UnixMs since_ms{};   ///< Since when it has gone without a leap.

    bool operator==(AgeClock const&) const = default;
};

/// More than this between two looks at the clock is a leap (or the program did not run): longer than a long weekend,
/// which an office's machine may be off. Looks come every minute.
inline constexpr std::chrono::milliseconds clock_leap = std::chrono::hours(5 * 24);
inline constexpr std::chrono::milliseconds believed_after = std::chrono::hours(7 * 24);

/// The clock after one more look at it.
[[nodiscard]] AgeClock observe(AgeClock clock, UnixMs now_ms);
/// Where nothing is kept yet: `newest_ms` is the newest trace of the past, which a right clock cannot be far from.
[[nodiscard]] AgeClock first_look(std::optional<UnixMs> newest_ms, UnixMs now_ms);
/// The clock is far ahead of what is believed: nothing more grows old until then.
[[nodiscard]] bool is_ahead(AgeClock const& clock);
/// How long it has to go on without a leap until it is believed, at its last look; nothing where it is believed.
[[nodiscard]] std::chrono::milliseconds believed_in(AgeClock const& clock);

/// What is older may go.
[[nodiscard]] inline UnixMs cutoff(AgeClock const& clock, std::chrono::milliseconds keep)
{
    return clock.trusted_ms - keep.count();
}

} // namespace rollcall
