#include "collector/pipeline/clock_offset.hpp"

#include <algorithm>
#include <chrono>

#include "common/wire/limits.hpp"

namespace rollcall::pipeline
{

namespace
{

using std::chrono::milliseconds;

/// Measurements of which the greatest counts.
constexpr std::size_t offset_samples = 3;
/// Less than the greatest by more than this is a clock that was set back: no frame is that late, since long before that
/// silence ends the connection.
constexpr milliseconds clock_set_back = 4 * wire::limits::silence;

} // namespace

std::int64_t ClockOffset::measure(std::int64_t offset_ms)
{
    if (!measured_.empty() && offset_ms < ms() - clock_set_back.count()) measured_.clear();
    measured_.push_back(offset_ms);
    if (measured_.size() > offset_samples) measured_.pop_front();
    return ms();
}

std::int64_t ClockOffset::ms() const { return measured_.empty() ? 0 : *std::ranges::max_element(measured_); }

std::optional<std::int64_t> beyond_limit(std::int64_t offset_ms)
{
    static constexpr auto limit = milliseconds(wire::limits::clock_offset).count();
    if (offset_ms > limit || offset_ms < -limit) return offset_ms;
    return std::nullopt;
}

} // namespace rollcall::pipeline
