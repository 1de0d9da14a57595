#include "platform/reboot.hpp"

#include "platform/windows/reboot_signals.hpp"

namespace rollcall::platform
{

namespace
{

class WindowsReboot final : public Reboot
{
public:
    [[nodiscard]] Result<std::vector<RebootSignal>> signals() const override
    {
        RebootPlaces places;
        // Goes on through sleep and fast startup, which are no boots.
        places.boot_ms = SystemClock{}.now_ms() - static_cast<UnixMs>(::GetTickCount64());
        return reboot_signals(places);
    }
};

} // namespace

std::unique_ptr<Reboot> make_reboot(Root const& /*root*/) { return std::make_unique<WindowsReboot>(); }

} // namespace rollcall::platform
