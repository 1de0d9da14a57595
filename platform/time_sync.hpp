#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct TimeSyncFacts {
    TimeSyncFacts() = default; ///< Declared, so that an Error alone never becomes facts (it would be its first member).

    Fact<bool> synchronised;
    Fact<std::string> source;     ///< The program that keeps the time: "chronyd"; empty where none runs.
    Fact<std::int64_t> offset_ms; ///< What the system is still to correct.
};

/// Is the clock kept right, and by whom?
///
/// Owns: nothing.  Threads: any.  Blocks: for a short file read per process.
class TimeSync
{
public:
    virtual ~TimeSync() = default;
    [[nodiscard]] virtual Result<TimeSyncFacts> read() const = 0;
};

[[nodiscard]] std::unique_ptr<TimeSync> make_time_sync(Root const& root = {});

} // namespace rollcall::platform
