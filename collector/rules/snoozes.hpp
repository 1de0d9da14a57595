#pragma once

#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "collector/rules/evaluator.hpp"
#include "collector/store/records.hpp"

namespace rollcall::rules
{

/// When snoozes that were given a time end: at that time by the wall clock, and no later than they were to last by the
/// steady one. So nothing stays out of sight for a year because somebody set the clock back.
///
/// Owns: the times.  Threads: one at a time.  Blocks: no.
class Snoozes
{
public:
    struct Due {
        std::string alert_id;
        UnixMs until_ms{}; ///< Of the snooze that ends: the alert may have got another one.
    };

    /// The alert is as this says: what is not snoozed until a time is forgotten.
    void put(store::Alert const& alert, Now now);
    void forget(std::string_view alert_id);
    /// At most `limit` of those that end; they stay until something else is put.
    [[nodiscard]] std::vector<Due> due(Now now, std::size_t limit) const;

private:
    struct Entry {
        UnixMs since_ms{};
        UnixMs until_ms{};
        std::chrono::milliseconds deadline{};
    };
    std::unordered_map<std::string, Entry> entries_;
    std::set<std::pair<UnixMs, std::string>> by_wall_;
    std::set<std::pair<std::chrono::milliseconds, std::string>> by_steady_;
};

} // namespace rollcall::rules
