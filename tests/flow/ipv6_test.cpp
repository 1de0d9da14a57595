#include <doctest/doctest.h>

#include <string>
#include <thread>

#include "agent/agent.hpp"
#include "agent/uplink/enrol.hpp"
#include "collector/collector.hpp"
#include "common/log/log.hpp"
#include "common/wire/codec.hpp"
#include "tests/flow/fake_machine.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

/// Enrols and connects by the address literal `host`, with a collector that listens on `listen`.
static void meet(std::string const& listen, std::string const& host)
{
    CAPTURE(listen);
    CAPTURE(host);
    support::TempDir const folder;
    log::Capture const captured;
    collector::Collector::Options options;
    options.data = folder / "collector";
    options.listen = listen;
    options.port = 0;
    options.threads = 1;
    auto const running = collector::Collector::start(std::move(options));
    REQUIRE(running);
    auto const word = collector::create_token(folder / "collector", {.customer = "Acme"});
    REQUIRE(word);
    auto token = wire::decode_token(*word);
    REQUIRE(token);
    token->address = host + ":" + std::to_string((*running)->port());

    auto const clock = std::make_shared<SystemClock>();
    flow::FakeMachine machine(clock->now_ms());
    auto const enrolled = uplink::enrol({.folder = folder / "agent",
                                         .token = wire::encode_token(*token),
                                         .proxy = {},
                                         .no_proxy = {},
                                         .host_name = "kiosk",
                                         .hardware_id = {}});
    REQUIRE(enrolled);
    CHECK(enrolled->address == token->address);
    agent::Options wanted;
    wanted.folder = folder / "agent";
    wanted.clock = clock;
    wanted.machine = machine.machine();
    wanted.probes = {"os"};
    auto const agent = agent::Agent::start(std::move(wanted));
    REQUIRE(agent);
    bool connected = false;
    for (int i = 0; i < 3000 && !connected; ++i) {
        connected = (*agent)->report().uplink.state == uplink::Status::State::connected;
        std::this_thread::sleep_for(10ms);
    }
    CHECK(connected);
    (*agent)->stop("stopped");
    machine.release();
}

TEST_CASE("flow: over IPv6, where the token holds an address in brackets") { meet("::1", "[::1]"); }

TEST_CASE("flow: a collector that listens on the whole machine is reached over IPv6 and over IPv4")
{
    meet("", "[::1]");
    meet("", "127.0.0.1");
}
