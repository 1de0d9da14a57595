#pragma once

#include <cstddef>
#include <functional>
#include <mutex>

namespace rollcall::pipeline
{

/// How many messages of one connection wait for the writer. Each may be megabytes, so the whole queue must not be one
/// device's: at `most` of them reading stops, at half of it it goes on.
///
/// Owns: the count, and who is to be called.  Threads: any.  Blocks: no.
class Throttle
{
public:
    static constexpr std::size_t most = 64;

    /// Counts a message that is about to wait. False: there are so many that no more may be read until `resume`.
    bool enter(std::function<void()> const& resume);
    /// The writer has finished a message. May call `resume`.
    void leave();

private:
    std::mutex mutex_;
    std::size_t waiting_ = 0;
    std::function<void()> resume_; ///< Empty: it is being read.
};

} // namespace rollcall::pipeline
