#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "platform/fact.hpp"

namespace rollcall::platform
{

/// One process at one moment. Its command line is not read: it may hold secrets.
struct Process {
    std::int64_t id{};
    std::string name;                ///< The program's short name, which it may have set itself.
    std::uint64_t begun{};           ///< With the id, tells it from a later process of the same id.
    std::chrono::milliseconds cpu{}; ///< Processor time since it began.
    std::int64_t memory_bytes{};     ///< Resident.
    Fact<UnixMs> started_ms;
};

struct ProcessList {
    std::chrono::milliseconds taken{}; ///< By a clock that never goes back.
    std::vector<Process> processes;
};

/// What runs.
///
/// Owns: nothing.  Threads: any.  Blocks: for a file read per process.
class Processes
{
public:
    virtual ~Processes() = default;
    [[nodiscard]] virtual Result<ProcessList> list() const = 0;
    /// The name of the user it runs as, or the user's number where the machine itself knows no name for it.
    [[nodiscard]] virtual Fact<std::string> user_of(std::int64_t id) const = 0;
};

[[nodiscard]] std::unique_ptr<Processes> make_processes(Root const& root = {});

} // namespace rollcall::platform
