#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/access/identity.hpp"
#include "collector/gateway/ports.hpp"
#include "collector/store/audit.hpp"
#include "collector/view/api/router.hpp"

/// What of a request goes into the audit log.
namespace rollcall::api
{

/// Who asks for what on which devices and customers: as far as path and body name them. Of whom nobody knows only from
/// where and when he asks for what: his body may be anything.
[[nodiscard]] std::shared_ptr<store::AuditEntry> entry_of(Services const& services, Route const& route,
                                                          std::vector<std::string> const& path,
                                                          gateway::HttpRequest const& request,
                                                          std::optional<access::Identity> const& identity);

/// Refusals of people whom nobody knows: counted per address and action, so that a flood of them is a few rows.
///
/// Owns: its counters.  Threads: any.  Blocks: no.
class Refusals
{
public:
    void note(std::string_view remote, std::string_view action, std::string_view why, UnixMs now_ms);
    /// One row each, where the last time is long enough ago (or `all`); they are forgotten then.
    [[nodiscard]] std::vector<store::AuditRow> take(UnixMs now_ms, bool all);

private:
    struct Count {
        UnixMs first_ms{};
        UnixMs last_ms{};
        std::int64_t times{};
    };
    struct Key {
        std::string remote;
        std::string action;
        std::string why;
        auto operator<=>(Key const&) const = default;
    };
    std::mutex mutex_;
    std::map<Key, Count> counts_;
    UnixMs taken_ms_ = 0;
};

} // namespace rollcall::api
