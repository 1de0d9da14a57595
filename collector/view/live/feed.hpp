#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "collector/access/permission.hpp"
#include "collector/store/records.hpp"
#include "collector/view/api/resources.hpp"
#include "collector/view/projection.hpp"

namespace rollcall::live
{

namespace limits
{
/// At most one message per client in this time; what happens meanwhile goes together into the next.
inline constexpr std::chrono::milliseconds live_interval_ms{100};
/// Devices named in one message; with more it says `all_devices`.
inline constexpr std::size_t live_devices = 100;
/// How often a feed makes sure that its session has not expired or been ended elsewhere.
inline constexpr std::chrono::milliseconds session_check{5000};
} // namespace limits

/// What one client still has to be told, and when. Pure.
///
/// Owns: nothing.  Threads: one at a time.  Blocks: no.
class Feed
{
public:
    Feed(store::Scope scope, access::Permissions permissions);

    /// Remembers what of the change this client may know.
    void note(view::Change const& change);
    /// nullopt: nothing waits. Otherwise how long until it may be sent.
    [[nodiscard]] std::optional<std::chrono::milliseconds> due(std::chrono::milliseconds now) const;
    /// The message that is due, if one is.
    [[nodiscard]] std::optional<api::Changed> take(std::chrono::milliseconds now);

private:
    store::Scope scope_;
    access::Permissions permissions_;
    std::set<std::string, std::less<>> devices_;
    api::Changed waiting_;
    bool anything_ = false;
    std::optional<std::chrono::milliseconds> last_;
};

} // namespace rollcall::live
