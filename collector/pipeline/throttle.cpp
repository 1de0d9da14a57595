#include "collector/pipeline/throttle.hpp"

#include <utility>

namespace rollcall::pipeline
{

bool Throttle::enter(std::function<void()> const& resume)
{
    std::lock_guard const lock(mutex_);
    if (++waiting_ < most) return true;
    resume_ = resume;
    return false;
}

void Throttle::leave()
{
    std::function<void()> resume;
    {
        std::lock_guard const lock(mutex_);
        if (--waiting_ <= most / 2) resume = std::exchange(resume_, nullptr);
    }
    if (resume) resume();
}

} // namespace rollcall::pipeline
