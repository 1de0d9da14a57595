#include <doctest/doctest.h>

#include "agent/probe/events.hpp"
#include "common/wire/catalogue.hpp"

using namespace rollcall;
using namespace rollcall::probe;

namespace
{

constexpr UnixMs now_ms = 1'800'000'000'000;

Row session(std::string state, UnixMs since_ms = now_ms - 5'000)
{
    return {{"user", std::string("ann")},
            {"kind", std::string("remote")},
            {"from", std::string("198.51.100.7")},
            {"state", std::move(state)},
            {"since_ms", since_ms}};
}

std::string kinds(std::vector<wire::Event> const& events)
{
    std::string text;
    for (auto const& event : events)
        text += event.name + " ";
    return text;
}

Row service(std::string state, UnixMs since_ms = now_ms)
{
    return {{"state", std::move(state)}, {"since_ms", since_ms}, {"result", std::string("exit-code")}};
}

} // namespace

TEST_CASE("events: a session that appears is a log-in at its own time, one that vanishes a log-out")
{
    auto const in = session_events({}, {{"7", session("active")}}, now_ms);
    REQUIRE(in.size() == 1);
    CHECK(in[0].name == "log_in");
    CHECK(in[0].at_ms == now_ms - 5'000);
    CHECK(std::get<std::string>(in[0].detail.at("user")) == "ann");
    CHECK(std::get<std::string>(in[0].detail.at("session")) == "7");
    CHECK(std::get<std::string>(in[0].detail.at("from")) == "198.51.100.7");
    auto const out = session_events({{"7", session("active")}}, {}, now_ms);
    CHECK(kinds(out) == "log_out ");
    CHECK(out[0].at_ms == now_ms);
}

TEST_CASE("events: every user's session counts, not only the first")
{
    CHECK(kinds(session_events({}, {{"1", session("active")}, {"2", session("idle")}, {"3", session("locked")}},
                               now_ms)) == "log_in log_in log_in ");
}

TEST_CASE("events: an id that came back with another beginning is another session")
{
    CHECK(kinds(session_events({{"1", session("active", 1000)}}, {{"1", session("active", 2000)}}, now_ms)) ==
          "log_out log_in ");
}

TEST_CASE("events: locks are told, idleness is not, and from unknown nobody can tell")
{
    auto const change = [](Row before, Row after) {
        return kinds(session_events({{"1", std::move(before)}}, {{"1", std::move(after)}}, now_ms));
    };
    CHECK(change(session("active"), session("locked")) == "lock ");
    CHECK(change(session("locked"), session("idle")) == "unlock ");
    CHECK(change(session("active"), session("idle")).empty());
    CHECK(change(session("locked"), session("locked")).empty());
    auto unclear = session("active");
    unclear["state"] = unknown(errc::not_supported);
    CHECK(change(unclear, session("locked")).empty());
    CHECK(change(session("locked"), unclear).empty());
    unclear.erase("state");
    CHECK(change(session("locked"), unclear).empty());
}

TEST_CASE("events: a time that is unknown or in the future is now")
{
    auto row = session("active");
    row["since_ms"] = unknown(errc::not_found);
    CHECK(session_events({}, {{"1", row}}, now_ms)[0].at_ms == now_ms);
    CHECK(session_events({}, {{"1", session("active", now_ms + 99'000)}}, now_ms)[0].at_ms == now_ms);
}

TEST_CASE("events: a service that fails is told once for each failure")
{
    auto const events =
        service_events({{"a", service("running")}}, {{"a", service("failed")}, {"b", service("failed")}}, now_ms);
    CHECK(kinds(events) == "service_failed service_failed ");
    CHECK(std::get<std::string>(events[0].detail.at("service")) == "a");
    CHECK(std::get<std::string>(events[0].detail.at("result")) == "exit-code");
    CHECK(service_events({{"a", service("failed")}}, {{"a", service("failed")}}, now_ms).empty());
    CHECK(kinds(service_events({{"a", service("failed", 1000)}}, {{"a", service("failed", 2000)}}, now_ms)) ==
          "service_failed ");
    CHECK(service_events({{"a", service("failed")}}, {}, now_ms).empty());
    CHECK(service_events({{"a", service("failed")}}, {{"a", service("running")}}, now_ms).empty());
}

TEST_CASE("events: a boot is told when the boot id changed, not at the first look and not when it is unknown")
{
    Snapshot const os = {{"", {{"boot_id", std::string("new")}, {"boot_ms", UnixMs{now_ms - 60'000}}}}};
    CHECK(boot_id_of(os) == "new");
    CHECK_FALSE(boot_event(std::nullopt, os, now_ms));
    CHECK_FALSE(boot_event("new", os, now_ms));
    auto const event = boot_event("old", os, now_ms);
    REQUIRE(event);
    CHECK(event->name == "boot");
    CHECK(event->at_ms == now_ms - 60'000);
    CHECK(std::get<std::string>(event->detail.at("boot_id")) == "new");
    Snapshot const dark = {{"", {{"boot_id", unknown(errc::permission_denied)}}}};
    CHECK_FALSE(boot_event("old", dark, now_ms));
    CHECK_FALSE(boot_event("old", {}, now_ms));
}

TEST_CASE("events: what they tell is declared")
{
    auto const fits = [](wire::Event const& event) {
        auto const* const type = wire::find_event_type(event.name);
        REQUIRE(type != nullptr);
        for (auto const& cell : event.detail)
            CHECK(std::any_of(type->columns.begin(), type->columns.end(),
                              [&](auto const& column) { return column.name == cell.first; }));
    };
    for (auto const& event : session_events({{"1", session("active")}, {"2", session("active")}},
                                            {{"2", session("locked")}, {"3", session("idle")}}, now_ms))
        fits(event);
    for (auto const& event : service_events({}, {{"a", service("failed")}}, now_ms))
        fits(event);
    fits(*boot_event("old", {{"", {{"boot_id", std::string("new")}}}}, now_ms));
}
