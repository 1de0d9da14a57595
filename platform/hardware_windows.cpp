#include "platform/hardware.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <windows.h>

#include "platform/machine_identity.hpp"
#include "platform/smbios.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/os_version.hpp"
#include "platform/windows/processor_topology.hpp"
#include "platform/windows/registry.hpp"
#include "platform/windows/smbios_table.hpp"

namespace rollcall::platform
{

namespace
{

Result<SmbiosMachine> read_firmware()
{
    auto const table = read_smbios_table();
    if (!table) return table.error();
    return parse_smbios_machine(*table);
}

/// Every fact of it unknown for the same reason.
SmbiosMachine unknown_machine(Error const& why)
{
    SmbiosMachine machine;
    for (auto* const fact : {&machine.manufacturer, &machine.model, &machine.serial, &machine.uuid,
                             &machine.board_serial, &machine.firmware_version})
        *fact = Result<std::string>(why);
    machine.chassis_type = Result<std::int64_t>(why);
    return machine;
}

SmbiosMachine firmware_facts()
{
    auto machine = read_firmware();
    return machine ? *std::move(machine) : unknown_machine(machine.error());
}

Fact<std::string> processor_name()
{
    auto const key = Registry::open(HKEY_LOCAL_MACHINE, R"(HARDWARE\DESCRIPTION\System\CentralProcessor\0)");
    if (!key) return Result<std::string>(key.error());
    auto const name = key->text("ProcessorNameString");
    if (!name) return name;
    auto const text = smbios_field(*name);
    if (text.empty()) return fail(errc::not_found, "hardware: the processor has no name");
    return std::string(text);
}

Result<ProcessorCounts> count_processors()
{
    auto const step = std::string_view("GetLogicalProcessorInformationEx");
    DWORD size = 0;
    ::GetLogicalProcessorInformationEx(RelationAll, nullptr, &size);
    if (auto const code = ::GetLastError(); code != ERROR_INSUFFICIENT_BUFFER) return fail_windows(code, step);
    std::string bytes(size, '\0');
    auto* const list = reinterpret_cast<SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX*>(bytes.data());
    if (::GetLogicalProcessorInformationEx(RelationAll, list, &size) == 0) return fail_windows(::GetLastError(), step);
    bytes.resize(std::min<std::size_t>(bytes.size(), size));
    return parse_processor_information(bytes);
}

Fact<std::int64_t> count_of(Result<ProcessorCounts> const& counts, std::int64_t ProcessorCounts::*number)
{
    if (!counts) return Result<std::int64_t>(counts.error());
    auto const count = *counts.*number;
    if (count == 0) return fail(errc::not_found, "hardware: Windows does not say");
    return count;
}

Fact<std::int64_t> memory_size()
{
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof status;
    if (::GlobalMemoryStatusEx(&status) == 0) return fail_windows(::GetLastError(), "GlobalMemoryStatusEx");
    if (status.ullTotalPhys == 0 || status.ullTotalPhys > static_cast<DWORDLONG>(INT64_MAX))
        return fail(errc::bad_message, "hardware: impossible memory");
    return static_cast<std::int64_t>(status.ullTotalPhys);
}

std::string hypervisor_of(HardwareFacts const& facts)
{
    // Windows itself runs above Hyper-V on most machines of today, for its own protection: those are real.
    auto const seen = ask_processor();
    if (seen.present && !seen.is_root && !seen.name.empty()) return seen.name;
    if (auto name = virtual_machine_of(facts.manufacturer, facts.model); !name.empty()) return name;
    return seen.present && !seen.is_root ? "other" : "";
}

class WindowsHardware final : public Hardware
{
public:
    [[nodiscard]] Result<HardwareFacts> read() const override
    {
        HardwareFacts facts;
        auto const machine = firmware_facts();
        facts.manufacturer = machine.manufacturer;
        facts.model = machine.model;
        facts.serial = machine.serial;
        facts.firmware_version = machine.firmware_version;
        if (machine.chassis_type) {
            facts.chassis = chassis_name(*machine.chassis_type);
            facts.chassis_group = chassis_group(*machine.chassis_type);
        } else {
            facts.chassis = Result<std::string>(machine.chassis_type.error());
        }
        facts.cpu_model = processor_name();
        auto const counts = count_processors();
        facts.cpu_sockets = count_of(counts, &ProcessorCounts::sockets);
        facts.cpu_cores = count_of(counts, &ProcessorCounts::cores);
        facts.cpu_threads = count_of(counts, &ProcessorCounts::threads);
        facts.memory_bytes = memory_size();
        facts.virtualization = hypervisor_of(facts);
        // Most servers have a desktop too: the edition tells the two apart.
        auto const version = os_version();
        facts.desktop = version ? Result<bool>(version->workstation) : Result<bool>(version.error());
        return facts;
    }

    [[nodiscard]] Result<std::string> identity() const override
    {
        // In a container the hardware is the host's, and its containers must not be taken for one device.
        if (!in_container()) {
            auto const machine = firmware_facts();
            auto own = dmi_identity(machine.uuid, machine.board_serial);
            if (own) return own;
            if (!is_absent(own)) return fail(own.error(), "hardware identity");
        }
        auto const key = Registry::open(HKEY_LOCAL_MACHINE, R"(SOFTWARE\Microsoft\Cryptography)");
        if (!key) return fail(key.error(), "hardware identity");
        auto const id = key->text("MachineGuid");
        if (!id) return fail(id.error(), "hardware identity");
        if (id->empty()) return fail(errc::not_found, "hardware identity: MachineGuid is empty");
        return fmt::format("{}{}", software_identity, *id);
    }
};

} // namespace

std::unique_ptr<Hardware> make_hardware(Root const& /*root*/) { return std::make_unique<WindowsHardware>(); }

} // namespace rollcall::platform
