#include "agent/spool/spool_thread.hpp"

#include <utility>

#include "common/log/log.hpp"

namespace rollcall::spool
{

SpoolThread::SpoolThread(Spool spool, Options options)
    : options_(std::move(options))
    , spool_(std::move(spool))
    , thread_([this] { run(); })
{
}

SpoolThread::~SpoolThread()
{
    {
        std::lock_guard const lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void SpoolThread::post(Job job)
{
    {
        std::lock_guard const lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void SpoolThread::run()
{
    auto flush_at = std::chrono::steady_clock::now() + flush_every / 2;
    bool drop_old = true; // What became too old while the agent did not run.
    for (;;) {
        Job job;
        {
            std::unique_lock lock(mutex_);
            wake_.wait_until(lock, flush_at, [&] { return ending_ || drop_old || !jobs_.empty(); });
            if (!jobs_.empty()) {
                job = std::move(jobs_.front());
                jobs_.pop_front();
            } else if (ending_) {
                return;
            }
        }
        if (job) {
            job(spool_);
        } else if (std::exchange(drop_old, false)) {
            auto const more = spool_.drop_old();
            if (!more) mend(spool_, options_, more.error());
            drop_old = more && *more;
        }
        if (std::chrono::steady_clock::now() >= flush_at) {
            if (auto const flushed = spool_.flush(); !flushed) mend(spool_, options_, flushed.error());
            flush_at = std::chrono::steady_clock::now() + flush_every / 2;
            drop_old = true;
        }
    }
}

bool SpoolThread::mend(Spool& spool, Options const& options, Error const& error)
{
    log::error("spool.failed", {{"error", error}});
    if (error.code != errc::corrupt) return false;
    auto again = Spool::open(options);
    if (!again) {
        log::error("spool.failed", {{"error", again.error()}});
        return false;
    }
    spool = std::move(*again);
    return true;
}

} // namespace rollcall::spool
