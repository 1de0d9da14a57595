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

/// Of that who asks from where and when for what.
void tell_who(store::AuditEntry& entry, std::string action, gateway::HttpRequest const& request,
              std::optional<access::Identity> const& identity, UnixMs now_ms);

/// Refusals of people whom nobody knows, and of reads: counted per person, address, action and reason, so that a flood
/// of them is a few rows.
///
/// Owns: its counters.  Threads: any.  Blocks: no.
class Refusals
{
public:
    struct Key {
        std::string actor_kind;
        std::string actor_id;
        std::string actor_name;
        std::string remote;
        std::string action;
        std::string why;
        auto operator<=>(Key const&) const = default; // NOLINT(modernize-use-nullptr): it means the 0 of its own making
    };
    struct Count {
        UnixMs first_ms{};
        UnixMs last_ms{};
        std::int64_t times{};
    };
    using Counts = std::map<Key, Count>;

    void note(store::AuditEntry const& entry, std::string_view why);
    /// Where the last time is long enough ago (or `all`); they are forgotten then.
    [[nodiscard]] Counts take(UnixMs now_ms, bool all);
    /// What could not be written down is counted on.
    void put_back(Counts const& counts);

private:
    std::mutex mutex_;
    Counts counts_;
    UnixMs taken_ms_ = 0;
};

/// One row for each.
[[nodiscard]] std::vector<store::AuditRow> rows_of(Refusals::Counts const& counts);

} // namespace rollcall::api
