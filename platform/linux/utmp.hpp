#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"

namespace rollcall::platform
{

/// A log-in record of /run/utmp or /var/log/wtmp (utmp(5)).
struct LoginRecord {
    std::int32_t pid{};
    std::string id; ///< The terminal's short id.
    std::string user;
    std::string terminal; ///< "pts/0", "tty1", ":0".
    std::string from;     ///< Host; empty for a local one.
    UnixMs at_ms{};
};

/// The log-ins (USER_PROCESS) among the records, in their order. A torn record at the end is left out.
[[nodiscard]] std::vector<LoginRecord> parse_utmp(std::string_view bytes);

/// "desktop", "console" or "remote", by terminal and host.
[[nodiscard]] std::string login_kind(LoginRecord const& record);

/// The newest entry of /var/log/lastlog, whose record number is the user's number.
[[nodiscard]] std::optional<LoginRecord> newest_lastlog(std::string_view bytes,
                                                        std::map<std::uint32_t, std::string> const& users);

/// User numbers and names of passwd(5). Lines that make no sense are skipped.
[[nodiscard]] std::map<std::uint32_t, std::string> parse_passwd(std::string_view text);

inline constexpr std::size_t utmp_record_bytes = 384;
inline constexpr std::size_t lastlog_record_bytes = 292;

} // namespace rollcall::platform
