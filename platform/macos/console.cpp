#include "platform/macos/console.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

constexpr std::string_view console_line = "console";

MacLogin const* console_login(MacSessionFacts const& facts, std::string_view user)
{
    MacLogin const* newest = nullptr;
    for (auto const& login : facts.logins)
        if (login.line == console_line && login.user == user && (newest == nullptr || login.at_ms > newest->at_ms))
            newest = &login;
    return newest;
}

Fact<std::string> by_last_input(Fact<UnixMs> const& last_input_ms, UnixMs now_ms)
{
    if (!last_input_ms) return Result<std::string>(last_input_ms.error());
    bool const idle = now_ms - *last_input_ms >= std::chrono::milliseconds(idle_after).count();
    return std::string(idle ? "idle" : "active");
}

/// What somebody does at the keyboard counts for whom the screen shows.
Fact<UnixMs> console_input(MacSessionFacts const& facts)
{
    static constexpr std::int64_t ns_per_ms = 1'000'000;
    if (!facts.idle_ns) return Result<UnixMs>(facts.idle_ns.error());
    if (*facts.idle_ns < 0) return fail(errc::bad_message, "sessions: HIDIdleTime");
    return facts.now_ms - *facts.idle_ns / ns_per_ms;
}

Session desktop_session(MacSessionFacts const& facts, ConsoleUser const& user)
{
    Session session;
    session.id = user.session > 0 ? fmt::format("window-{}", user.session) : fmt::format("console-{}", user.user);
    session.user = user.user;
    session.kind = "desktop";
    session.terminal = std::string(console_line);
    if (auto const* const login = console_login(facts, user.user))
        session.since_ms = login->at_ms;
    else
        session.since_ms = fail(errc::not_found, "sessions: utmpx has no log-in of it");
    if (!user.on_console) {
        session.state = std::string("disconnected");
        session.last_input_ms = fail(errc::not_supported, "sessions: macOS tells the input of the session in front");
        return session;
    }
    session.last_input_ms = console_input(facts);
    session.state =
        user.locked ? Fact<std::string>(std::string("locked")) : by_last_input(session.last_input_ms, facts.now_ms);
    return session;
}

Session terminal_session(MacSessionFacts const& facts, MacLogin const& login)
{
    Session session;
    session.id = fmt::format("{}-{}", login.line, login.pid);
    session.user = login.user;
    session.kind = mac_login_kind(login);
    session.from = login.host;
    session.terminal = login.line;
    session.since_ms = login.at_ms;
    session.last_input_ms = facts.last_input(login.line);
    session.state = by_last_input(session.last_input_ms, facts.now_ms);
    return session;
}

} // namespace

bool is_mac_person(std::string_view user)
{
    return !user.empty() && user != "root" && user != "loginwindow" && user != "_mbsetupuser";
}

std::string mac_login_kind(MacLogin const& login)
{
    if (login.line == console_line) return "desktop";
    return login.host.empty() ? "console" : "remote";
}

Result<std::vector<ConsoleUser>> console_users(plist::Value const& io_console_users)
{
    if (!std::holds_alternative<plist::Array>(io_console_users.content()))
        return fail(errc::bad_message, "sessions: IOConsoleUsers is no list");
    std::vector<ConsoleUser> users;
    for (auto const& entry : io_console_users.array()) {
        ConsoleUser user;
        user.user = entry.text("kCGSSessionUserNameKey");
        // Some versions leave the mark out.
        if (!is_mac_person(user.user) || entry.boolean("kCGSessionLoginDoneKey") == false) continue;
        user.session = entry.integer("kCGSSessionIDKey").value_or(0);
        user.on_console = entry.boolean("kCGSSessionOnConsoleKey").value_or(false);
        user.locked = entry.boolean("CGSSessionScreenIsLocked").value_or(false) ||
                      entry.integer("CGSSessionScreenIsLocked").value_or(0) != 0;
        users.push_back(std::move(user));
    }
    return users;
}

std::vector<Session> judge_mac_sessions(MacSessionFacts const& facts)
{
    std::vector<Session> sessions;
    if (facts.console) {
        for (auto const& user : *facts.console)
            sessions.push_back(desktop_session(facts, user));
    } else if (is_mac_person(facts.console_owner)) {
        auto session = desktop_session(facts, {.user = facts.console_owner, .on_console = true});
        session.state = Result<std::string>(facts.console.error());
        sessions.push_back(std::move(session));
    }
    auto const has_desktop = [&sessions, count = sessions.size()](std::string_view user) {
        return std::any_of(sessions.begin(), sessions.begin() + static_cast<std::ptrdiff_t>(count),
                           [&](auto const& session) { return session.user == user; });
    };
    for (auto const& login : facts.logins) {
        if (login.line == console_line || login.user.empty()) continue;
        // A window with a terminal belongs to the session that shows it.
        if (login.host.empty() && has_desktop(login.user)) continue;
        sessions.push_back(terminal_session(facts, login));
    }
    return sessions;
}

} // namespace rollcall::platform
