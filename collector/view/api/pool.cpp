#include "collector/view/api/pool.hpp"

#include <utility>

namespace rollcall::api
{

Pool::Pool(std::size_t threads, std::size_t queue_limit)
    : queue_limit_(queue_limit)
{
    for (std::size_t number = 0; number < threads; ++number)
        threads_.emplace_back([this] { run(); });
}

Pool::~Pool() { stop(); }

bool Pool::submit(std::function<void()> work)
{
    {
        std::lock_guard const lock(mutex_);
        if (stopping_ || queue_.size() >= queue_limit_) return false;
        queue_.push_back(std::move(work));
    }
    wake_.notify_one();
    return true;
}

void Pool::stop()
{
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
}

std::size_t Pool::waiting() const
{
    std::lock_guard const lock(mutex_);
    return queue_.size();
}

void Pool::run()
{
    for (;;) {
        std::function<void()> work;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            work = std::move(queue_.front());
            queue_.pop_front();
        }
        work();
    }
}

} // namespace rollcall::api
