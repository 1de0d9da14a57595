#pragma once

#include <cstdint>
#include <string>

#include "platform/sessions.hpp"

namespace rollcall::platform
{

/// What the Remote Desktop Services API says of one session, in its own numbers (WTSINFOEX, WTS_CONNECTSTATE_CLASS,
/// WTSClientProtocolType).
struct WtsFacts {
    std::uint32_t id{};
    std::string user;
    std::string domain;
    std::string station; ///< "Console", "RDP-Tcp#3"; empty where nobody is connected.
    std::uint32_t connect_state{};
    std::uint32_t protocol{};
    std::string client_name;
    std::string client_address;
    Fact<std::int32_t> flags;             ///< WTS_SESSIONSTATE_LOCK, …_UNLOCK.
    std::uint64_t log_on_file_time{};     ///< 0 = unknown.
    std::uint64_t last_input_file_time{}; ///< 0 = unknown.
    std::uint64_t answered_file_time{};   ///< By the same clock; 0 = unknown.
};

/// A person's: not that of the services, a listener, or one that shows the log-in picture.
[[nodiscard]] bool is_persons_session(WtsFacts const& facts);

/// The rules for kind, state and times.
[[nodiscard]] Session judge_session(WtsFacts const& facts, UnixMs now_ms);

/// "DOMAIN\user".
[[nodiscard]] std::string account_name(std::string_view domain, std::string_view user);

} // namespace rollcall::platform
