#include "platform/windows/wts_session.hpp"

#include <chrono>

#include <fmt/format.h>

#include "platform/windows/clock.hpp"

namespace rollcall::platform
{

namespace
{

// As wtsapi32.h numbers them; spelled so that this file needs no Windows.
namespace wts
{
constexpr std::uint32_t active = 0;
constexpr std::uint32_t connected = 1;
constexpr std::uint32_t shadow = 3;
constexpr std::uint32_t disconnected = 4;
constexpr std::uint32_t idle = 5;

constexpr std::uint32_t console_protocol = 0;

constexpr std::int32_t locked = 0;
constexpr std::int32_t unlocked = 1;
} // namespace wts

Fact<std::string> state_of_session(WtsFacts const& facts, Fact<UnixMs> const& last_input_ms, UnixMs now_ms)
{
    // Nobody is before it. Windows locks such a session too, so that says nothing more.
    if (facts.connect_state == wts::disconnected || facts.connect_state == wts::idle)
        return std::string("disconnected");
    if (facts.flags && *facts.flags == wts::locked) return std::string("locked");
    if (!last_input_ms) return Result<std::string>(last_input_ms.error());
    if (now_ms - *last_input_ms >= std::chrono::milliseconds(idle_after).count()) return std::string("idle");
    // Somebody touched it just now; whether it is locked since is not told.
    if (!facts.flags) return Result<std::string>(facts.flags.error());
    if (*facts.flags != wts::unlocked) return fail(errc::not_supported, "sessions: Windows does not tell the lock");
    return std::string("active");
}

} // namespace

std::string account_name(std::string_view domain, std::string_view user)
{
    return domain.empty() ? std::string(user) : fmt::format("{}\\{}", domain, user);
}

bool is_persons_session(WtsFacts const& facts)
{
    bool const alive = facts.connect_state == wts::active || facts.connect_state == wts::connected ||
                       facts.connect_state == wts::shadow || facts.connect_state == wts::disconnected ||
                       facts.connect_state == wts::idle;
    return alive && !facts.user.empty();
}

Session judge_session(WtsFacts const& facts, UnixMs now_ms)
{
    Session session;
    session.id = fmt::format("{}", facts.id);
    session.user = account_name(facts.domain, facts.user);
    bool const remote = facts.protocol != wts::console_protocol;
    session.kind = remote ? "remote" : "desktop";
    if (remote && !facts.client_name.empty() && !facts.client_address.empty())
        session.from = fmt::format("{} ({})", facts.client_name, facts.client_address);
    else if (remote)
        session.from = facts.client_name + facts.client_address;
    if (facts.station.empty())
        session.terminal = fail(errc::not_found, "sessions: nothing is connected to it");
    else
        session.terminal = facts.station;
    if (facts.log_on_file_time == 0)
        session.since_ms = fail(errc::not_found, "sessions: Windows tells no time of the log-on");
    else
        session.since_ms = unix_ms(facts.log_on_file_time);
    // Where nobody watches a session's input, as at some consoles, it is said to have come at the very 100 ns of the
    // answer.
    bool const made_up = facts.last_input_file_time == facts.answered_file_time;
    if (facts.last_input_file_time == 0 || made_up)
        session.last_input_ms = fail(errc::not_supported, "sessions: Windows tells no last input of this session");
    else
        session.last_input_ms = unix_ms(facts.last_input_file_time);
    session.state = state_of_session(facts, session.last_input_ms, now_ms);
    return session;
}

} // namespace rollcall::platform
