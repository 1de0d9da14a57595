#include <doctest/doctest.h>

#include <set>

#include "collector/backup.hpp"
#include "tests/flow/world.hpp"

using namespace rollcall;
using flow::cell;
using flow::World;
using namespace std::chrono_literals;

static void log_in_soon(World& world, int number)
{
    world.pass(1s);
    auto const name = "s" + std::to_string(number);
    world.machine.change("sessions", [&](flow::Scene& scene) {
        scene.sessions.push_back(flow::session(name, "user " + name, world.clock->now_ms()));
    });
}

static std::multiset<std::string> log_ins(World& world, std::string const& id)
{
    std::multiset<std::string> seen;
    for (auto const& event : world.events(id, "log_in"))
        seen.emplace(event.detail.at("session").as_string());
    return seen;
}

TEST_CASE_FIXTURE(World, "flow: a collector restored from a backup meets its devices again, and tells what it lost")
{
    auto const id = begin({"os", "hardware", "sessions"});
    auto const all_sent = [&] {
        auto const lanes = agent().report().lanes;
        return lanes.at(0).records == 0 && lanes.at(1).records == 0;
    };
    for (int number = 1; number <= 3; ++number)
        log_in_soon(*this, number);
    REQUIRE(eventually([&] { return device(id).users.value == 3 && log_ins(*this, id).size() == 3 && all_sent(); }));
    REQUIRE(collector::back_up(folder / "collector", folder / "backup", *clock));
    // The collector has acknowledged these, so the agent has forgotten them; the backup does not know them.
    for (int number = 4; number <= 5; ++number)
        log_in_soon(*this, number);
    REQUIRE(eventually([&] { return device(id).users.value == 5 && log_ins(*this, id).size() == 5 && all_sent(); }));

    stop_collector();
    relay.cut();
    REQUIRE(eventually([&] { return agent().report().uplink.state != uplink::Status::State::connected; }));
    REQUIRE(collector::restore_backup(folder / "backup", folder / "restored"));
    start_collector("restored");
    CHECK(device(id).users.value == 3);
    CHECK(log_ins(*this, id) == std::multiset<std::string>{"s1", "s2", "s3"});
    CHECK_FALSE(captured.has("agent.gap"));

    relay.restore();
    REQUIRE(eventually_online(id));
    CHECK(eventually([&] { return device(id).users.value == 5; }));
    CHECK(captured.has("agent.gap"));
    log_in_soon(*this, 6);
    CHECK(eventually([&] { return device(id).users.value == 6 && log_ins(*this, id).size() == 4; }));
    CHECK(log_ins(*this, id) == std::multiset<std::string>{"s1", "s2", "s3", "s6"});
    CHECK(eventually(all_sent));
}
