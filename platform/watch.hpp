#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "platform/fact.hpp"

namespace rollcall::platform
{

/// Tells which probe should be read again because the system told of a change. A hint, not a fact: it may come
/// too often (the listener debounces) and, where the system cannot tell, never; cadence covers the rest.
///
/// Owns: one thread and what it listens on.
/// Threads: `start` and `stop` from one thread; the callback runs on the thread of this class and must not block.
/// Blocks: `stop` for at most the callback's run.
class Changes
{
public:
    /// The name of a probe of common/wire/catalogue.cpp.
    using Callback = std::function<void(std::string_view probe)>;

    virtual ~Changes() = default;
    /// Once. Sources that are missing are left out; not_supported where there is none at all.
    virtual Result<> start(Callback callback) = 0;
    /// No callback after it returns. May be called twice; the destructor calls it.
    virtual void stop() = 0;
};

[[nodiscard]] std::unique_ptr<Changes> make_changes();

} // namespace rollcall::platform
