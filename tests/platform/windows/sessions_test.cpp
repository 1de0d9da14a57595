#include <doctest/doctest.h>

#include <set>
#include <string>

#include "platform/sessions.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("sessions: persons' sessions have users, kinds and known states; nobody is an answer, too")
{
    auto const sessions = make_sessions()->list();
    REQUIRE(sessions);
    std::set<std::string> const states = {"active", "idle", "locked", "disconnected"};
    for (auto const& session : *sessions) {
        CHECK_FALSE(session.id.empty());
        CHECK_FALSE(session.user.empty());
        CHECK((session.kind == "desktop" || session.kind == "remote"));
        if (session.state) CHECK(states.contains(*session.state));
    }
}

TEST_CASE("sessions: the last log-in is a person's, or there is none on record")
{
    auto const login = make_sessions()->last_login();
    if (login) {
        CHECK_FALSE(login->user.empty());
        CHECK(login->at_ms > clock_never_set_ms);
    } else {
        CHECK_FALSE(login.error().trace.empty());
    }
}
