#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/core/clock.hpp"
#include "platform/fact.hpp"

namespace rollcall::platform
{

/// What runs on the machine, and since when.
struct OsFacts {
    OsFacts() = default; ///< Declared, so that an Error alone never becomes facts (it would be its first member).

    Fact<std::string> family;       ///< "linux", "windows", "macos".
    Fact<std::string> name;         ///< "Debian GNU/Linux 12 (bookworm)".
    Fact<std::string> version;      ///< "12".
    Fact<std::string> kernel;       ///< "6.1.0-28-amd64".
    Fact<std::string> architecture; ///< "x86_64".
    Fact<std::string> host_name;
    Fact<UnixMs> boot_ms;        ///< In a container, the container's own start.
    Fact<std::string> boot_id;   ///< A new one at every boot.
    Fact<std::string> container; ///< "docker", "systemd-nspawn" …; empty outside a container.
    Fact<std::string> time_zone; ///< IANA name.
};

/// The operating system.
///
/// Owns: the boot time it saw first, so that small corrections of the clock do not look like a new boot.
/// Threads: one at a time.  Blocks: for a few file reads.
class SystemInfo
{
public:
    virtual ~SystemInfo() = default;
    [[nodiscard]] virtual Result<OsFacts> read() = 0;
};

[[nodiscard]] std::unique_ptr<SystemInfo> make_system_info(Root const& root = {});

} // namespace rollcall::platform
