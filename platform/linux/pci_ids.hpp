#pragma once

#include <string>
#include <string_view>

namespace rollcall::platform
{

struct PciName {
    std::string vendor; ///< Empty where the list does not have it.
    std::string device;
};

/// Looks a device up in the text of pci.ids; the numbers are four small hexadecimal digits each.
[[nodiscard]] PciName find_pci_name(std::string_view text, std::string_view vendor, std::string_view device);

} // namespace rollcall::platform
