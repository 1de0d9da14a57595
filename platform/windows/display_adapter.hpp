#pragma once

#include "platform/gpus.hpp"
#include "platform/windows/devices.hpp"
#include "platform/windows/registry.hpp"

namespace rollcall::platform
{

/// Is it a card or a part of a chip, rather than a program that shows a picture elsewhere (Remote Desktop)?
[[nodiscard]] bool is_hardware_adapter(PresentDevice const& device);

/// "0000:01:00.0" on a PCI bus, as other systems write it; the Plug and Play manager's name elsewhere.
[[nodiscard]] std::string adapter_place(PresentDevice const& device);

/// What its driver wrote into its key: HardwareInformation.qwMemorySize, or the older one of 32 bits.
[[nodiscard]] Fact<std::int64_t> adapter_memory(Registry const& driver_key);

} // namespace rollcall::platform
