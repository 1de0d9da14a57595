#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <windows.h>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// A device that is plugged in, as the Plug and Play manager knows it.
struct PresentDevice {
    std::string instance_id; ///< `PCI\VEN_10DE&DEV_2684&…`.
    Result<std::string> description;
    Result<std::string> manufacturer;
    Result<std::string> service;    ///< Of the driver: "nvlddmkm".
    Result<std::string> driver_key; ///< Below SYSTEM\CurrentControlSet\Control\Class.
    std::optional<std::uint32_t> bus_number;
    std::optional<std::uint32_t> address; ///< What it means, its bus says.
};

/// Those of a setup class.
[[nodiscard]] Result<std::vector<PresentDevice>> devices_of_class(GUID const& setup_class);

/// Paths by which those that offer an interface are opened.
[[nodiscard]] Result<std::vector<std::wstring>> device_paths(GUID const& interface_class);

} // namespace rollcall::platform
