#include <doctest/doctest.h>

#include "platform/windows/clock.hpp"
#include "platform/windows/wts_session.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

constexpr UnixMs now_ms = 1'800'000'000'000;

std::uint64_t file_time_of(UnixMs ms) { return static_cast<std::uint64_t>(ms + 11'644'473'600'000) * 10'000; }

WtsFacts at_the_console()
{
    WtsFacts facts;
    facts.id = 1;
    facts.user = "anna";
    facts.domain = "OFFICE";
    facts.station = "Console";
    facts.flags = std::int32_t{1};
    facts.log_on_file_time = file_time_of(now_ms - 3'600'000);
    facts.last_input_file_time = file_time_of(now_ms - 1'000);
    return facts;
}

std::string state_text(WtsFacts const& facts)
{
    auto const session = judge_session(facts, now_ms);
    return session.state ? *session.state : std::string(reason(session.state.error()));
}

} // namespace

TEST_CASE("wts_session: who works at the machine is active at its desktop")
{
    auto const session = judge_session(at_the_console(), now_ms);
    CHECK(session.id == "1");
    CHECK(session.user == "OFFICE\\anna");
    CHECK(session.kind == "desktop");
    CHECK(session.from.empty());
    CHECK(*session.terminal == "Console");
    CHECK(*session.state == "active");
    CHECK(*session.since_ms == now_ms - 3'600'000);
    CHECK(*session.last_input_ms == now_ms - 1'000);
}

TEST_CASE("wts_session: five minutes without input are idle, a lock is a lock, and nobody before it is disconnected")
{
    auto facts = at_the_console();
    facts.last_input_file_time = file_time_of(now_ms - 300'000);
    CHECK(state_text(facts) == "idle");
    facts.flags = std::int32_t{0};
    CHECK(state_text(facts) == "locked");
    facts.connect_state = 4;
    facts.station.clear();
    CHECK(state_text(facts) == "disconnected");
    CHECK_FALSE(judge_session(facts, now_ms).terminal);
}

TEST_CASE("wts_session: a last input of zero is unknown, and so is the state")
{
    auto facts = at_the_console();
    facts.last_input_file_time = 0;
    CHECK(state_text(facts) == "not_supported");
    CHECK_FALSE(judge_session(facts, now_ms).last_input_ms);
    facts.flags = std::int32_t{0};
    CHECK(state_text(facts) == "locked");
    facts = at_the_console();
    facts.flags = std::int32_t{-1};
    CHECK(state_text(facts) == "not_supported");
}

TEST_CASE("wts_session: a last input at the very moment of the answer is none that anybody saw")
{
    auto facts = at_the_console();
    facts.answered_file_time = facts.last_input_file_time;
    CHECK_FALSE(judge_session(facts, now_ms).last_input_ms);
    CHECK(state_text(facts) == "not_supported");
    ++facts.answered_file_time;
    CHECK(state_text(facts) == "active");
}

TEST_CASE("wts_session: who comes over the network says where from")
{
    auto facts = at_the_console();
    facts.protocol = 2;
    facts.client_name = "LAPTOP-7";
    facts.client_address = "10.0.0.7";
    auto session = judge_session(facts, now_ms);
    CHECK(session.kind == "remote");
    CHECK(session.from == "LAPTOP-7 (10.0.0.7)");
    facts.client_name.clear();
    session = judge_session(facts, now_ms);
    CHECK(session.from == "10.0.0.7");
}

TEST_CASE("wts_session: services, listeners and the log-in picture are nobody's")
{
    auto facts = at_the_console();
    CHECK(is_persons_session(facts));
    facts.connect_state = 6;
    CHECK_FALSE(is_persons_session(facts));
    facts = at_the_console();
    facts.user.clear();
    CHECK_FALSE(is_persons_session(facts));
    CHECK(account_name("", "anna") == "anna");
}
