#include <doctest/doctest.h>

#include "common/core/version.hpp"
#include "common/wire/catalogue.hpp"
#include "common/wire/limits.hpp"
#include "tests/flow/world.hpp"

using namespace rollcall;
using flow::cell;
using flow::World;
using namespace std::chrono_literals;

TEST_CASE_FIXTURE(World, "flow: what the machine is stands in the Devices list, every probe of it")
{
    auto const id = begin();
    pass(15s);
    REQUIRE(eventually([&] {
        auto const row = device(id);
        return row.os_name.value && row.services.value && row.memory_percent.value && row.cpu_percent.value &&
               row.device_type.value && row.patches.value && row.pending_reboot.value && row.users.value &&
               !row.addresses.empty() && row.last_login.value;
    }));
    auto const list = devices();
    REQUIRE(list.items.size() == 1);
    CHECK(list.total == 1);
    auto const& row = list.items.front();
    CHECK(row.id == id);
    CHECK(row.name == "fake-server");
    CHECK(row.customer_name == "Acme");
    CHECK(row.host_name.value == "fake-server");
    CHECK(row.os_name.value == "Debian GNU/Linux 12 (bookworm)");
    CHECK(row.os_family.value == "linux");
    CHECK(row.device_type.value == "Server");
    CHECK(row.memory_bytes.value == 16LL << 30);
    CHECK(row.memory_percent.value == doctest::Approx(75));
    CHECK(row.cpu_percent.value == doctest::Approx(30));
    CHECK(row.services.value == 3);
    CHECK(row.services_stopped.value == 0);
    CHECK(row.patches.value == 1);
    CHECK(row.security_patches.value == 1);
    CHECK(row.users.value == 0);
    CHECK(row.pending_reboot.value == false);
    CHECK(row.addresses == std::vector<std::string>{"192.0.2.7"});
    CHECK(row.last_login.value->user == "root");
    CHECK(row.agent_version == version());
    CHECK_FALSE(row.clock_offset_ms);

    for (auto const& probe : wire::probes()) {
        auto const name = std::string(probe.name);
        CAPTURE(name);
        if (probe.kind == wire::Kind::state) {
            CHECK(eventually([&] { return table(id, name).as_of_ms && table(id, name).unknown.empty(); }));
        } else {
            // A rate is known from the second reading on.
            CHECK(eventually([&] {
                pass(1s);
                return !series(id, name).curves.empty();
            }));
        }
    }
    auto const services = table(id, "services");
    CHECK(services.total == 3);
    CHECK(cell(services, "cron.service", "state") == "running");
    CHECK(cell(services, "cleanup.service", "expected") == "false");
    CHECK(events(id, "agent_start").size() == 1);

    flow::Page stranger;
    stranger.connect(collector().port());
    CHECK(stranger.status("/api/v1/devices") == 401);
}

TEST_CASE_FIXTURE(World, "flow: a probe that hangs is timed_out in the view and hurts no other")
{
    machine.hang("sessions");
    machine.hang("memory");
    auto const id = begin();
    CHECK(eventually([&] {
        auto const row = device(id);
        return row.memory_percent.unknown == "timed_out" && row.users.unknown == "timed_out";
    }));
    CHECK(table(id, "sessions").unknown == "timed_out");
    // The question for memory is the one for swap, too.
    CHECK(eventually([&] { return agent().report().hung_probes == 3; }));
    CHECK(agent().alive());
    machine.change("services", [&](flow::Scene& scene) { scene.services.pop_back(); });
    CHECK(eventually([&] { return device(id).services.value == 2; }));

    machine.release();
    CHECK(eventually([&] {
        auto const row = device(id);
        return row.users.value == 0 && row.memory_percent.value && agent().report().hung_probes == 0;
    }));
}

TEST_CASE_FIXTURE(World, "flow: of a probe that returns 100,000 rows the first arrive, and how many were cut is told")
{
    machine.change("software", [](flow::Scene& scene) {
        platform::Package package = scene.software.front();
        scene.software.clear();
        for (int i = 0; i < 100'000; ++i) {
            package.name = "package-" + std::to_string(100'000 + i);
            scene.software.push_back(package);
        }
    });
    auto const id = begin();
    CHECK(eventually([&] { return table(id, "software").total > 0; }));
    auto const software = table(id, "software");
    CHECK(software.total <= static_cast<std::int64_t>(wire::limits::snapshot_rows));
    CHECK(software.total + software.cut_rows == 100'000);
    CHECK(cell(software, "package-100000", "version") == "5.2");
    CHECK(eventually([&] { return device(id).services.value == 3; }));
}

TEST_CASE_FIXTURE(World, "flow: hostile names arrive as they are, and ill-formed ones repaired")
{
    std::vector<std::string> const hostile{
        "\u202Efdp.exe",
        "<img src=x onerror=alert(1)>",
        "Robert'); DROP TABLE device;--",
        "\U0001F469\u200D\U0001F469\u200D\U0001F467 家族",
        "\uFEFFbom",
        "Z\u0351\u0300\u0489algo",
        R"({"unknown":"timed_out"})",
        R"(..\..\etc/passwd%00%n%s)",
        "line\u2028separator",
        std::string(wire::limits::key_bytes, 'k'),
    };
    machine.change("services", [&](flow::Scene& scene) {
        scene.services.clear();
        for (auto const& name : hostile) {
            auto one = flow::service(name, "running", clock->now_ms());
            one.label = name;
            scene.services.push_back(one);
        }
        scene.services.push_back(flow::service("ill\xff\xfe", "running", clock->now_ms()));
        scene.services.push_back(flow::service("\x1b[31mred", "running", clock->now_ms()));
        scene.os.host_name = "\U0001F4A9\u202E<b>";
    });
    auto const customer = add_customer("Müller & Söhne \u202E<script>'");
    auto const identity = enrol(add_token(customer).word);
    REQUIRE(identity);
    auto const& id = identity->device_id;
    start_agent();
    auto const expected = static_cast<std::int64_t>(hostile.size()) + 2;
    CHECK(eventually([&] { return device(id).services.value == expected && device(id).host_name.value; }));
    auto const services = table(id, "services");
    for (auto const& name : hostile) {
        CAPTURE(name);
        CHECK(cell(services, name, "label") == name);
        CHECK(cell(services, name, "state") == "running");
    }
    CHECK(cell(services, "ill\uFFFD\uFFFD", "state") == "running");
    CHECK(cell(services, "\uFFFD[31mred", "state") == "running");
    auto const row = device(id);
    CHECK(row.host_name.value == "\U0001F4A9\u202E<b>");
    CHECK(row.name == "\U0001F4A9\u202E<b>");
    CHECK(row.customer_name == "Müller & Söhne \u202E<script>'");
}

TEST_CASE_FIXTURE(World, "flow: a clock that is an hour off is shown, and does not move what happened")
{
    device_clock->go_wrong(1h);
    auto const id = begin();
    CHECK(eventually([&] { return device(id).clock_offset_ms == 3'600'000; }));
    CHECK(eventually([&] { return device(id).users.value == 0; }));
    machine.change("sessions", [&](flow::Scene& scene) {
        scene.sessions.push_back(flow::session("1", "alice", device_clock->now_ms()));
    });
    CHECK(eventually([&] { return events(id, "log_in").size() == 1; }));
    CHECK(events(id, "log_in").at(0).at_ms == clock->now_ms());
    CHECK(table(id, "sessions").as_of_ms == clock->now_ms());

    device_clock->go_wrong(0h);
    CHECK(eventually([&] { return !device(id).clock_offset_ms; }));
}
