#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/spool/spool.hpp"
#include "agent/status.hpp"
#include "agent/uplink/backoff.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/wire/limits.hpp"
#include "common/wire/messages.hpp"
#include "platform/machine.hpp"
#include "platform/watch.hpp"

namespace rollcall::agent
{

using namespace std::chrono_literals;

struct Options {
    std::filesystem::path folder; ///< State folder with the identity (uplink::enrol puts it there).
    std::shared_ptr<Clock const> clock;
    std::shared_ptr<platform::Machine> machine;
    std::unique_ptr<platform::Changes> changes; ///< nullptr: cadence alone.
    std::vector<std::string> probes;            ///< Empty: all.
    spool::Limits spool_limits;
    uplink::Backoff::Settings backoff;
    std::chrono::milliseconds heartbeat = wire::limits::heartbeat;
    std::chrono::milliseconds idle = wire::limits::agent_idle;
    std::chrono::milliseconds renew_check = 1h; ///< uplink::Uplink::Options
    /// Longest sleep: the clock may be one that a test moves.
    std::chrono::milliseconds tick = 1s;
    /// uplink::Uplink::Options
    std::function<void(wire::Update const&)> offered;
};

/// The agent: reads the machine when it changes or is due, keeps in the spool what the collector does not have yet, and
/// stays connected.
///
/// Owns: the lock on its state folder; the spool and its thread; the pool of readers; the connection and its thread;
/// one thread that decides what to read next. Threads: any. Blocks: start() for some file reads, stop() at most 5 s.
class Agent
{
public:
    /// errc::not_found: not enrolled. errc::busy: another agent works in that folder.
    [[nodiscard]] static Result<std::unique_ptr<Agent>> start(Options options);
    ~Agent();
    Agent(Agent const&) = delete;
    Agent& operator=(Agent const&) = delete;

    /// Reads this probe soon, as if the system had told of a change.
    void notice(std::string_view probe);
    [[nodiscard]] Report report();
    /// True once it is in the spool. Not to be called any more when stop() is.
    [[nodiscard]] bool tell(wire::Event event);
    /// Is it connected, and has the collector acknowledged something that it told since its start?
    [[nodiscard]] bool proven();
    /// Did its threads move within the last minute? For a watchdog.
    [[nodiscard]] bool alive() const;
    /// Tells of the end, sends what an event is worth, says goodbye. May be called twice; the destructor calls it.
    void stop(std::string_view reason);

private:
    class Body;
    explicit Agent(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

} // namespace rollcall::agent
