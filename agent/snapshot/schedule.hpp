#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/wire/catalogue.hpp"

namespace rollcall::snapshot
{

using namespace std::chrono_literals;

/// Which probe is to be read next. Each has a cadence, off by up to ±10 %, so that a thousand machines that were
/// switched on together do not call together; a notice of a change makes it due after a short wait that gathers more of
/// the kind. What runs is not started again, but a notice that comes meanwhile is remembered.
///
/// Owns: when each was last read.  Threads: one at a time.  Blocks: no; the clock is the caller's (steady).
class Schedule
{
public:
    using Time = std::chrono::milliseconds;
    /// A random number from 0 up to, not including, 1.
    using Random = std::function<double()>;

    struct Entry {
        std::string probe;
        Time every{};
        Time gap{}; ///< Two reads begin at least so far apart, however many notices come.
        /// In one tick with all others that are so marked: those of the same cadence always, slower ones up to three
        /// tenths of theirs early.
        bool together = false;
    };

    /// The first notice waits this long for others.
    static constexpr Time gather = 50ms;
    /// Gaps: of most probes, and of those that cost much.
    static constexpr Time usual_gap = 1s;
    static constexpr Time costly_gap = 10s;
    static constexpr double jitter = 0.1;

    /// Everything is due at `now`.
    Schedule(std::vector<Entry> entries, Random random, Time now);

    /// The entries for declared probes: their cadence, and 30 s of gap for `patches`. Series are read together, so that
    /// they travel in one message.
    [[nodiscard]] static std::vector<Entry> entries_for(std::span<wire::Probe const> probes);

    /// Something changed that this probe shows. Unknown names are nobody's business.
    void notice(std::string_view probe, Time now);

    /// What is to be started now, the longest due first. Each counts as running from here on.
    [[nodiscard]] std::vector<std::string> take_due(Time now);

    /// It came back, well or not, or its limit was reached. (Where the reader still hangs at the next turn, the runner
    /// refuses to start it: not_started.)
    void finished(std::string_view probe, Time now);

    /// It was not started after all: try again after a gap, or at the next tick.
    void not_started(std::string_view probe, Time now);

    /// When to ask again; nothing while everything runs.
    [[nodiscard]] std::optional<Time> next() const;

private:
    struct Item {
        Time every{};
        Time gap{};
        bool together{};
        Time due{};
        std::optional<Time> begun; ///< Of the latest read.
        bool running{};
        bool noticed{}; ///< While it ran.
    };
    [[nodiscard]] Time earliest(Item const& item, Time wanted) const;

    std::map<std::string, Item, std::less<>> items_;
    Random random_;
};

} // namespace rollcall::snapshot
