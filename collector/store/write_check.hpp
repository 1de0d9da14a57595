#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "collector/store/store.hpp"
#include "common/core/clock.hpp"

namespace rollcall::store
{

/// Whether the store can be written, found out by writing. Who asks is anybody, and each commit makes the disk wait for
/// everybody: so an answer is kept for `kept`, and those who ask meanwhile get the same.
///
/// Owns: the last answer.  Threads: any.  Blocks: for a commit.
class WriteCheck
{
public:
    static constexpr std::chrono::seconds kept{2};

    WriteCheck(Store& store, Clock const& clock);
    /// The error of the commit that failed.
    [[nodiscard]] Result<> answer();

private:
    Store& store_;
    Clock const& clock_;
    std::mutex mutex_; ///< Held while one asks, so that the others wait for its answer.
    std::optional<std::chrono::milliseconds> answered_at_;
    Result<> answer_;
};

} // namespace rollcall::store
