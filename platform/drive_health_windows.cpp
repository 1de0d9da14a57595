#include "platform/drive_health.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsDriveHealth final : public DriveHealth
{
public:
    [[nodiscard]] Result<std::vector<Drive>> list() const override
    {
        return fail(errc::not_supported, "drive_health: Windows");
    }
};

} // namespace

std::unique_ptr<DriveHealth> make_drive_health(Root const& /*root*/) { return std::make_unique<WindowsDriveHealth>(); }

} // namespace rollcall::platform
