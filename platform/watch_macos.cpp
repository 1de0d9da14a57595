#include "platform/watch.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so: cadence alone reads the probes.
class MacChanges final : public Changes
{
public:
    Result<> start(Callback /*callback*/) override { return fail(errc::not_supported, "watch: macOS"); }
    void stop() override {}
};

} // namespace

std::unique_ptr<Changes> make_changes() { return std::make_unique<MacChanges>(); }

} // namespace rollcall::platform
