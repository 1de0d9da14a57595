#pragma once

#include <chrono>
#include <cstdint>

#include "common/core/result.hpp"

/// How long things are kept. Pure.
namespace rollcall::store
{

/// How long each kind is kept; what is younger is never deleted by the upkeep.
struct Retention {
    using Days = std::chrono::duration<std::int64_t, std::ratio<86'400>>;

    Days state_changes{365}; ///< Rows of the past; what is so now is kept however old it is.
    Days events{365};
    Days gaps{365};
    Days actions{365};     ///< What people did to devices.
    Days alerts{365};      ///< Since they were resolved; open ones stay.
    Days readings{14};     ///< Of series, as they were read.
    Days five_minutes{90}; ///< Roll-ups of series.
    Days hours{730};
    Days days{1826};
    Days audit{730}; ///< Rows of the audit log.
};

/// What each field of Retention may be.
inline constexpr Retention::Days retention_least{1};
inline constexpr Retention::Days retention_most{36'500};

/// errc::bad_input names the field, the limits and the remedy: "retention.events: …".
[[nodiscard]] Result<> check(Retention const& retention);

} // namespace rollcall::store
