#include "platform/time_sync.hpp"

#include <algorithm>

#include "platform/processes.hpp"

namespace rollcall::platform
{

namespace
{

/// timed(8) keeps the clock and tells nobody how well.
class MacTimeSync final : public TimeSync
{
public:
    [[nodiscard]] Result<TimeSyncFacts> read() const override
    {
        auto const running = make_processes()->list();
        if (!running) return fail(running.error(), "time_sync");
        bool const keeps = std::any_of(running->processes.begin(), running->processes.end(),
                                       [](Process const& process) { return process.name == "timed"; });
        TimeSyncFacts facts;
        facts.source = std::string(keeps ? "timed" : "");
        auto const silent = fail(errc::not_supported, "time_sync: timed does not tell");
        facts.synchronised = Result<bool>(silent);
        facts.offset_ms = Result<std::int64_t>(silent);
        return facts;
    }
};

} // namespace

std::unique_ptr<TimeSync> make_time_sync(Root const& /*root*/) { return std::make_unique<MacTimeSync>(); }

} // namespace rollcall::platform
