#pragma once

#include <string>
#include <vector>

#include "platform/firewall.hpp"

namespace rollcall::platform
{

/// What the Windows Firewall says of one kind of network that the machine is in now (INetFwPolicy2).
struct FirewallProfile {
    bool enabled{};
    bool blocks_by_default{}; ///< The default inbound action, or "block all".
};

/// Filters where it does in every network the machine is in; `profiles` is not empty. `others`: firewalls of other
/// makers that registered with Windows. Where one of them took over, which switches that of Windows off, nobody tells
/// what it does: unknown.
[[nodiscard]] FirewallFacts judge_firewall(std::vector<FirewallProfile> const& profiles,
                                           std::vector<std::string> const& others);

} // namespace rollcall::platform
