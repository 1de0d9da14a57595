#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::platform
{

/// Where reading of the log stopped: after this record.
struct LogPosition {
    std::uint64_t record_id{}; ///< 0 = before all of them.
};

/// "record 4711".
[[nodiscard]] std::string to_text(LogPosition position);
/// Nothing where the text is not one of ours.
[[nodiscard]] std::optional<LogPosition> parse_log_position(std::string_view text);

/// WINEVENT_LEVEL_CRITICAL.
inline constexpr std::uint32_t critical_level = 1;
/// An error, or worse. Level 0 is of those who know no levels.
[[nodiscard]] bool is_error_level(std::uint32_t level);

/// Providers whose records may hold what somebody typed at a log-in: names, and passwords in their place.
[[nodiscard]] bool is_about_logins(std::string_view provider);

} // namespace rollcall::platform
