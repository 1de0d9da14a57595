#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/fact.hpp"
#include "platform/hardware.hpp"

/// What a machine is and what tells it from others: the same rules on every system.
namespace rollcall::platform
{

/// Of SMBIOS's type, a lock's bit and all (DSP0134 §7.4.1). not_found where it says nothing.
[[nodiscard]] Fact<std::string> chassis_name(std::int64_t type);
[[nodiscard]] ChassisGroup chassis_group(std::int64_t type);

/// The same for each way in which a system UUID is shown: kernels before 4.10 write it in capitals, and the bytes of
/// its first three fields were turned by SMBIOS 2.6 (DSP0134 §7.2.1), so that a virtual machine whose hardware is
/// upgraded shows them the other way round. Of the two ways the smaller one counts.
[[nodiscard]] std::string canonical_uuid(std::string_view text);

/// What makers of cheap boards forgot to change: thousands of machines have each of these. Canonical.
[[nodiscard]] bool is_everybodys(std::string_view uuid);

/// The machine has none. Any other failure may pass, and must not give the machine another identity meanwhile.
[[nodiscard]] bool is_absent(Fact<std::string> const& fact);

/// "dmi:UUID:BOARD". not_found where the machine has none of its own; any other error: it could not be read now.
[[nodiscard]] Result<std::string> dmi_identity(Fact<std::string> const& uuid, Fact<std::string> const& board_serial);

/// What the processor itself says of a hypervisor.
struct Hypervisor {
    bool present{};   ///< The flag that one is there.
    std::string name; ///< "kvm", "vmware" …, by its signature; empty where it is none that we know.
    /// It is Microsoft's, and this system is the one that holds it: a real machine.
    bool is_root{};
};
/// Nothing on processors that have no such way to ask.
[[nodiscard]] Hypervisor ask_processor();

/// By the names that virtual hardware bears; empty where it bears none of them.
[[nodiscard]] std::string virtual_machine_of(Fact<std::string> const& manufacturer, Fact<std::string> const& model);

} // namespace rollcall::platform
