#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "common/core/result.hpp"

namespace rollcall::platform
{

struct Command {
    std::vector<std::string> arguments; ///< The program first: a name looked up in the system's folders, or a path.
    std::chrono::milliseconds limit{30'000};
    std::size_t output_limit_bytes{8UL * 1024 * 1024}; ///< Of both streams together.
    bool background{true};                             ///< Lowest priority for processor and disk.
};

struct Finished {
    int exit_code{}; ///< 128 + signal where one ended it.
    std::string output;
    std::string errors;
};

/// Runs a program without a shell, with an empty input, messages in plain English (LC_ALL=C) and no other part of our
/// environment, and waits for its end. Any exit code is a success of this function.
///
/// errc::timed_out and errc::limit_exceeded: it and everything it started was killed. errc::not_found: no such program.
/// Threads: any.  Blocks: up to the limit.
[[nodiscard]] Result<Finished> run(Command const& command);

/// What ran and what came of it, just after; on the thread that ran it, several at a time.
using Record = std::function<void(Command const& command, Result<Finished> const& finished)>;
/// From now on the end of each run is told to `record`; an empty one ends that. A run that ends meanwhile may still be
/// told to the one before, which lives as long as it takes.
void record_runs(Record record);

} // namespace rollcall::platform
