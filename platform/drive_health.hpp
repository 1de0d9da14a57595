#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"
#include "platform/smart.hpp"

namespace rollcall::platform
{

struct Drive {
    std::string name; ///< As in Disk: "sda", "nvme0n1".
    Fact<std::string> model;
    Fact<std::string> serial;
    Result<SmartReading> reading; ///< not_supported: a virtual drive, or one that there is no way to ask.
};

/// What the drives say of their own health (SMART). A drive that sleeps is not woken.
///
/// Owns: nothing.  Threads: any.  Blocks: while drives answer; a dying one can hang for a minute.
class DriveHealth
{
public:
    virtual ~DriveHealth() = default;
    [[nodiscard]] virtual Result<std::vector<Drive>> list() const = 0;
};

[[nodiscard]] std::unique_ptr<DriveHealth> make_drive_health(Root const& root = {});

} // namespace rollcall::platform
