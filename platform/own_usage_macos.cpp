#include "platform/own_usage.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacOwnUsage final : public OwnUsage
{
public:
    [[nodiscard]] Result<OwnUsageFacts> read() const override { return fail(errc::not_supported, "own_usage: macOS"); }
};

} // namespace

std::unique_ptr<OwnUsage> make_own_usage(Root const& /*root*/) { return std::make_unique<MacOwnUsage>(); }

} // namespace rollcall::platform
