#include "platform/reboot.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsReboot final : public Reboot
{
public:
    [[nodiscard]] Result<std::vector<RebootSignal>> signals() const override
    {
        return fail(errc::not_supported, "reboot: Windows");
    }
};

} // namespace

std::unique_ptr<Reboot> make_reboot(Root const& /*root*/) { return std::make_unique<WindowsReboot>(); }

} // namespace rollcall::platform
