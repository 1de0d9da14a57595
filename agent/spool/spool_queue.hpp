#pragma once

#include <functional>

#include "agent/spool/spool.hpp"

namespace rollcall::spool
{

/// Where work on a spool is left, to be done there, one after the other and in the order it came.
///
/// Threads: post() from any that the body allows.  Blocks: no.
class SpoolQueue
{
public:
    using Job = std::function<void(Spool&)>;

    virtual ~SpoolQueue() = default;
    virtual void post(Job job) = 0;
    /// A spool that turns out to be damaged while it is in use is opened again with these.
    [[nodiscard]] virtual Options const& options() const = 0;
};

} // namespace rollcall::spool
