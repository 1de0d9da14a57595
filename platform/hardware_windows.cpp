#include "platform/hardware.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsHardware final : public Hardware
{
public:
    [[nodiscard]] Result<HardwareFacts> read() const override { return fail(errc::not_supported, "hardware: Windows"); }
    [[nodiscard]] Result<std::string> identity() const override
    {
        return fail(errc::not_supported, "hardware: Windows");
    }
};

} // namespace

std::unique_ptr<Hardware> make_hardware(Root const& /*root*/) { return std::make_unique<WindowsHardware>(); }

} // namespace rollcall::platform
