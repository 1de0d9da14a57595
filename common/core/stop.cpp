#include "common/core/stop.hpp"

#include <utility>

namespace rollcall
{

void Stop::request()
{
    std::lock_guard const lock(mutex_);
    if (std::exchange(requested_, true)) return;
    // With the lock held: a Watch that ends meanwhile waits until its call is over.
    if (wanted_) wanted_();
    changed_.notify_all();
}

bool Stop::requested() const
{
    std::lock_guard const lock(mutex_);
    return requested_;
}

bool Stop::wait_for(std::chrono::milliseconds time) const
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return requested_; });
}

Stop::Watch::Watch(Stop& stop, std::function<void()> wanted)
    : stop_(stop)
{
    std::lock_guard const lock(stop_.mutex_);
    if (stop_.requested_)
        wanted();
    else
        stop_.wanted_ = std::move(wanted);
}

Stop::Watch::~Watch()
{
    std::lock_guard const lock(stop_.mutex_);
    stop_.wanted_ = nullptr;
}

} // namespace rollcall
