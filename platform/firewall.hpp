#pragma once

#include <memory>
#include <string>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct FirewallFacts {
    FirewallFacts() = default; ///< Declared, so that an Error alone never becomes facts (it would be its first member).

    Fact<bool> filters_incoming; ///< Something decides about packets to this machine: a rule, or "drop the rest".
    Fact<bool> drops_by_default; ///< What no rule speaks of does not come in.
    Fact<std::string> manager;   ///< "firewalld", "ufw", "nftables" or "iptables"; empty where nothing filters.
};

/// Does anything filter what comes in?
///
/// Owns: nothing.  Threads: any.  Blocks: for a question to the kernel.
class Firewall
{
public:
    virtual ~Firewall() = default;
    /// errc::permission_denied: the rules are not shown to us, so nobody can tell.
    [[nodiscard]] virtual Result<FirewallFacts> read() const = 0;
};

[[nodiscard]] std::unique_ptr<Firewall> make_firewall(Root const& root = {});

} // namespace rollcall::platform
