#include "agent/probe/runner.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace rollcall::probe
{

using Steady = std::chrono::steady_clock;

namespace
{

struct Job {
    std::string probe;
    std::shared_ptr<Reader> reader;
    std::chrono::milliseconds limit{};
    Steady::time_point deadline; ///< To be begun by then; once begun, to be done by then.
    bool given_up{};
};

} // namespace

/// Shared with every thread, so that one that hangs finds it alive when it comes back.
struct Runner::State : std::enable_shared_from_this<Runner::State> {
    State(Done callback, Options limits)
        : done(std::move(callback))
        , options(limits)
    {
    }

    Done const done;
    Options const options;

    mutable std::mutex mutex;
    std::condition_variable work;      ///< For idle workers.
    std::condition_variable supervise; ///< For the supervisor.
    std::condition_variable quiet;     ///< For stop().
    std::deque<std::shared_ptr<Job>> waiting;
    std::map<std::string, std::shared_ptr<Job>, std::less<>> busy; ///< Waiting, running and hanging ones, by probe.
    std::vector<std::shared_ptr<Job>> running;                     ///< Begun and not given up.
    std::size_t live{};                                            ///< Workers, with the hanging ones.
    std::size_t idle{};
    std::size_t hanging{};
    std::size_t calling{}; ///< Calls of `done` under way.
    bool stopped{};

    /// With the lock held; gives it back around the call.
    void tell(std::unique_lock<std::mutex>& lock, std::string const& probe, Result<Snapshot> seen)
    {
        if (stopped) return;
        ++calling;
        lock.unlock();
        done(probe, std::move(seen));
        lock.lock();
        --calling;
        quiet.notify_all();
    }

    /// With the lock held: another worker where one is wanted and allowed.
    void grow()
    {
        if (stopped || waiting.size() <= idle || live >= options.most_threads || live - hanging >= options.threads)
            return;
        ++live;
        // Not joined: one that hangs could not be. stop() waits until the others have ended.
        std::thread([self = shared_from_this()] { self->worker(); }).detach();
    }

    void worker()
    {
        std::unique_lock lock(mutex);
        while (!stopped && live - hanging <= options.threads) {
            if (waiting.empty()) {
                ++idle;
                work.wait(lock, [&] { return stopped || !waiting.empty(); });
                --idle;
                continue;
            }
            auto const job = waiting.front();
            waiting.pop_front();
            job->deadline = Steady::now() + job->limit;
            running.push_back(job);
            supervise.notify_all();
            lock.unlock();
            auto seen = guarded(*job->reader);
            lock.lock();
            std::erase(running, job);
            busy.erase(job->probe);
            if (job->given_up)
                --hanging;
            else
                tell(lock, job->probe, std::move(seen));
        }
        --live;
        quiet.notify_all();
    }

    /// An exception is a bug of that reader, and must not end the others.
    static Result<Snapshot> guarded(Reader& reader)
    {
        try {
            return reader.read();
        } catch (std::exception const& broken) {
            return fail(errc::io, fmt::format("the reader broke: {}", broken.what()));
        } catch (...) {
            return fail(errc::io, "the reader broke");
        }
    }

    void supervisor()
    {
        std::unique_lock lock(mutex);
        while (!stopped) {
            auto const now = Steady::now();
            std::vector<std::pair<std::string, Error>> late;
            for (auto const& job : running) {
                if (job->deadline > now) continue;
                job->given_up = true;
                ++hanging;
                late.emplace_back(job->probe, fail(errc::timed_out, fmt::format("{}: longer than {} ms", job->probe,
                                                                                job->limit.count())));
            }
            std::erase_if(running, [](auto const& job) { return job->given_up; });
            // While one thread does not hang, or can still be made, everybody's turn comes.
            bool const stuck = hanging >= options.most_threads;
            for (auto const& job : waiting)
                if (stuck && job->deadline <= now) {
                    job->given_up = true;
                    busy.erase(job->probe);
                    late.emplace_back(job->probe, fail(errc::busy, fmt::format("{}: no thread is free", job->probe)));
                }
            std::erase_if(waiting, [](auto const& job) { return job->given_up; });
            if (!late.empty()) {
                grow();
                for (auto& [probe, why] : late)
                    tell(lock, probe, std::move(why));
                continue;
            }
            std::optional<Steady::time_point> next;
            for (auto const& job : running)
                next = next ? std::min(*next, job->deadline) : job->deadline;
            if (stuck)
                for (auto const& job : waiting)
                    next = next ? std::min(*next, job->deadline) : job->deadline;
            if (next)
                supervise.wait_until(lock, *next);
            else
                supervise.wait(lock);
        }
    }
};

Runner::Runner(Done done)
    : Runner(std::move(done), Options{})
{
}

Runner::Runner(Done done, Options options)
    : state_(std::make_shared<State>(std::move(done), options))
    , supervisor_([state = state_] { state->supervisor(); })
{
}

Runner::~Runner() { stop(); }

bool Runner::start(std::string probe, std::shared_ptr<Reader> reader, std::chrono::milliseconds limit)
{
    std::lock_guard const lock(state_->mutex);
    if (state_->stopped || state_->busy.contains(probe)) return false;
    auto job = std::make_shared<Job>();
    job->probe = probe;
    job->reader = std::move(reader);
    job->limit = limit;
    job->deadline = Steady::now() + limit;
    state_->busy.emplace(std::move(probe), job);
    state_->waiting.push_back(std::move(job));
    state_->grow();
    state_->work.notify_one();
    state_->supervise.notify_all();
    return true;
}

void Runner::stop(std::chrono::milliseconds patience)
{
    {
        std::unique_lock lock(state_->mutex);
        state_->stopped = true;
        state_->waiting.clear();
        state_->work.notify_all();
        state_->supervise.notify_all();
        // A call of `done` under way is always waited for; a reader only so long.
        state_->quiet.wait(lock, [&] { return state_->calling == 0; });
        state_->quiet.wait_for(lock, patience, [&] { return state_->live == state_->hanging; });
    }
    if (supervisor_.joinable()) supervisor_.join();
}

bool Runner::running(std::string_view probe) const
{
    std::lock_guard const lock(state_->mutex);
    return state_->busy.contains(probe);
}

std::size_t Runner::hung() const
{
    std::lock_guard const lock(state_->mutex);
    return state_->hanging;
}

std::size_t Runner::threads() const
{
    std::lock_guard const lock(state_->mutex);
    return state_->live;
}

} // namespace rollcall::probe
