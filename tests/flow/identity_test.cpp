#include <doctest/doctest.h>

#include <set>

#include "tests/flow/world.hpp"

using namespace rollcall;
using flow::FakeMachine;
using flow::Scene;
using flow::World;
using namespace std::chrono_literals;

namespace
{

std::vector<std::string> const probes{"os", "hardware", "services", "sessions", "disks"};

/// Another machine of the same kind: nothing of the first is in it.
struct OtherMachine : FakeMachine {
    OtherMachine(UnixMs now_ms, int number)
        : FakeMachine(now_ms)
    {
        change("hardware", [number](Scene& scene) {
            auto const name = std::to_string(number);
            scene.identity = "fake hardware " + name;
            scene.disks[0].serial = "D-" + name;
            scene.os.boot_id = "boot of " + name;
            scene.os.host_name = "machine-" + name;
        });
    }
};

/// The device that is none of these; "" while there is none.
std::string other_device(World& world, std::set<std::string> const& known)
{
    for (auto const& row : world.devices().items)
        if (!known.contains(row.id)) return row.id;
    return {};
}

std::string device_of(World const& world, std::string const& name)
{
    auto const identity = uplink::load_identity(world.folder / name);
    REQUIRE(identity);
    return identity->device_id;
}

void log_in_as(World const& world, FakeMachine& machine, std::string const& user)
{
    machine.change("sessions", [&](Scene& scene) {
        scene.sessions.push_back(flow::session("s-" + user, user, world.clock->now_ms()));
    });
}

std::multiset<std::string> users(World& world, std::string const& id)
{
    std::multiset<std::string> seen;
    for (auto const& event : world.events(id, "log_in"))
        seen.emplace(event.detail.at("user").as_string());
    return seen;
}

} // namespace

TEST_CASE_FIXTURE(World, "flow: a copied disk that runs beside the original becomes a device of its own, and the "
                         "original stays what it is")
{
    auto const id = begin(probes);
    stop_agent();
    copy_disk("agent", "copy");
    OtherMachine const second(clock->now_ms(), 2);
    start_agent("agent", probes);
    REQUIRE(eventually_online(id));
    start_agent("copy", probes, &second);
    REQUIRE(eventually([&] { return device_of(*this, "copy") != id; }));
    auto const copy = device_of(*this, "copy");
    REQUIRE(eventually_online(copy));
    CHECK(eventually([&] { return device(copy).services.value == 3; }));
    CHECK(device(id).availability == "online");
    CHECK(device(copy).name == "machine-2");
    CHECK(device(copy).customer_id == device(id).customer_id);
    CHECK(devices().total == 2);
    CHECK(uplink::load_identity(folder / "copy")->tls.key_pem != uplink::load_identity(folder / "agent")->tls.key_pem);
    // Nobody was shown the door for the other's sake, and both are told of it where people look.
    CHECK_FALSE(captured.has("agent.replaced"));
    REQUIRE(events(id, "disk_copied").size() == 1);
    CHECK(events(id, "disk_copied")[0].detail.at("device_id").as_string() == copy);
    REQUIRE(events(copy, "made_from_copy").size() == 1);
    CHECK(events(copy, "made_from_copy")[0].detail.at("device_id").as_string() == id);

    stop_agent();
    stop_agent("copy");
    start_agent("copy", probes, &second);
    start_agent("agent", probes);
    CHECK(eventually_online(id));
    CHECK(eventually_online(copy));
    CHECK(devices().total == 2);
    CHECK(events(id, "disk_copied").size() == 1);
}

TEST_CASE_FIXTURE(World, "flow: a copied disk that runs after the original was switched off does not take its place, "
                         "and neither tells what the other saw")
{
    auto const id = begin(probes);
    REQUIRE(eventually([&] { return device(id).services.value == 3; }));
    relay.cut();
    log_in_as(*this, machine, "alice");
    REQUIRE(eventually([&] { return waiting(wire::Lane::event) >= 1; }));
    stop_agent();
    copy_disk("agent", "copy");

    OtherMachine second(clock->now_ms(), 2);
    start_agent("copy", probes, &second);
    REQUIRE(eventually([&] { return captured.has("agent.copied_disk"); }));
    REQUIRE(eventually([&] { return agent("copy").report().lanes.at(1).records >= probes.size(); }));
    log_in_as(*this, second, "bob"); // Before anybody told it who it is.
    REQUIRE(eventually([&] { return agent("copy").report().lanes.at(0).records >= 2; }));
    relay.restore();
    REQUIRE(eventually([&] { return device_of(*this, "copy") != id; }));
    auto const copy = device_of(*this, "copy");
    REQUIRE(eventually([&] { return users(*this, copy) == std::multiset<std::string>{"bob"}; }));
    CHECK(eventually([&] { return device(copy).services.value == 3; }));
    CHECK(device(id).availability == "offline");

    start_agent("agent", probes);
    REQUIRE(eventually_online(id));
    CHECK(eventually([&] { return users(*this, id) == std::multiset<std::string>{"alice"}; }));
    CHECK(users(*this, copy) == std::multiset<std::string>{"bob"});
    CHECK(devices().total == 2);
}

