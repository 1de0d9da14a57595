#pragma once

#include <algorithm>
#include <chrono>

namespace rollcall
{

/// Time awake, added up look by look. The steady clocks of Windows (QueryPerformanceCounter) and macOS
/// (CLOCK_MONOTONIC_RAW) go on while the machine sleeps: of a sleep between two looks no more than `most` counts.
class AwakeTime
{
public:
    explicit AwakeTime(std::chrono::milliseconds steady)
        : last_(steady)
    {
    }
    void look(std::chrono::milliseconds steady, std::chrono::milliseconds most)
    {
        spent_ += std::min(steady - last_, most);
        last_ = steady;
    }
    [[nodiscard]] std::chrono::milliseconds spent() const { return spent_; }

private:
    std::chrono::milliseconds last_;
    std::chrono::milliseconds spent_{};
};

} // namespace rollcall
