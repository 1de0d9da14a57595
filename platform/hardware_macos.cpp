#include "platform/hardware.hpp"

#include <array>

#include <gethostuuid.h>
#include <time.h>
#include <uuid/uuid.h>

#include <fmt/format.h>

#include "platform/machine_identity.hpp"
#include "platform/macos/io_registry.hpp"
#include "platform/macos/registry_values.hpp"
#include "platform/macos/smbios_data.hpp"
#include "platform/macos/sysctl.hpp"
#include "platform/smbios.hpp"

namespace rollcall::platform
{

namespace
{

/// The entry of the machine itself.
Result<plist::Value> platform_expert()
{
    auto const experts =
        io_services("IOPlatformExpertDevice", {"IOPlatformUUID", "IOPlatformSerialNumber", "manufacturer"});
    if (!experts) return fail(experts.error(), "hardware");
    if (experts->empty()) return fail(errc::not_found, "hardware: the registry has no machine");
    return experts->front();
}

/// Without IOKit the kernel tells it, too.
Fact<std::string> host_uuid()
{
    uuid_t raw{};
    timespec const wait{.tv_sec = 1, .tv_nsec = 0};
    if (::gethostuuid(raw, &wait) != 0) return fail_errno(errno, "hardware: gethostuuid");
    std::array<char, 37> text{};
    ::uuid_unparse_lower(raw, text.data());
    return std::string(text.data());
}

class MacHardware final : public Hardware
{
public:
    [[nodiscard]] Result<HardwareFacts> read() const override
    {
        HardwareFacts facts;
        auto const expert = platform_expert();
        if (expert) {
            facts.manufacturer = registry_text(*expert, "manufacturer");
            facts.serial = registry_text(*expert, "IOPlatformSerialNumber");
        } else {
            facts.manufacturer = Result<std::string>(expert.error());
            facts.serial = Result<std::string>(expert.error());
        }
        facts.model = sysctl_text("hw.model");
        read_chassis(facts);
        auto const hypervisor = sysctl_number("kern.hv_vmm_present");
        if (hypervisor && facts.model)
            facts.virtualization = mac_virtualization(*hypervisor == 1, facts.manufacturer, *facts.model);
        else
            facts.virtualization = Result<std::string>(hypervisor ? facts.model.error() : hypervisor.error());
        facts.cpu_model = sysctl_text("machdep.cpu.brand_string");
        facts.cpu_sockets = sysctl_number("hw.packages");
        facts.cpu_cores = sysctl_number("hw.physicalcpu_max");
        facts.cpu_threads = sysctl_number("hw.logicalcpu_max");
        facts.memory_bytes = sysctl_number("hw.memsize");
        facts.firmware_version = firmware();
        facts.desktop = true; // Each Mac has one.
        return facts;
    }

    [[nodiscard]] Result<std::string> identity() const override
    {
        auto const expert = platform_expert();
        if (!expert && reason(expert.error()) != to_string(errc::not_supported))
            return fail(expert.error(), "hardware identity");
        auto const uuid = expert ? registry_text(*expert, "IOPlatformUUID") : host_uuid();
        auto const serial = expert ? registry_text(*expert, "IOPlatformSerialNumber")
                                   : Fact<std::string>(fail(errc::not_found, "hardware: no IOKit"));
        auto own = dmi_identity(uuid, serial);
        if (!own) return fail(own.error(), "hardware identity");
        return own;
    }

private:
    static void read_chassis(HardwareFacts& facts)
    {
        auto const batteries = io_services("AppleSmartBattery", {"BatteryInstalled"});
        auto const chassis = facts.model ? mac_chassis(*facts.model, batteries && !batteries->empty())
                                         : Fact<std::int64_t>(facts.model.error());
        if (!chassis) {
            facts.chassis = Result<std::string>(chassis.error());
            return;
        }
        facts.chassis_group = chassis_group(*chassis);
        facts.chassis = chassis_name(*chassis);
    }

    /// Where there is no SMBIOS, it stands in the device tree, for which there is no class to ask.
    [[nodiscard]] static Fact<std::string> firmware()
    {
        auto const table = read_smbios_data();
        if (!table) return fail(errc::not_supported, "hardware: firmware: " + table.error().trace);
        auto const machine = parse_smbios_machine(*table);
        if (!machine) return Result<std::string>(machine.error());
        return machine->firmware_version;
    }
};

} // namespace

std::unique_ptr<Hardware> make_hardware(Root const& /*root*/) { return std::make_unique<MacHardware>(); }

} // namespace rollcall::platform
