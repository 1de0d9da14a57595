#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>

#include "collector/pipeline/works.hpp"

namespace rollcall::pipeline
{

/// Deletes the devices that people have purged, with all that is stored of them: a few rows at a time, one work after
/// the other, so that what devices say in between is stored as fast as ever.
///
/// Owns: the list of those devices; the store has it, too.  Threads: any.  Blocks: no.
class Purges
{
public:
    explicit Purges(Works& works);

    void add(std::string const& device_id);
    /// Goes on where nothing is under way. Once a second.
    void tick();
    /// Goes on with the next start.
    void stop();
    /// Devices of which something is left.
    [[nodiscard]] std::size_t waiting() const;

private:
    void step();
    void done(std::string const& device_id, bool stored, bool more);

    Works& works_;
    mutable std::mutex mutex_; // Guards all below.
    std::deque<std::string> devices_;
    bool busy_ = false;
    bool stopped_ = false;
};

} // namespace rollcall::pipeline
