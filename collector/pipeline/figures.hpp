#pragma once

#include <atomic>
#include <cstdint>

namespace rollcall::pipeline
{

/// Numbers for /metrics.
struct Figures {
    std::uint64_t connected_devices{};
    std::uint64_t records_stored{};       ///< Of agents, after commit.
    std::uint64_t records_repeated{};     ///< Recognised and only acknowledged again.
    std::uint64_t series_values_stored{}; ///< Cells of series, after commit.
    std::uint64_t gaps{};                 ///< Ranges recorded as lost.
    std::uint64_t resyncs{};              ///< State changes that did not fit what was stored.
    std::uint64_t alerts_opened{};
    std::uint64_t alerts_resolved{};
    std::uint64_t commits_failed{}; ///< Works that the store could not keep.
    std::uint64_t backlog{};        ///< Records that wait because the store's queue is full.
};

/// Those of them that are counted where it happens.
///
/// Owns: the numbers.  Threads: any.  Blocks: no.
struct Counters {
    std::atomic<std::uint64_t> records_stored{0};
    std::atomic<std::uint64_t> records_repeated{0};
    std::atomic<std::uint64_t> series_values_stored{0};
    std::atomic<std::uint64_t> gaps{0};
    std::atomic<std::uint64_t> resyncs{0};
    std::atomic<std::uint64_t> alerts_opened{0};
    std::atomic<std::uint64_t> alerts_resolved{0};
    std::atomic<std::uint64_t> commits_failed{0};
};

} // namespace rollcall::pipeline
