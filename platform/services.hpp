#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "platform/fact.hpp"

namespace rollcall::platform
{

struct Service {
    std::string name; ///< "cron.service".
    Fact<std::string> label;
    Fact<std::string> state;      ///< "running", "finished", "stopped", "failed", "starting", "stopping".
    Fact<std::string> start_type; ///< "automatic", "manual", "disabled", "masked".
    Fact<bool> expected;          ///< Starts by itself, stays up, and nothing says that it need not.
    Fact<UnixMs> since_ms;
    Fact<std::string> result; ///< "success", "exit-code", "signal" …
};

/// The services the system manages.
///
/// Owns: what seldom changes of each service, kept from the last read.
/// Threads: one at a time.  Blocks: for calls to the service manager.
class Services
{
public:
    virtual ~Services() = default;
    /// not_supported where the machine has no service manager we know.
    [[nodiscard]] virtual Result<std::vector<Service>> list() = 0;
};

[[nodiscard]] std::unique_ptr<Services> make_services(Root const& root = {});

} // namespace rollcall::platform
