#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "platform/macos/plist.hpp"
#include "platform/sessions.hpp"

/// Who is logged in to a Mac, by what the kernel and the log-in records say.
namespace rollcall::platform
{

/// A record of utmpx (getutxent(3)).
struct MacLogin {
    std::string user;
    std::string line; ///< "console" for the screen, else a terminal: "ttys003".
    std::string host; ///< Empty for a local one.
    std::int64_t pid{};
    UnixMs at_ms{};
};

/// A person at the screen, in front or switched away: an entry of IOConsoleUsers.
struct ConsoleUser {
    std::string user;
    std::int64_t session{}; ///< The window server's number, 0 where it tells none.
    bool on_console{};
    bool locked{}; ///< CGSSessionScreenIsLocked, which is there only while it is.
};

/// Those who finished their log-in; the window of the log-in itself, and what sets a new machine up, are nobody.
/// bad_message: that is no list of users.
[[nodiscard]] Result<std::vector<ConsoleUser>> console_users(plist::Value const& io_console_users);

struct MacSessionFacts {
    std::vector<MacLogin> logins; ///< Those whose processes live.
    Result<std::vector<ConsoleUser>> console{std::vector<ConsoleUser>{}};
    std::string console_owner;       ///< Whose /dev/console is; "root": nobody's.
    Result<std::int64_t> idle_ns{0}; ///< HIDIdleTime: of keyboard, mouse and their like.
    std::function<Fact<UnixMs>(std::string const& line)> last_input; ///< Of a terminal.
    UnixMs now_ms{};
};

/// The sessions: each person at the screen once, and each terminal that came over the network, or to someone who has no
/// session at the screen. Without the list of the console its owner is one, but then nobody knows of a lock.
[[nodiscard]] std::vector<Session> judge_mac_sessions(MacSessionFacts const& facts);

/// "desktop", "console" or "remote".
[[nodiscard]] std::string mac_login_kind(MacLogin const& login);
/// Is that a person, not the window of the log-in or the assistant of a new machine?
[[nodiscard]] bool is_mac_person(std::string_view user);

} // namespace rollcall::platform
