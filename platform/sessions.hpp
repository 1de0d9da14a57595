#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "platform/fact.hpp"

namespace rollcall::platform
{

using namespace std::chrono_literals;

/// No input for this long is idle.
inline constexpr auto idle_after = 5min;

struct Session {
    std::string id;
    std::string user;
    std::string kind; ///< "desktop", "console", "remote".
    std::string from; ///< Where a remote session comes from; empty for a local one.
    Fact<std::string> terminal;
    Fact<std::string> state; ///< "active", "idle", "locked", "disconnected".
    Fact<UnixMs> since_ms;
    Fact<UnixMs> last_input_ms;
};

struct LastLogin {
    std::string user;
    UnixMs at_ms{};
    std::string kind;
    std::string from;
};

/// Who is logged in, and who was last.
///
/// Owns: nothing.  Threads: one at a time.  Blocks: for calls to the log-in manager.
class Sessions
{
public:
    virtual ~Sessions() = default;
    /// Empty is a valid answer: nobody is logged in.
    [[nodiscard]] virtual Result<std::vector<Session>> list() const = 0;
    /// not_found: no log-in is on record.
    [[nodiscard]] virtual Result<LastLogin> last_login() const = 0;
};

[[nodiscard]] std::unique_ptr<Sessions> make_sessions(Root const& root = {});

} // namespace rollcall::platform
