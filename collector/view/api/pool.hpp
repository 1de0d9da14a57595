#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace rollcall::api
{

/// A few threads for work that blocks (SQLite, argon2), with a queue that never grows beyond its limit.
///
/// Owns: its threads.  Threads: any.  Blocks: stop() does, until what was taken is done.
class Pool
{
public:
    Pool(std::size_t threads, std::size_t queue_limit);
    ~Pool();
    Pool(Pool const&) = delete;
    Pool& operator=(Pool const&) = delete;

    /// False: the queue is full, or the pool has stopped; nothing was taken.
    [[nodiscard]] bool submit(std::function<void()> work);
    /// Does what waits, then ends the threads. Idempotent.
    void stop();
    [[nodiscard]] std::size_t waiting() const;

private:
    void run();

    std::size_t const queue_limit_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

} // namespace rollcall::api
