#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "agent/spool/spool_queue.hpp"

namespace rollcall::spool
{

/// The one thread that touches the spool, so that nobody else ever waits for the disk.
///
/// Owns: the Spool and its thread.
/// Threads: post() from any; jobs run in the order they came.
/// Blocks: post() does not; call() and the destructor wait for what was posted before.
class SpoolThread final : public SpoolQueue
{
public:
    SpoolThread(Spool spool, Options options);
    ~SpoolThread() override;
    SpoolThread(SpoolThread const&) = delete;
    SpoolThread& operator=(SpoolThread const&) = delete;

    void post(Job job) override;

    /// Runs `job` there and waits for its answer. Not from within a job.
    template <class T>
    T call(std::function<T(Spool&)> job)
    {
        std::optional<T> answer;
        std::mutex mutex;
        std::condition_variable ready;
        post([&](Spool& spool) {
            auto made = job(spool);
            std::lock_guard const lock(mutex);
            answer.emplace(std::move(made));
            ready.notify_one();
        });
        std::unique_lock lock(mutex);
        ready.wait(lock, [&] { return answer.has_value(); });
        return std::move(*answer);
    }

    /// To be called by a job whose call on the spool failed: logs it and, where the file is damaged, begins a new one.
    /// True: the spool is another one now, with another epoch.
    static bool mend(Spool& spool, Options const& options, Error const& error);
    [[nodiscard]] Options const& options() const override { return options_; }

private:
    void run();

    Options options_;
    Spool spool_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    bool ending_ = false;
    std::thread thread_;
};

} // namespace rollcall::spool
