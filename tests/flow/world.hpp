#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "agent/uplink/enrol.hpp"
#include "collector/collector.hpp"
#include "common/log/log.hpp"
#include "tests/flow/fake_machine.hpp"
#include "tests/flow/page.hpp"
#include "tests/flow/relay.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

namespace rollcall::flow
{

using namespace std::chrono_literals;

/// The clock of the device: the world's, and what is wrong with it. While a test waits, its steady side moves on, so
/// that the agent looks again at what it was told of; the time of day moves only when the test says so.
///
/// Owns: nothing.  Threads: any.  Blocks: no.
class DeviceClock final : public Clock
{
public:
    explicit DeviceClock(std::shared_ptr<support::ManualClock> world)
        : world_(std::move(world))
    {
    }
    [[nodiscard]] UnixMs now_ms() const override { return world_->now_ms() + wrong_by_ms_; }
    [[nodiscard]] std::chrono::milliseconds steady() const override
    {
        return world_->steady() + std::chrono::milliseconds(waited_ms_);
    }
    void go_wrong(std::chrono::milliseconds by) { wrong_by_ms_ = by.count(); }
    void wait(std::chrono::milliseconds time) { waited_ms_ += time.count(); }

private:
    std::shared_ptr<support::ManualClock> world_;
    std::atomic<std::int64_t> wrong_by_ms_{0};
    std::atomic<std::int64_t> waited_ms_{0};
};

/// A real collector and real agents in one process, over real TLS through a relay, around a fake machine and a clock
/// that stands still until the test moves it. What is shown is asked for as the page asks for it.
///
/// Owns: all of it, in folders of its own.  Threads: the test's.  Blocks: yes.
class World
{
public:
    World();
    ~World();
    World(World const&) = delete;
    World& operator=(World const&) = delete;

    // --- the collector ---
    /// With the data folder of this name.
    void start_collector(std::string const& name = "collector");
    void stop_collector();
    [[nodiscard]] collector::Collector& collector() { return *collector_; }

    // --- customers, tokens, devices ---
    std::string add_customer(std::string const& name);
    api::TokenMade add_token(std::string const& customer_id, std::int64_t uses = 1, std::int64_t expires_in_s = 3600);
    /// As `rollcall-agent enrol` does on a fake machine; nullptr: the world's.
    Result<uplink::Identity> enrol(std::string const& word, std::string const& name = "agent", bool replace = false,
                                   FakeMachine const* on = nullptr);

    // --- agents, by the name of their state folder ---
    /// With these probes; none: all. On this machine; nullptr: the world's.
    void start_agent(std::string const& name = "agent", std::vector<std::string> probes = {},
                     FakeMachine const* on = nullptr);
    /// What a copy of the disk brings along: the state folder of an agent that stands still.
    void copy_disk(std::string const& from, std::string const& to) const;
    /// After how long without a word from the collector agents started from now on dial again.
    std::chrono::milliseconds idle = wire::limits::agent_idle;
    void stop_agent(std::string const& name = "agent", std::string_view reason = "stopped");
    [[nodiscard]] agent::Agent& agent(std::string const& name = "agent") { return *agents_.at(name); }
    /// Records that wait in a lane of the agent's spool.
    [[nodiscard]] std::uint64_t waiting(wire::Lane lane);

    /// The usual beginning: a customer, and its device, online. The device's id.
    std::string begin(std::vector<std::string> probes = {});

    // --- time ---
    /// The clock goes on, of the world and of the device.
    void pass(std::chrono::milliseconds time);
    /// Looks until it is so; a generous limit of real time ends the wait, and the test. The time of day stands still.
    bool eventually(std::function<bool()> const& is_so);
    /// Everything that the collector has been told until now is judged and stored.
    void settle();

    // --- the view ---
    [[nodiscard]] api::DeviceRow device(std::string const& id);
    [[nodiscard]] api::DeviceList devices();
    [[nodiscard]] api::ProbeTable table(std::string const& id, std::string const& probe);
    [[nodiscard]] std::vector<api::EventRow> events(std::string const& id, std::string const& name);
    [[nodiscard]] std::vector<api::AlertRow> alerts(std::string const& item, std::string const& status);
    /// Curves of the last ten minutes of a series, second by second.
    [[nodiscard]] api::SeriesAnswer series(std::string const& id, std::string const& probe);
    bool eventually_online(std::string const& id);

    // In the order in which they are needed.
    log::Capture const captured;
    support::TempDir const folder;
    std::shared_ptr<support::ManualClock> const clock;
    std::shared_ptr<DeviceClock> const device_clock;
    FakeMachine machine;
    Relay relay;
    Page page;

private:
    std::unique_ptr<collector::Collector> collector_;
    std::map<std::string, std::unique_ptr<agent::Agent>> agents_;
    std::string settle_customer_;
    bool entered_ = false;
};

/// The cell of a probe's row as text; what is unknown stands in brackets, "-" where there is no such row.
[[nodiscard]] std::string cell(api::ProbeTable const& table, std::string_view key, std::string_view column);

} // namespace rollcall::flow
