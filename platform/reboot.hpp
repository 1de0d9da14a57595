#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "platform/fact.hpp"

namespace rollcall::platform
{

/// One thing that may ask for a reboot, asked or not.
struct RebootSignal {
    std::string name; ///< "reboot_required_file", "kernel_older": never reused.
    Fact<bool> pending;
    Fact<std::string> reason; ///< In words; empty while nothing is pending.
    Fact<std::string> detail; ///< Packages or versions behind it.
    Fact<UnixMs> since_ms;    ///< not_found while nothing is pending.
};

/// A signal that was looked at and asks for nothing.
[[nodiscard]] RebootSignal nothing_pending(std::string name);
/// One of which nobody knows, and why.
[[nodiscard]] RebootSignal unknown_signal(std::string name, Error const& why);

/// Does the machine need a reboot?
///
/// Owns: nothing.  Threads: any.  Blocks: for a few file reads.
class Reboot
{
public:
    virtual ~Reboot() = default;
    /// Every signal this system has, each with its own answer.
    [[nodiscard]] virtual Result<std::vector<RebootSignal>> signals() const = 0;
};

[[nodiscard]] std::unique_ptr<Reboot> make_reboot(Root const& root = {});

} // namespace rollcall::platform
