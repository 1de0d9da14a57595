#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace rollcall::probe
{

/// How many records may be told now: a burst at once, and after that one each so often. Pure; the clock is the caller's
/// (steady).
class LogBudget
{
public:
    using Time = std::chrono::milliseconds;
    static constexpr std::size_t burst = 60;
    static constexpr Time one_every = std::chrono::minutes(1);

    [[nodiscard]] std::size_t left(Time now)
    {
        if (!begun_) {
            begun_ = true;
            at_ = now;
        }
        if (now > at_) {
            auto const more = (now - at_) / one_every;
            at_ += more * one_every;
            left_ = std::min(burst, left_ + static_cast<std::size_t>(std::min<Time::rep>(more, burst)));
        }
        return left_;
    }
    void take(std::size_t records) { left_ -= std::min(left_, records); }

private:
    bool begun_ = false;
    Time at_{};
    std::size_t left_ = burst;
};

} // namespace rollcall::probe
