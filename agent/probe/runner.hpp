#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

/// Runs readers on a pool of threads, each with its time limit. One that hangs is told of as `timed_out` at its limit;
/// its thread is given up but counted, another takes its place (up to a limit), and that reader is not started again
/// until it came back. The others are not hurt. A failure is data, never a log line.
///
/// Owns: its threads. A reader that never returns keeps its thread, and itself, until the program ends.
/// Threads: any; `done` is called on one of its threads, with no lock held, and may call `start`, not `stop`.
/// Blocks: `stop` only.
class Runner
{
public:
    /// What came of a run. timed_out: it hung. busy: every thread hangs, and none came back within
    /// the limit. io: the reader broke.
    using Done = std::function<void(std::string const& probe, Result<Snapshot> seen)>;

    struct Options {
        std::size_t threads{2};      ///< At most so many while none hangs.
        std::size_t most_threads{8}; ///< With the hanging ones.
    };

    explicit Runner(Done done);
    Runner(Done done, Options options);
    ~Runner();
    Runner(Runner const&) = delete;
    Runner& operator=(Runner const&) = delete;

    /// False where it still runs (a run that hangs included), or the pool was stopped.
    bool start(std::string probe, std::shared_ptr<Reader> reader, std::chrono::milliseconds limit);

    /// No call of `done` after it returns. Waits for what runs, at most `patience`; what hangs is left behind.
    void stop(std::chrono::milliseconds patience = std::chrono::milliseconds(2'000));

    [[nodiscard]] bool running(std::string_view probe) const;
    /// Threads that are given up at this moment.
    [[nodiscard]] std::size_t hung() const;
    /// Threads there are, with the hanging ones.
    [[nodiscard]] std::size_t threads() const;

private:
    struct State;
    std::shared_ptr<State> state_;
    std::thread supervisor_;
};

} // namespace rollcall::probe
