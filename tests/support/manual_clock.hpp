#pragma once

#include <atomic>

#include "common/core/clock.hpp"

namespace rollcall::support
{

/// A clock that stands still until it is told.
///
/// Owns: nothing.  Threads: any.  Blocks: no.
class ManualClock final : public Clock
{
public:
    static constexpr UnixMs start_ms = 1'800'000'000'000; // 2027-01-15

    [[nodiscard]] UnixMs now_ms() const override { return wall_ms_; }
    [[nodiscard]] std::chrono::milliseconds steady() const override { return std::chrono::milliseconds(steady_ms_); }

    void advance(std::chrono::milliseconds by)
    {
        wall_ms_ += by.count();
        steady_ms_ += by.count();
    }
    /// The wall clock alone, as when somebody sets the time.
    void jump(std::chrono::milliseconds by) { wall_ms_ += by.count(); }

private:
    std::atomic<UnixMs> wall_ms_{start_ms};
    std::atomic<std::int64_t> steady_ms_{1'000'000};
};

} // namespace rollcall::support
