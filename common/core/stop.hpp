#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace rollcall
{

/// Somebody's wish that a long piece of work ends: std::stop_source, which not every system's library has yet.
///
/// Owns: nothing.  Threads: any.  Blocks: wait_for() until its time is over or the wish is there.
class Stop
{
public:
    Stop() = default;
    Stop(Stop const&) = delete;
    Stop& operator=(Stop const&) = delete;

    void request();
    [[nodiscard]] bool requested() const;
    /// True: it is wished by now.
    [[nodiscard]] bool wait_for(std::chrono::milliseconds time) const;

    /// While it lives, `wanted` is called once when the wish is there, from the thread that has it; at once where it is
    /// there already. One at a time. `wanted` must not touch the Stop.
    class Watch
    {
    public:
        Watch(Stop& stop, std::function<void()> wanted);
        ~Watch();
        Watch(Watch const&) = delete;
        Watch& operator=(Watch const&) = delete;

    private:
        Stop& stop_;
    };

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    bool requested_ = false;
    std::function<void()> wanted_;
};

} // namespace rollcall
