#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace rollcall
{

using namespace std::chrono_literals;

/// Wall clock in milliseconds since 1970, UTC, as on the wire and in the store.
using UnixMs = std::int64_t;

/// A machine without a battery for its clock begins in 1970 until the network tells it: what is stamped before this
/// has no time. 2020-01-01, before there was an agent.
inline constexpr UnixMs clock_never_set_ms = 1'577'836'800'000;

/// Where decisions get the time from, so that tests can set it.
///
/// Owns: nothing.  Threads: any.  Blocks: no.
class Clock
{
public:
    virtual ~Clock() = default;
    /// The wall clock: may jump. For stamps that people read.
    [[nodiscard]] virtual UnixMs now_ms() const = 0;
    /// Never goes back. For periods and time-outs.
    [[nodiscard]] virtual std::chrono::milliseconds steady() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock
{
public:
    [[nodiscard]] UnixMs now_ms() const override
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    }
    [[nodiscard]] std::chrono::milliseconds steady() const override
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    }
};

} // namespace rollcall
