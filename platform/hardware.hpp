#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "platform/fact.hpp"

namespace rollcall::platform
{

/// SMBIOS chassis types (DSP0134 §7.4.1), grouped by what a person means by them.
enum class ChassisGroup { portable, server, other };

struct HardwareFacts {
    HardwareFacts() = default; ///< Declared, so that an Error alone never becomes facts (it would be its first member).

    Fact<std::string> manufacturer;
    Fact<std::string> model;
    Fact<std::string> serial;
    Fact<std::string> chassis; ///< "Notebook", "Rack Mount Chassis" …
    ChassisGroup chassis_group{ChassisGroup::other};
    Fact<std::string> virtualization; ///< "kvm", "vmware" …; empty on real hardware.
    Fact<std::string> cpu_model;
    Fact<std::int64_t> cpu_sockets;
    Fact<std::int64_t> cpu_cores;
    Fact<std::int64_t> cpu_threads;
    Fact<std::int64_t> memory_bytes;
    Fact<std::string> firmware_version;
    /// A graphical log-in or a desktop is installed.
    Fact<bool> desktop;
};

/// An identity that begins so is no hardware's: a container made anew, or a system installed anew, has another one.
inline constexpr std::string_view software_identity = "machine-id:";

/// What the machine is made of.
///
/// Owns: nothing.  Threads: any.  Blocks: for a few file reads.
class Hardware
{
public:
    virtual ~Hardware() = default;
    [[nodiscard]] virtual Result<HardwareFacts> read() const = 0;
    /// What tells this hardware from any other, in the clear; only its digest leaves the machine. System UUID and
    /// board serial; where there is no SMBIOS, the serial number of the device tree; failing both, and in a container,
    /// the machine id, behind `software_identity`.
    [[nodiscard]] virtual Result<std::string> identity() const = 0;
};

[[nodiscard]] std::unique_ptr<Hardware> make_hardware(Root const& root = {});

} // namespace rollcall::platform
