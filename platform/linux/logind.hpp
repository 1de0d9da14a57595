#pragma once

#include <cstdint>
#include <string>

#include "platform/sessions.hpp"

namespace rollcall::platform
{

/// What logind says about one session, as its D-Bus properties name it (org.freedesktop.login1(5)).
struct LogindSession {
    std::string id;
    std::string user;
    std::string session_class; ///< "user", "greeter", "manager" …
    std::string type;          ///< "tty", "x11", "wayland", "mir", "unspecified", "web".
    std::string state;         ///< "online", "active", "closing".
    std::string seat;
    std::string terminal;
    std::string display;
    std::string remote_host;
    std::string desktop;
    bool remote{};
    bool active{};
    bool idle_hint{};
    bool locked_hint{};
    std::uint32_t vt{};
    std::uint64_t idle_since_us{};
    std::uint64_t since_us{};
};

/// The last touch of a terminal, where that is known.
using LastInput = Fact<UnixMs>;

/// Is it a person's session, and not on its way out?
[[nodiscard]] bool is_persons_session(LogindSession const& session);

/// The rules for kind, state and last input. `terminal_input`: the access time of its terminal.
[[nodiscard]] Session judge_session(LogindSession const& session, LastInput const& terminal_input, UnixMs now_ms);

/// "active" or "idle", by the last touch.
[[nodiscard]] Fact<std::string> state_by_input(LastInput const& last_input, UnixMs now_ms);

} // namespace rollcall::platform
