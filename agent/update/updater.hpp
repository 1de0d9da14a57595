#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/update/decide.hpp"
#include "agent/update/store.hpp"
#include "common/core/clock.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::update
{

using namespace std::chrono_literals;

/// What the updater needs of the agent beside it. All are called from the updater's thread.
struct Hooks {
    /// True once the event is in the spool; false: it is told again later.
    std::function<bool(wire::Event)> tell;
    /// Is the agent connected, and has the collector acknowledged something of this run?
    std::function<bool()> proven;
    /// Another program is to run: the agent is to be stopped. Called once.
    std::function<void()> change;
};

/// Takes what the collector offers, fetches it, and watches over a program on trial until it is confirmed or rolled
/// back.
///
/// Owns: one thread; update.json and the programs, together with whoever starts programs when it does not run.
/// Threads: any.  Blocks: stop() until a write to the disk is over; nothing else.
class Updater
{
public:
    struct Options {
        std::filesystem::path folder; ///< State folder.
        Clock const* clock = nullptr;
        std::string key; ///< release::build_key()
        Version running;
        Limits limits;
        /// Pause after a fetch that failed, doubled each time up to the longest.
        std::chrono::milliseconds pause = 60s;
        std::chrono::milliseconds longest_pause = 1h;
        /// So often a collector may answer that it has no such file before its offer is taken for withdrawn.
        int denials = 5;
        std::chrono::milliseconds look_every = 1s; ///< For marks of a person, and at a trial.
        std::chrono::milliseconds fetch_idle = 30s;
        /// Called between any two steps, with the name of the one that is done; may be empty. For tests, which end the
        /// program there.
        std::function<void(std::string_view step)> after;
    };
    /// Longest time that an offer may spread over.
    static constexpr std::chrono::seconds longest_spread = std::chrono::hours(7 * 24);

    explicit Updater(Options options);
    ~Updater();
    Updater(Updater const&) = delete;
    Updater& operator=(Updater const&) = delete;

    /// The collector has a program for us. Also before start() and after stop(), where it is forgotten: it is offered
    /// again.
    void offer(wire::Update update);
    /// Begins its work. What hooks refer to must live until stop().
    void start(Hooks hooks);
    /// May be called twice; the destructor calls it.
    void stop();

private:
    class Body;
    std::unique_ptr<Body> body_;
};

} // namespace rollcall::update
