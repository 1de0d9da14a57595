#include "platform/batteries.hpp"

#include "platform/macos/io_registry.hpp"
#include "platform/macos/registry_values.hpp"

namespace rollcall::platform
{

namespace
{

class MacBatteries final : public Batteries
{
public:
    [[nodiscard]] Result<std::vector<Battery>> list() const override
    {
        auto const found = io_services("AppleSmartBattery", battery_keys);
        if (!found) return fail(found.error(), "batteries");
        return mac_batteries(*found);
    }
};

} // namespace

std::unique_ptr<Batteries> make_batteries(Root const& /*root*/) { return std::make_unique<MacBatteries>(); }

} // namespace rollcall::platform
