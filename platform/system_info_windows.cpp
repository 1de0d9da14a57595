#include "platform/system_info.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsSystemInfo final : public SystemInfo
{
public:
    [[nodiscard]] Result<OsFacts> read() override { return fail(errc::not_supported, "system_info: Windows"); }
};

} // namespace

std::unique_ptr<SystemInfo> make_system_info(Root const& /*root*/) { return std::make_unique<WindowsSystemInfo>(); }

} // namespace rollcall::platform
