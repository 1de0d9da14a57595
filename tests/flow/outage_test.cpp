#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/flow/world.hpp"

using namespace rollcall;
using flow::cell;
using flow::World;
using namespace std::chrono_literals;

namespace
{

/// Three states and one series, so that what waits can be counted.
std::vector<std::string> const few_probes{"os", "hardware", "services", "sessions", "load"};

void log_in(World& world, int number)
{
    auto const name = "s" + std::to_string(number);
    world.machine.change("sessions", [&](flow::Scene& scene) {
        scene.sessions.push_back(flow::session(name, "user " + name, world.clock->now_ms()));
    });
}

/// What happens on a machine in 20 s: a log-in, a service that changes, a reading of the series.
void live_on(World& world, int round)
{
    auto const events = world.waiting(wire::Lane::event);
    auto const series = world.waiting(wire::Lane::series);
    world.pass(20s);
    log_in(world, round);
    world.machine.change("services", [&](flow::Scene& scene) {
        auto& cron = scene.services.at(0);
        cron = flow::service("cron.service", round % 2 == 0 ? "running" : "starting", world.clock->now_ms());
        cron.label = "round " + std::to_string(round);
    });
    REQUIRE(world.eventually(
        [&] { return world.waiting(wire::Lane::event) > events && world.waiting(wire::Lane::series) > series; }));
}

/// Every log-in of these rounds, each exactly once.
void check_log_ins(World& world, std::string const& id, int rounds)
{
    std::multiset<std::string> seen;
    for (auto const& event : world.events(id, "log_in"))
        seen.emplace(event.detail.at("session").as_string());
    CHECK(seen.size() == static_cast<std::size_t>(rounds));
    for (int round = 1; round <= rounds; ++round)
        CHECK(seen.count("s" + std::to_string(round)) == 1);
}

/// Moments at which the load was known.
std::size_t known_moments(World& world, std::string const& id)
{
    auto const curves = world.series(id, "load").curves;
    if (curves.empty()) return 0;
    auto const& points = curves.front().points;
    // Two readings of one moment are a millisecond apart.
    std::set<UnixMs> seconds;
    for (auto const& point : points)
        if (point.mean) seconds.insert(point.at_ms / 1000);
    return seconds.size();
}

bool all_sent(World& world)
{
    auto const lanes = world.agent().report().lanes;
    return lanes.at(0).records == 0 && lanes.at(1).records == 0;
}

} // namespace

TEST_CASE_FIXTURE(World, "flow: what happens while the connection is gone arrives afterwards, events exactly once")
{
    auto const id = begin(few_probes);
    REQUIRE(eventually([&] {
        return device(id).users.value == 0 && device(id).services.value && device(id).device_type.value &&
               known_moments(*this, id) == 1 && all_sent(*this);
    }));

    relay.cut();
    REQUIRE(eventually([&] { return device(id).availability == "offline"; }));
    for (int round = 1; round <= 6; ++round)
        live_on(*this, round);
    // Six changes of two probes wait as the latest of each.
    CHECK(eventually([&] { return waiting(wire::Lane::state) == 2; }));
    CHECK(waiting(wire::Lane::event) == 6);
    CHECK(device(id).users.value == 0);
    CHECK(agent().report().uplink.state != uplink::Status::State::connected);
    CHECK_FALSE(agent().report().uplink.problem.empty());

    relay.restore();
    REQUIRE(eventually_online(id));
    REQUIRE(eventually([&] { return device(id).users.value == 6 && all_sent(*this); }));
    check_log_ins(*this, id, 6);
    auto const services = table(id, "services");
    CHECK(cell(services, "cron.service", "label") == "round 6");
    CHECK(cell(services, "cron.service", "state") == "running");
    // Readings of one moment are one point: the clock stood still but for the six rounds.
    CHECK(eventually([&] { return known_moments(*this, id) == 7; }));
    CHECK(agent().report().uplink.problem.empty());
}

