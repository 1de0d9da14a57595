#include <doctest/doctest.h>

#include "platform/macos/console.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/macos/fixture.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

constexpr UnixMs console_now_ms = 1'795'343'000'000;
constexpr std::int64_t second_ns = 1'000'000'000;

MacSessionFacts recorded()
{
    MacSessionFacts facts;
    facts.console = console_users(*plist::parse(test::mac_fixture("console/users.plist")));
    facts.console_owner = "𝒜da";
    facts.idle_ns = 30 * second_ns;
    facts.last_input = [](std::string const&) -> Fact<UnixMs> { return console_now_ms - 1'000; };
    facts.now_ms = console_now_ms;
    facts.logins = {
        {.user = "𝒜da", .line = "console", .host = "", .pid = 100, .at_ms = console_now_ms - 3'600'000},
        {.user = "𝒜da", .line = "ttys000", .host = "", .pid = 200, .at_ms = console_now_ms - 60'000},
        {.user = "𝒜da", .line = "ttys001", .host = "192.0.2.7", .pid = 300, .at_ms = console_now_ms - 50'000},
        {.user = "cronus", .line = "ttys002", .host = "", .pid = 400, .at_ms = console_now_ms - 40'000}};
    return facts;
}

} // namespace

TEST_CASE("console: who sits in front is active, who was switched away is disconnected, the log-in window is nobody")
{
    auto const sessions = judge_mac_sessions(recorded());
    REQUIRE(sessions.size() == 4);
    CHECK(sessions[0].id == "window-257");
    CHECK(sessions[0].user == "𝒜da");
    CHECK(sessions[0].kind == "desktop");
    CHECK(*sessions[0].state == "active");
    CHECK(*sessions[0].since_ms == console_now_ms - 3'600'000);
    CHECK(*sessions[0].last_input_ms == console_now_ms - 30'000);
    CHECK(sessions[1].user == "grace");
    CHECK(*sessions[1].state == "disconnected");
    CHECK_FALSE(sessions[1].since_ms);
    CHECK(reason(sessions[1].last_input_ms.error()) == "not_supported");
}

TEST_CASE("console: a terminal over the network is a session of its own, a window with one is not")
{
    auto const sessions = judge_mac_sessions(recorded());
    REQUIRE(sessions.size() == 4);
    CHECK(sessions[2].id == "ttys001-300");
    CHECK(sessions[2].kind == "remote");
    CHECK(sessions[2].from == "192.0.2.7");
    CHECK(*sessions[2].state == "active");
    CHECK(sessions[3].user == "cronus");
    CHECK(sessions[3].kind == "console");
}

TEST_CASE("console: five minutes without input are idle; a locked screen is locked, whoever touches the keyboard")
{
    auto facts = recorded();
    facts.idle_ns = 300 * second_ns;
    CHECK(*judge_mac_sessions(facts)[0].state == "idle");
    facts.idle_ns = 299 * second_ns;
    CHECK(*judge_mac_sessions(facts)[0].state == "active");
    facts.console->front().locked = true;
    CHECK(*judge_mac_sessions(facts)[0].state == "locked");
}

TEST_CASE("console: what the system does not tell is unknown with its reason, not active")
{
    auto facts = recorded();
    facts.idle_ns = fail(errc::not_supported, "no HIDIdleTime");
    CHECK(reason(judge_mac_sessions(facts)[0].state.error()) == "not_supported");
    facts.idle_ns = -1;
    CHECK(reason(judge_mac_sessions(facts)[0].state.error()) == "bad_message");

    facts = recorded();
    facts.console = fail(errc::io, "IOKit");
    auto const sessions = judge_mac_sessions(facts);
    REQUIRE(sessions.size() == 3);
    CHECK(sessions[0].id == "console-𝒜da");
    CHECK(reason(sessions[0].state.error()) == "io");
    CHECK(*sessions[0].last_input_ms == console_now_ms - 30'000);
    facts.console_owner = "root";
    facts.logins.clear();
    CHECK(judge_mac_sessions(facts).empty());
}

TEST_CASE("console: a list of users that is none is a bad message, an empty one is nobody")
{
    CHECK(console_users(*plist::parse("<array/>"))->empty());
    CHECK(reason(console_users(*plist::parse("<dict/>")).error()) == "bad_message");
    CHECK(console_users(*plist::parse("<array><string>x</string><dict/></array>"))->empty());
    auto const locked =
        console_users(*plist::parse("<array><dict><key>kCGSSessionUserNameKey</key><string>ada</string>"
                                    "<key>CGSSessionScreenIsLocked</key><integer>1</integer></dict></array>"));
    REQUIRE(locked->size() == 1);
    CHECK(locked->front().locked);
    test::torment(test::mac_fixture("console/users.plist"), [](std::string_view text) {
        auto const value = plist::parse(text);
        return value && console_users(*value).has_value();
    });
}
