#include <doctest/doctest.h>

#include "tests/flow/world.hpp"

using namespace rollcall;
using flow::World;
using namespace std::chrono_literals;

static void set_web(World& world, std::string const& state)
{
    auto const now_ms = world.clock->now_ms();
    world.machine.change(
        "services", [&](flow::Scene& scene) { scene.services.at(1) = flow::service("web.service", state, now_ms); });
}

TEST_CASE_FIXTURE(World, "flow: a service that should run and does not opens one alert, which resolves by itself")
{
    auto const id = begin();
    CHECK(eventually([&] { return device(id).services_stopped.value == 0; }));
    set_web(*this, "stopped");
    CHECK(eventually([&] { return device(id).services_stopped.value == 1; }));
    pass(29s);
    settle();
    CHECK(alerts("service_stopped", "open").empty());

    pass(1s);
    CHECK(eventually([&] { return alerts("service_stopped", "open").size() == 1; }));
    auto const alert = alerts("service_stopped", "open").at(0);
    CHECK(alert.title == "Service web.service is stopped");
    CHECK(alert.subject == "web.service");
    CHECK(alert.device_id == id);
    CHECK(alert.device_name == "fake-server");
    CHECK(alert.customer_name == "Acme");
    CHECK(alert.severity == "warning");
    CHECK(alert.category == "Availability");
    CHECK(alert.value == "stopped");
    CHECK(device(id).alerts.warning == 1);
    for (int i = 0; i < 5; ++i) {
        pass(60s);
        settle();
    }
    CHECK(alerts("service_stopped", "open").size() == 1);

    set_web(*this, "running");
    CHECK(eventually([&] { return alerts("service_stopped", "open").empty(); }));
    auto const resolved = alerts("service_stopped", "resolved");
    REQUIRE(resolved.size() == 1);
    CHECK(resolved.at(0).id == alert.id);
    CHECK(resolved.at(0).resolved_ms == clock->now_ms());
    CHECK(device(id).alerts.warning == 0);
    CHECK(device(id).services_stopped.value == 0);
}

TEST_CASE_FIXTURE(World, "flow: a service that fails is told of once and raises the critical alert")
{
    auto const id = begin();
    CHECK(eventually([&] { return device(id).services_stopped.value == 0; }));
    set_web(*this, "failed");
    // The event and the state travel in lanes of their own; the rule's hold begins with the state.
    CHECK(eventually([&] { return events(id, "service_failed").size() == 1; }));
    CHECK(eventually([&] { return flow::cell(table(id, "services"), "web.service", "state") == "failed"; }));
    pass(30s);
    CHECK(eventually([&] { return alerts("service_failed", "open").size() == 1; }));
    CHECK(alerts("service_failed", "open").at(0).severity == "critical");
    CHECK(alerts("service_stopped", "open").empty());
    CHECK(events(id, "service_failed").size() == 1);
}

TEST_CASE_FIXTURE(World, "flow: a pending reboot appears with its reason, and goes")
{
    auto const id = begin();
    CHECK(eventually([&] { return device(id).pending_reboot.value == false; }));
    auto const since_ms = clock->now_ms();
    auto const set = [&](bool pending) {
        machine.change("pending_reboot", [&](flow::Scene& scene) {
            auto& signal = scene.reboot.at(0);
            signal.pending = pending;
            signal.reason = pending ? "Updates ask for a reboot" : "";
            signal.detail = pending ? "linux-image-amd64" : "";
            signal.since_ms = pending ? platform::Fact<UnixMs>(since_ms)
                                      : platform::Fact<UnixMs>(fail(errc::not_found, "not pending"));
        });
    };
    set(true);
    CHECK(eventually([&] { return device(id).pending_reboot.value == true; }));
    auto const reasons = device(id).reboot_reasons;
    REQUIRE(reasons.size() == 1);
    CHECK(reasons.at(0).signal == "reboot_required_file");
    CHECK(reasons.at(0).reason == "Updates ask for a reboot");
    CHECK(reasons.at(0).detail == "linux-image-amd64");
    CHECK(reasons.at(0).since_ms == since_ms);
    CHECK(page.get<api::DeviceList>("/api/v1/devices?pending_reboot=true").items.size() == 1);

    set(false);
    CHECK(eventually([&] { return device(id).pending_reboot.value == false; }));
    CHECK(device(id).reboot_reasons.empty());
}

TEST_CASE_FIXTURE(World, "flow: a log-in is the last log-in, and one event however often it is looked at")
{
    auto const id = begin();
    CHECK(eventually([&] { return device(id).users.value == 0 && device(id).last_login.value; }));
    CHECK(device(id).last_login.value->user == "root");
    pass(10s);
    auto const at_ms = clock->now_ms();
    machine.change("sessions",
                   [&](flow::Scene& scene) { scene.sessions.push_back(flow::session("c7", "alice", at_ms)); });
    machine.change("last_login", [&](flow::Scene& scene) {
        scene.last_login = {.user = "alice", .at_ms = at_ms, .kind = "remote", .from = "198.51.100.9"};
    });
    CHECK(eventually([&] { return device(id).users.value == 1 && device(id).last_login.value->user == "alice"; }));
    auto const last = *device(id).last_login.value;
    CHECK(last.at_ms == at_ms);
    CHECK(last.from == "198.51.100.9");

    // Looked at again, over a new connection, and by an agent that was started anew.
    machine.change("sessions", [](flow::Scene& scene) { scene.sessions.at(0).state = "idle"; });
    CHECK(eventually([&] { return flow::cell(table(id, "sessions"), "c7", "state") == "idle"; }));
    relay.cut();
    CHECK(eventually([&] { return device(id).availability == "offline"; }));
    relay.restore();
    CHECK(eventually_online(id));
    stop_agent();
    start_agent();
    CHECK(eventually_online(id));
    machine.change("sessions", [](flow::Scene& scene) { scene.sessions.clear(); });
    CHECK(eventually([&] { return events(id, "log_out").size() == 1; }));
    auto const log_ins = events(id, "log_in");
    REQUIRE(log_ins.size() == 1);
    CHECK(log_ins.at(0).at_ms == at_ms);
    CHECK(log_ins.at(0).detail.at("user") == "alice");
    CHECK(log_ins.at(0).detail.at("session") == "c7");
    CHECK(eventually([&] { return device(id).users.value == 0; }));
    CHECK(device(id).last_login.value->user == "alice");
}