TEST_CASE_FIXTURE(World, "flow: a collector that is started again keeps all it acknowledged and raises no false alarm")
{
    auto const id = begin(few_probes);
    REQUIRE(eventually(
        [&] { return device(id).users.value == 0 && device(id).services.value && device(id).device_type.value; }));
    log_in(*this, 1);
    REQUIRE(
        eventually([&] { return device(id).users.value == 1 && known_moments(*this, id) == 1 && all_sent(*this); }));

    stop_collector();
    relay.cut();
    REQUIRE(eventually([&] { return agent().report().uplink.state != uplink::Status::State::connected; }));
    for (int round = 2; round <= 4; ++round)
        live_on(*this, round);

    start_collector();
    auto const row = device(id);
    CHECK(row.availability == "unknown");
    CHECK(row.availability_reason == "collector restarted");
    CHECK(row.users.value == 1);
    CHECK(row.services.value == 3);
    CHECK(row.os_name.value == "Debian GNU/Linux 12 (bookworm)");
    CHECK(row.device_type.value == "Server");
    CHECK(row.last_seen_ms);
    CHECK(known_moments(*this, id) == 1);
    check_log_ins(*this, id, 1);
    pass(30s);
    settle();
    CHECK(device(id).availability == "unknown");

    relay.restore();
    REQUIRE(eventually_online(id));
    REQUIRE(eventually([&] { return device(id).users.value == 4 && all_sent(*this); }));
    check_log_ins(*this, id, 4);
    CHECK(cell(table(id, "services"), "cron.service", "label") == "round 4");
    // One before, three rounds, and the half minute after the start.
    CHECK(eventually([&] { return known_moments(*this, id) == 5; }));
    for (int i = 0; i < 4; ++i) {
        pass(60s);
        settle();
    }
    CHECK(device(id).availability == "online");
    CHECK(alerts("device_offline", "open").empty());
    CHECK(alerts("device_offline", "resolved").empty());
}

TEST_CASE_FIXTURE(World, "flow: a connection that breaks again and again loses nothing and doubles nothing")
{
    auto const id = begin(few_probes);
    REQUIRE(eventually([&] { return device(id).users.value == 0; }));
    constexpr int rounds = 24;
    for (int round = 1; round <= rounds; ++round) {
        log_in(*this, round);
        // Sometimes before the log-in was seen, sometimes while it is told, sometimes later.
        auto looks = round % 6;
        CHECK(eventually([&] { return looks-- <= 0; }));
        relay.cut();
        relay.restore();
    }
    CHECK(eventually([&] { return device(id).users.value == rounds && all_sent(*this); }));
    check_log_ins(*this, id, rounds);
    CHECK(eventually_online(id));
}

TEST_CASE_FIXTURE(World, "flow: an agent that is stopped is offline at once, with its goodbye")
{
    auto const id = begin();
    stop_agent("agent", "update");
    CHECK(eventually([&] { return device(id).availability == "offline"; }));
    CHECK(device(id).availability_reason == "goodbye");
    CHECK(device(id).last_seen_ms == clock->now_ms());
    REQUIRE(eventually([&] { return events(id, "agent_stop").size() == 1; }));
    CHECK(events(id, "agent_stop").at(0).detail.at("reason") == "update");
}

TEST_CASE_FIXTURE(World, "flow: a cut connection is offline, and after its hold an alert until it is back")
{
    auto const id = begin();
    REQUIRE(eventually([&] { return device(id).device_type.value == "Server"; }));
    relay.cut();
    REQUIRE(eventually([&] { return device(id).availability == "offline"; }));
    CHECK(device(id).availability_reason == "closed");
    pass(59s);
    settle();
    CHECK(alerts("device_offline", "open").empty());
    CHECK(eventually([&] {
        pass(1s);
        return alerts("device_offline", "open").size() == 1;
    }));
    auto const alert = alerts("device_offline", "open").at(0);
    CHECK(alert.severity == "critical"); // It is a server.
    CHECK(alert.device_id == id);

    relay.restore();
    REQUIRE(eventually_online(id));
    CHECK(eventually([&] { return alerts("device_offline", "open").empty(); }));
    CHECK(alerts("device_offline", "resolved").size() == 1);
}
