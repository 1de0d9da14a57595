#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace rollcall::pipeline
{

/// A device's clock less ours, from the stamps of the last few frames. The greatest counts: a frame can only be read
/// too late, never too early. Pure.
///
/// Owns: the last measurements.  Threads: one at a time.  Blocks: no.
class ClockOffset
{
public:
    /// One more measurement. What counts from now on is returned.
    std::int64_t measure(std::int64_t offset_ms);
    /// 0 while nothing was measured.
    [[nodiscard]] std::int64_t ms() const;

private:
    std::deque<std::int64_t> measured_;
};

/// The offset, where it is beyond limits::clock_offset: less is not told and not corrected.
[[nodiscard]] std::optional<std::int64_t> beyond_limit(std::int64_t offset_ms);

} // namespace rollcall::pipeline
