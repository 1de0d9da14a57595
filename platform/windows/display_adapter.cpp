#include "platform/windows/display_adapter.hpp"

#include <cstring>

#include <fmt/format.h>

namespace rollcall::platform
{

bool is_hardware_adapter(PresentDevice const& device)
{
    return !device.instance_id.starts_with(R"(ROOT\)") && !device.instance_id.starts_with(R"(SWD\)");
}

std::string adapter_place(PresentDevice const& device)
{
    if (!device.instance_id.starts_with(R"(PCI\)") || !device.bus_number || !device.address) return device.instance_id;
    // The bus's number has its segment above it; the address is the device's number above that of its function.
    return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", *device.bus_number >> 8U, *device.bus_number & 0xFFU,
                       *device.address >> 16U, *device.address & 0xFFFFU);
}

Fact<std::int64_t> adapter_memory(Registry const& driver_key)
{
    static constexpr auto old_name = "HardwareInformation.MemorySize";
    auto const silent = fail(errc::not_supported, "gpus: the driver does not say");
    std::uint64_t bytes = 0;
    if (auto const big = driver_key.big_number("HardwareInformation.qwMemorySize")) {
        bytes = *big;
    } else if (auto const number = driver_key.number(old_name)) {
        bytes = *number;
    } else if (auto const raw = driver_key.bytes(old_name); raw && raw->size() == sizeof(std::uint32_t)) {
        std::uint32_t few = 0;
        std::memcpy(&few, raw->data(), sizeof few);
        bytes = few;
    }
    if (bytes == 0) return silent;
    if (bytes > static_cast<std::uint64_t>(INT64_MAX)) return fail(errc::bad_message, "gpus: impossible memory");
    return static_cast<std::int64_t>(bytes);
}

} // namespace rollcall::platform
