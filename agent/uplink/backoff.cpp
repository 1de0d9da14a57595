#include "agent/uplink/backoff.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace rollcall::uplink
{

/// More doublings than any sensible pause has.
static constexpr int most_doublings = 20;

Backoff::Backoff(Settings settings, std::function<double()> random)
    : settings_(settings)
    , random_(std::move(random))
{
}

std::chrono::milliseconds Backoff::between(std::chrono::milliseconds low, std::chrono::milliseconds high)
{
    auto const span = static_cast<double>(std::max(high - low, 0ms).count());
    return low + std::chrono::milliseconds(static_cast<std::int64_t>(span * random_()));
}

std::chrono::milliseconds Backoff::next()
{
    auto const high =
        std::min(settings_.most, settings_.first * (std::int64_t{1} << std::min(failures_, most_doublings)));
    failures_ = std::min(failures_ + 1, most_doublings);
    return between(settings_.least, high);
}

std::chrono::milliseconds Backoff::next_after_refusal() { return between(settings_.refused / 2, settings_.refused); }

void Backoff::acknowledged() { failures_ = 0; }

} // namespace rollcall::uplink
