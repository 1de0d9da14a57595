#include <doctest/doctest.h>

#include <future>
#include <set>

#include "agent/agent.hpp"
#include "agent/uplink/identity.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"
#include "tests/agent/uplink/fake_collector.hpp"
#include "tests/platform/tree.hpp"
#include "tests/support/result.hpp"
#include "tests/support/system.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

namespace
{

constexpr auto patience = 60s;

struct AgentFixture {
    support::TempDir dir;
    log::Capture captured;
    support::FakeCollector collector;

    agent::Options options()
    {
        agent::Options made;
        made.folder = dir.path();
        made.clock = std::make_shared<SystemClock>();
        made.machine = platform::make_machine();
        made.probes = {"os", "memory", "load"};
        made.tick = 10ms;
        made.backoff = {.least = 1ms, .first = 2ms, .most = 5ms, .refused = 10ms};
        return made;
    }
};

} // namespace

TEST_CASE_FIXTURE(AgentFixture, "agent: from the probe to the wire, and an orderly end")
{
    REQUIRE(uplink::save_identity(dir.path(), collector.identity()));
    std::promise<std::set<std::string>> got;
    std::promise<std::vector<std::string>> rest;
    collector.then([&](support::Link& link) {
        (void)link.read();
        link.send(wire::Welcome{});
        std::set<std::string> seen;
        while (!seen.contains("agent_start") || !seen.contains("os") || !seen.contains("memory")) {
            auto const message = link.read();
            if (!message) break;
            if (auto const* const event = std::get_if<wire::Event>(&*message)) seen.insert(event->name);
            if (auto const* const state = std::get_if<wire::State>(&*message)) seen.insert(state->probe);
            if (auto const* const readings = std::get_if<wire::Readings>(&*message))
                for (auto const& one : readings->readings)
                    seen.insert(one.probe);
        }
        got.set_value(seen);
        std::vector<std::string> last;
        while (auto const message = link.read()) {
            if (auto const* const event = std::get_if<wire::Event>(&*message)) last.push_back(event->name);
            if (std::holds_alternative<wire::Goodbye>(*message)) last.emplace_back("goodbye");
        }
        rest.set_value(last);
    });
    auto started = agent::Agent::start(options());
    REQUIRE(started);
    auto answer = got.get_future();
    REQUIRE(answer.wait_for(patience) == std::future_status::ready);
    auto const seen = answer.get();
    CHECK(seen.contains("agent_start"));
    CHECK(seen.contains("os"));
    CHECK(seen.contains("memory"));
    CHECK((*started)->alive());
    CHECK((*started)->report().uplink.state == uplink::Status::State::connected);
    (*started)->stop("stopped");
    auto ending = rest.get_future();
    REQUIRE(ending.wait_for(patience) == std::future_status::ready);
    CHECK(ending.get() == std::vector<std::string>{"agent_stop", "goodbye"});

    auto const report = agent::read_report(dir.path());
    REQUIRE(report);
    auto const lines = agent::for_people(*report, SystemClock{}.now_ms());
    REQUIRE(lines);
    CHECK(lines->find("connection   stopped") != std::string::npos);
}

TEST_CASE_FIXTURE(AgentFixture,
                  "agent: the boot that it tells is the machine's; without hardware, its own start, since "
                  "the boot is the host's")
{
    if (support::on_windows) return; // The machine is a tree of Linux's files.
    REQUIRE(uplink::save_identity(dir.path(), collector.identity()));
    test::Tree const tree;
    tree.write("/proc/sys/kernel/random/boot_id", "boot-of-the-host\n");
    auto const told = [&] {
        std::promise<std::string> hello;
        collector.then([&](support::Link& link) {
            auto const message = link.read();
            hello.set_value(message ? std::get<wire::Hello>(*message).boot_id : "");
            link.send(wire::Welcome{});
            while (link.read()) {
            }
        });
        auto made = options();
        made.machine = platform::make_machine(tree.root());
        auto const started = agent::Agent::start(std::move(made));
        REQUIRE(started);
        auto answer = hello.get_future();
        REQUIRE(answer.wait_for(patience) == std::future_status::ready);
        return answer.get();
    };
    auto const first = told();
    CHECK(is_uuid(first));
    auto const second = told();
    CHECK(is_uuid(second));
    CHECK(second != first);
    tree.write("/sys/class/dmi/id/product_uuid", "4c4c4544-0000-1111-8031-b2c04f4d3232\n");
    CHECK(told() == "boot-of-the-host");
}

TEST_CASE_FIXTURE(AgentFixture, "agent: not enrolled, it does not start and says what to do")
{
    auto const started = agent::Agent::start(options());
    REQUIRE(!started);
    CHECK(started.error().code == errc::not_found);
    CHECK(started.error().trace.find("rollcall-agent enrol") != std::string::npos);
}

TEST_CASE("status: a file that makes no sense is an error, not an end")
{
    for (auto const* const text : {"", "{", "[]", "{}", R"({"version":5})"})
        CHECK(!agent::for_people(text, 0));
    auto const lines = agent::for_people(agent::to_json_text(agent::Report{}), 0);
    REQUIRE(lines);
    CHECK(lines->find("last ack     never") != std::string::npos);
}

TEST_CASE("status: a problem that the system words in another encoding leaves the rest readable")
{
    agent::Report report;
    report.uplink.problem = "Verbindung zur\xFC"
                            "ckgewiesen";
    auto const lines = agent::for_people(agent::to_json_text(report), 0);
    REQUIRE(lines);
    CHECK(lines->find("problem      Verbindung zur\xEF\xBF\xBD"
                      "ckgewiesen") != std::string::npos);
}
