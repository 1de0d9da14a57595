#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "platform/fact.hpp"

namespace rollcall::platform
{

/// Counters since boot, in the system's ticks; only differences mean anything.
struct CpuTimes {
    std::uint64_t user{};   ///< Programs, niced ones included.
    std::uint64_t system{}; ///< Kernel, interrupts included.
    std::uint64_t idle{};
    std::uint64_t io_wait{};
    std::uint64_t stolen{}; ///< Taken by the hypervisor for others.
    /// False where waiting for disks is just being idle to the system (Windows): then io_wait is no answer.
    bool tells_io_wait{true};
    [[nodiscard]] std::uint64_t total() const { return user + system + idle + io_wait + stolen; }
};

struct Load {
    double one{};
    double five{};
    double fifteen{};
};

struct Memory {
    std::int64_t total_bytes{};
    std::int64_t available_bytes{};
    std::int64_t swap_total_bytes{};
    std::int64_t swap_free_bytes{};
};

/// Counters of one disk since boot.
struct DiskCounters {
    std::uint64_t read_bytes{};
    std::uint64_t written_bytes{};
    std::uint64_t busy_ms{}; ///< Time with at least one request under way.
    /// False where the system sums up what each request took (macOS): then busy_ms is no answer.
    bool tells_busy{true};
};

/// Counters of one interface since it appeared.
struct NetworkCounters {
    std::uint64_t received_bytes{};
    std::uint64_t sent_bytes{};
};

/// Raw counters by name, and when they were read (a clock that never goes back).
template <class T>
struct Counters {
    std::chrono::milliseconds taken{};
    std::map<std::string, T> of;
};

/// How much the machine works. Raw counters only: rates are the reader's.
///
/// Owns: nothing.  Threads: any.  Blocks: for one file read.
class Performance
{
public:
    virtual ~Performance() = default;
    [[nodiscard]] virtual Result<CpuTimes> cpu() const = 0;
    [[nodiscard]] virtual Result<Load> load() const = 0;
    [[nodiscard]] virtual Result<Memory> memory() const = 0;
    [[nodiscard]] virtual Result<Counters<DiskCounters>> disks() const = 0;
    [[nodiscard]] virtual Result<Counters<NetworkCounters>> network() const = 0;
};

[[nodiscard]] std::unique_ptr<Performance> make_performance(Root const& root = {});

} // namespace rollcall::platform
