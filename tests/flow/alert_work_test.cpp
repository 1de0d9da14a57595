#include <doctest/doctest.h>

#include "tests/flow/world.hpp"

using namespace rollcall;
using flow::World;
using namespace std::chrono_literals;

namespace
{

/// A server whose web service has stopped, and the alert of that.
struct Desk : World {
    std::string device_id = begin({"services"});
    std::string id;

    Desk()
    {
        set_web("stopped");
        REQUIRE(eventually([&] { return device(device_id).services_stopped.value == 1; }));
        pass(30s);
        REQUIRE(eventually([&] { return alerts("service_stopped", "open").size() == 1; }));
        id = alerts("service_stopped", "open").at(0).id;
    }
    void set_web(std::string const& state)
    {
        auto const now_ms = clock->now_ms();
        machine.change("services",
                       [&](flow::Scene& scene) { scene.services.at(1) = flow::service("web.service", state, now_ms); });
    }
    [[nodiscard]] api::AlertDetail alert() { return page.get<api::AlertDetail>("/api/v1/alerts/" + id); }
    [[nodiscard]] api::AlertChoice chosen() const { return {.ids = {id}, .versions = {}}; }
    void restart()
    {
        stop_collector();
        start_collector();
        REQUIRE(eventually_online(device_id));
    }
};

} // namespace

TEST_CASE_FIXTURE(Desk, "flow: a snoozed alert colours nothing, and is back when its time is over, restarted or not")
{
    CHECK(device(device_id).alerts.warning == 1);
    page.post<api::AlertOutcomes>("/api/v1/alerts/snooze",
                                  api::SnoozeAlerts{.alerts = chosen(), .until_ms = clock->now_ms() + 600'000});
    CHECK(alert().alert.status == "snoozed");
    CHECK(device(device_id).alerts.warning == 0);
    restart();
    CHECK(alert().alert.status == "snoozed");
    CHECK(device(device_id).alerts.warning == 0);
    pass(10min);
    CHECK(eventually([&] { return alert().alert.status == "open"; }));
    CHECK(device(device_id).alerts.warning == 1);
    auto const history = alert().history;
    REQUIRE(history.size() == 2);
    CHECK(history.at(0).technician == "admin");
    CHECK(history.at(1).what == "woken");
}

TEST_CASE_FIXTURE(Desk, "flow: what a person resolved while its cause goes on comes back with the next cause only")
{
    page.post<api::AlertOutcomes>("/api/v1/alerts/notes", api::NoteAlerts{.alerts = chosen(), .text = "Known."});
    page.post<api::AlertOutcomes>("/api/v1/alerts/resolve", api::ChooseAlerts{.alerts = chosen()});
    CHECK(alert().alert.cause_persists);
    CHECK(alert().alert.status_by == "admin");
    restart();
    for (int i = 0; i < 5; ++i) {
        pass(60s);
        settle();
    }
    CHECK(alerts("service_stopped", "open").empty());
    set_web("running");
    CHECK(eventually([&] { return !alert().alert.cause_persists; }));
    set_web("stopped");
    CHECK(eventually([&] { return device(device_id).services_stopped.value == 1; }));
    pass(30s);
    CHECK(eventually([&] { return alerts("service_stopped", "open").size() == 1; }));
    CHECK(alerts("service_stopped", "open").at(0).id != id);
    CHECK(alert().notes.at(0).text == "Known.");
    CHECK(alert().alert.status == "resolved");
}
