#include "platform/time_sync.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacTimeSync final : public TimeSync
{
public:
    [[nodiscard]] Result<TimeSyncFacts> read() const override { return fail(errc::not_supported, "time_sync: macOS"); }
};

} // namespace

std::unique_ptr<TimeSync> make_time_sync(Root const& /*root*/) { return std::make_unique<MacTimeSync>(); }

} // namespace rollcall::platform
