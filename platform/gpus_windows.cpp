#include "platform/gpus.hpp"

#include <windows.h>

#include "platform/windows/devices.hpp"
#include "platform/windows/display_adapter.hpp"
#include "platform/windows/registry.hpp"

namespace rollcall::platform
{

namespace
{

/// GUID_DEVCLASS_DISPLAY.
constexpr GUID display_class = {0x4d36e968, 0xe325, 0x11ce, {0xbf, 0xc1, 0x08, 0x00, 0x2b, 0xe1, 0x03, 0x18}};

Fact<std::int64_t> memory_of(PresentDevice const& device)
{
    if (!device.driver_key) return fail(errc::not_supported, "gpus: no driver says");
    auto const key =
        Registry::open(HKEY_LOCAL_MACHINE, R"(SYSTEM\CurrentControlSet\Control\Class\)" + *device.driver_key);
    if (!key) return Result<std::int64_t>(key.error());
    return adapter_memory(*key);
}

class WindowsGpus final : public Gpus
{
public:
    [[nodiscard]] Result<std::vector<Gpu>> list() override
    {
        auto const devices = devices_of_class(display_class);
        if (!devices) return fail(devices.error(), "gpus");
        std::vector<Gpu> gpus;
        for (auto const& device : *devices) {
            if (!is_hardware_adapter(device)) continue;
            gpus.push_back({.place = adapter_place(device),
                            .manufacturer = device.manufacturer,
                            .model = device.description,
                            .driver = device.service,
                            .memory_bytes = memory_of(device)});
        }
        return gpus;
    }
};

} // namespace

std::unique_ptr<Gpus> make_gpus(Root const& /*root*/) { return std::make_unique<WindowsGpus>(); }

} // namespace rollcall::platform