TEST_CASE_FIXTURE(World, "flow: the same image copied to a machine once more makes no third device of it")
{
    auto const id = begin(probes);
    stop_agent();
    copy_disk("agent", "image");
    OtherMachine const second(clock->now_ms(), 2);
    OtherMachine const third(clock->now_ms(), 3);
    auto const run_image_on = [&](FakeMachine const& where, std::set<std::string> const& known) {
        copy_disk("image", "copy");
        start_agent("copy", probes, &where);
        REQUIRE(eventually([&] { return device_of(*this, "copy") != id; }));
        auto const became = device_of(*this, "copy");
        REQUIRE(eventually_online(became));
        stop_agent("copy");
        CHECK(known.contains(became) == (static_cast<std::int64_t>(known.size()) == devices().total));
        return became;
    };
    auto const first_time = run_image_on(second, {id});
    pass(2s);
    CHECK(run_image_on(second, {id, first_time}) == first_time);
    CHECK(run_image_on(third, {id, first_time}) != first_time);
    CHECK(devices().total == 3);
}

TEST_CASE_FIXTURE(World, "flow: two machines that look alike and run from one image become two devices")
{
    // As containers of one image, or virtual machines that were given the same number.
    auto const id = begin(probes);
    SUBCASE("with a number that both have") {}
    auto other_boot = "boot-2";
    SUBCASE("without any")
    {
        machine.change("hardware", [](Scene& scene) { scene.identity.clear(); });
    }
    SUBCASE("without any, on one host")
    {
        machine.change("hardware", [](Scene& scene) { scene.identity.clear(); });
        other_boot = "boot-1";
    }
    stop_agent();
    copy_disk("agent", "copy");
    FakeMachine second(clock->now_ms());
    second.change("hardware", [this, other_boot](Scene& scene) {
        scene.identity = machine.machine()->hardware->identity() ? "fake hardware 1" : "";
        scene.os.boot_id = other_boot;
    });
    start_agent("agent", probes);
    REQUIRE(eventually_online(id));
    start_agent("copy", probes, &second);
    REQUIRE(eventually([&] { return devices().total == 2; }));
    auto const other = other_device(*this, {id});
    CHECK(eventually_online(other));
    CHECK(eventually_online(id));
    CHECK(eventually([&] { return device(other).services.value == 3; }));
    std::set<std::string> const both{device_of(*this, "agent"), device_of(*this, "copy")};
    CHECK(both == std::set<std::string>{id, other});
    settle();
    CHECK(devices().total == 2);
}

TEST_CASE_FIXTURE(World,
                  "flow: a changed network card is nothing, a changed board with the same disk is the same device")
{
    auto const id = begin(probes);
    stop_agent();
    machine.change("network_interfaces", [](Scene& scene) {
        scene.interfaces[0].mac = "02:00:00:00:00:99";
        scene.addresses[0].text = "192.0.2.99";
    });
    start_agent("agent", probes);
    REQUIRE(eventually_online(id));
    CHECK(events(id, "board_changed").empty());

    stop_agent();
    REQUIRE(eventually([&] { return device(id).availability == "offline"; }));
    machine.change("hardware", [](Scene& scene) {
        scene.identity = "fake hardware 1b";
        scene.hardware.serial = "F-0001b";
        scene.os.boot_id = "boot-3";
    });
    start_agent("agent", probes);
    REQUIRE(eventually_online(id));
    CHECK(eventually([&] { return flow::cell(table(id, "hardware"), "", "serial") == "F-0001b"; }));
    CHECK(events(id, "board_changed").size() == 1);

    // And then a new disk: it is enrolled again, and known by its new board.
    stop_agent();
    machine.change("disks", [](Scene& scene) { scene.disks[0].serial = "D-1b"; });
    auto const again = enrol(add_token(device(id).customer_id).word, "fresh");
    REQUIRE(again);
    CHECK(again->device_id == id);
    start_agent("fresh", probes);
    CHECK(eventually_online(id));
    CHECK(devices().total == 1);
    CHECK(events(id, "board_changed").size() == 1);
}

TEST_CASE_FIXTURE(World, "flow: a second drive that is put into another machine does not carry the device along")
{
    machine.change("disks", [](Scene& scene) {
        scene.disks.push_back(scene.disks[0]);
        scene.disks[1].name = "sdb";
        scene.disks[1].serial = "D-mirror";
    });
    auto const id = begin(probes);
    stop_agent();
    copy_disk("agent", "copy");
    OtherMachine second(clock->now_ms(), 2);
    second.change("disks", [](Scene& scene) { scene.disks[0].serial = "D-mirror"; });
    start_agent("copy", probes, &second);
    REQUIRE(eventually([&] { return device_of(*this, "copy") != id; }));
    start_agent("agent", probes);
    CHECK(eventually_online(id));
    CHECK(eventually_online(device_of(*this, "copy")));
    CHECK(events(id, "board_changed").empty());
    CHECK(devices().total == 2);
}

