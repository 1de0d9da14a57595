#include "platform/linux/logind.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

bool is_graphical(LogindSession const& session)
{
    return session.type == "x11" || session.type == "wayland" || session.type == "mir";
}

/// Desktops that tell logind when their user goes idle. Of another one, "not idle" may mean "never says".
bool reports_idle(LogindSession const& session)
{
    if (session.idle_since_us != 0) return true;
    std::string small(session.desktop);
    for (auto& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    static constexpr std::array<std::string_view, 7> names = {"gnome",    "ubuntu", "kde",     "plasma",
                                                              "cinnamon", "mate",   "pantheon"};
    return std::any_of(names.begin(), names.end(), [&](auto name) { return small.find(name) != std::string::npos; });
}

Fact<std::string> terminal_of(LogindSession const& session)
{
    if (!session.terminal.empty()) return session.terminal;
    if (!session.display.empty()) return session.display;
    if (session.vt != 0) return fmt::format("tty{}", session.vt);
    if (!session.seat.empty()) return session.seat;
    return fail(errc::not_found, "logind: a session without terminal");
}

} // namespace

bool is_persons_session(LogindSession const& session)
{
    return (session.session_class == "user" || session.session_class.starts_with("user-")) &&
           session.state != "closing";
}

Fact<std::string> state_by_input(LastInput const& last_input, UnixMs now_ms)
{
    if (!last_input) return Result<std::string>(last_input.error());
    auto const limit = std::chrono::milliseconds(idle_after).count();
    return std::string(now_ms - *last_input >= limit ? "idle" : "active");
}

Session judge_session(LogindSession const& session, LastInput const& terminal_input, UnixMs now_ms)
{
    bool const graphical = is_graphical(session);
    Session seen;
    seen.id = session.id;
    seen.user = session.user;
    seen.kind = session.remote ? "remote" : graphical ? "desktop" : "console";
    seen.from = session.remote ? session.remote_host : std::string();
    seen.terminal = terminal_of(session);
    if (session.since_us != 0)
        seen.since_ms = static_cast<UnixMs>(session.since_us / 1000);
    else
        seen.since_ms = fail(errc::not_found, "logind: no time of log-in");

    if (!graphical)
        seen.last_input_ms = terminal_input;
    else if (session.idle_hint && session.idle_since_us != 0)
        seen.last_input_ms = static_cast<UnixMs>(session.idle_since_us / 1000);
    else
        seen.last_input_ms = fail(errc::not_supported, "logind: the desktop tells only when its user goes idle");

    // A seat shows one session; the others of that seat are switched away.
    bool const switched_away = !session.seat.empty() && !session.active;
    if (session.locked_hint)
        seen.state = std::string("locked");
    else if (switched_away)
        seen.state = std::string("disconnected");
    else if (!graphical)
        seen.state = state_by_input(seen.last_input_ms, now_ms);
    else if (session.idle_hint)
        seen.state = std::string("idle");
    else if (reports_idle(session))
        seen.state = std::string("active");
    else
        seen.state = fail(errc::not_supported, "logind: this desktop does not tell when its user goes idle");
    return seen;
}

} // namespace rollcall::platform
