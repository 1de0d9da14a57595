#include <doctest/doctest.h>

#include "platform/linux/logind.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

constexpr UnixMs now_ms = 1'800'000'000'000;
constexpr UnixMs minute_ms = 60'000;

LogindSession ssh_session()
{
    LogindSession session;
    session.id = "7";
    session.user = "ann";
    session.session_class = "user";
    session.type = "tty";
    session.state = "active";
    session.terminal = "pts/0";
    session.remote = true;
    session.remote_host = "198.51.100.7";
    session.active = true;
    session.since_us = 1'799'000'000'000'000;
    return session;
}

LogindSession desktop_session()
{
    LogindSession session;
    session.id = "2";
    session.user = "ann";
    session.session_class = "user";
    session.type = "wayland";
    session.state = "active";
    session.seat = "seat0";
    session.desktop = "GNOME";
    session.vt = 2;
    session.active = true;
    session.since_us = 1'799'000'000'000'000;
    return session;
}

} // namespace

TEST_CASE("logind: a terminal's last input decides between active and idle")
{
    auto seen = judge_session(ssh_session(), UnixMs{now_ms - minute_ms}, now_ms);
    CHECK(seen.kind == "remote");
    CHECK(seen.from == "198.51.100.7");
    CHECK(*seen.terminal == "pts/0");
    CHECK(*seen.state == "active");
    CHECK(*seen.since_ms == 1'799'000'000'000);
    CHECK(*seen.last_input_ms == now_ms - minute_ms);

    seen = judge_session(ssh_session(), UnixMs{now_ms - 5 * minute_ms}, now_ms);
    CHECK(*seen.state == "idle");
    CHECK(*judge_session(ssh_session(), UnixMs{now_ms - 5 * minute_ms + 1}, now_ms).state == "active");
}

TEST_CASE("logind: without a terminal to look at nobody knows, and it is not called active")
{
    auto const seen = judge_session(ssh_session(), fail(errc::not_found, "x"), now_ms);
    CHECK_FALSE(seen.state);
    CHECK_FALSE(seen.last_input_ms);
}

TEST_CASE("logind: a desktop is idle when it says so, active when it would say, else unknown")
{
    auto session = desktop_session();
    LastInput const none = fail(errc::not_found, "x");
    auto seen = judge_session(session, none, now_ms);
    CHECK(seen.kind == "desktop");
    CHECK(*seen.terminal == "tty2");
    CHECK(*seen.state == "active");
    CHECK_FALSE(seen.last_input_ms);

    session.desktop = "i3";
    CHECK_FALSE(judge_session(session, none, now_ms).state);
    session.idle_since_us = 1'799'000'000'000'000; // It has reported before.
    CHECK(*judge_session(session, none, now_ms).state == "active");
    session.idle_hint = true;
    seen = judge_session(session, none, now_ms);
    CHECK(*seen.state == "idle");
    CHECK(*seen.last_input_ms == 1'799'000'000'000);
}

TEST_CASE("logind: locked goes before switched away, and both before idle")
{
    auto session = desktop_session();
    LastInput const none = fail(errc::not_found, "x");
    session.active = false;
    session.state = "online";
    CHECK(*judge_session(session, none, now_ms).state == "disconnected");
    session.locked_hint = true;
    CHECK(*judge_session(session, none, now_ms).state == "locked");
}

TEST_CASE("logind: greeters, managers and sessions on their way out are nobody's")
{
    auto session = ssh_session();
    CHECK(is_persons_session(session));
    session.session_class = "user-early";
    CHECK(is_persons_session(session));
    for (auto const* const name : {"greeter", "manager", "background", "lock-screen", ""}) {
        session.session_class = name;
        CHECK_FALSE(is_persons_session(session));
    }
    session = ssh_session();
    session.state = "closing";
    CHECK_FALSE(is_persons_session(session));
}

TEST_CASE("logind: a local session comes from nowhere, even if a host is written there")
{
    auto session = desktop_session();
    session.remote_host = "evil";
    CHECK(judge_session(session, fail(errc::not_found, "x"), now_ms).from.empty());
    session.since_us = 0;
    CHECK_FALSE(judge_session(session, fail(errc::not_found, "x"), now_ms).since_ms);
}