TEST_CASE_FIXTURE(World, "flow: a machine that is renamed, installed anew, or both stays the same device")
{
    auto const id = begin(probes);
    machine.change("os", [](Scene& scene) { scene.os.host_name = "renamed"; });
    CHECK(eventually([&] { return flow::cell(table(id, "os"), "", "host_name") == "renamed"; }));
    stop_agent();
    start_agent("agent", probes);
    REQUIRE(eventually_online(id));
    stop_agent();
    // The disk was wiped: a new state folder, a new name, the old hardware.
    machine.change("os", [](Scene& scene) {
        scene.os.host_name = "renamed-again";
        scene.os.boot_id = "boot-2";
    });
    auto const again = enrol(add_token(device(id).customer_id).word, "fresh");
    REQUIRE(again);
    CHECK(again->device_id == id);
    start_agent("fresh", probes);
    REQUIRE(eventually_online(id));
    CHECK(eventually([&] { return flow::cell(table(id, "os"), "", "host_name") == "renamed-again"; }));
    CHECK(devices().total == 1);
}

TEST_CASE_FIXTURE(World, "flow: a machine without anything that identifies it stays its device for as long as it keeps "
                         "its identity")
{
    machine.change("hardware", [](Scene& scene) {
        scene.identity.clear();
        scene.disks.clear();
    });
    auto const id = begin(probes);
    stop_agent();
    machine.change("os", [](Scene& scene) { scene.os.boot_id = "boot-2"; });
    start_agent("agent", probes);
    REQUIRE(eventually_online(id));
    CHECK(devices().total == 1);
    stop_agent();
    // Installed anew nobody can know it: better a second device than somebody else's.
    auto const again = enrol(add_token(device(id).customer_id).word, "fresh");
    REQUIRE(again);
    CHECK(again->device_id != id);
    CHECK(devices().total == 2);
}

TEST_CASE_FIXTURE(World,
                  "flow: moved to another customer a machine is a new device there, and its past stays where it was")
{
    auto const id = begin(probes);
    REQUIRE(eventually([&] { return device(id).services.value == 3; }));
    stop_agent();
    auto const beta = add_customer("Beta");
    auto const moved = enrol(add_token(beta).word, "agent", true);
    REQUIRE(moved);
    CHECK(moved->device_id != id);
    start_agent("agent", probes);
    REQUIRE(eventually_online(moved->device_id));
    CHECK(eventually([&] { return device(moved->device_id).services.value == 3; }));
    CHECK(device(moved->device_id).customer_id == beta);
    CHECK(device(id).customer_name == "Acme");
    CHECK(device(id).availability == "offline");
    CHECK(device(id).services.value == 3);
    CHECK(events(moved->device_id, "made_from_copy").empty());
}

TEST_CASE_FIXTURE(World, "flow: copies of a revoked device's disk become nothing, and say what to do")
{
    auto const id = begin(probes);
    stop_agent();
    copy_disk("agent", "copy");
    page.post<api::BulkAnswer>("/api/v1/devices/retire", api::DeviceIds{{id}});
    OtherMachine const second(clock->now_ms(), 2);
    start_agent("copy", probes, &second);
    REQUIRE(eventually([&] { return agent("copy").report().uplink.problem.find("revoked") != std::string::npos; }));
    CHECK(agent("copy").report().uplink.remedy.find("enrol again with a new token") != std::string::npos);
    CHECK(devices().total == 0); // Retired ones are left out.
    stop_agent("copy");
    auto const own = enrol(add_token(device(id).customer_id).word, "copy", true, &second);
    REQUIRE(own);
    CHECK(own->device_id != id);
    start_agent("copy", probes, &second);
    CHECK(eventually_online(own->device_id));
}

TEST_CASE_FIXTURE(World,
                  "flow: a machine whose disk was overwritten with another's image is told how to be itself again")
{
    auto const id = begin(probes);
    OtherMachine const second(clock->now_ms(), 2);
    auto const customer = device(id).customer_id;
    auto const own = enrol(add_token(customer).word, "second", false, &second);
    REQUIRE(own);
    stop_agent();
    copy_disk("agent", "second");
    start_agent("agent", probes);
    start_agent("second", probes, &second);
    REQUIRE(eventually(
        [&] { return agent("second").report().uplink.problem.find("known_hardware") != std::string::npos; }));
    CHECK(devices().total == 2);
    stop_agent("second");
    auto const again = enrol(add_token(customer).word, "second", true, &second);
    REQUIRE(again);
    CHECK(again->device_id == own->device_id);
    start_agent("second", probes, &second);
    CHECK(eventually_online(own->device_id));
    CHECK(eventually_online(id));
    CHECK(devices().total == 2);
}
