#include "platform/windows/firewall_rules.hpp"

#include <algorithm>

namespace rollcall::platform
{

FirewallFacts judge_firewall(std::vector<FirewallProfile> const& profiles)
{
    bool const filters =
        std::all_of(profiles.begin(), profiles.end(), [](FirewallProfile const& one) { return one.enabled; });
    bool const drops = filters && std::all_of(profiles.begin(), profiles.end(),
                                              [](FirewallProfile const& one) { return one.blocks_by_default; });
    FirewallFacts facts;
    facts.filters_incoming = filters;
    facts.drops_by_default = drops;
    facts.manager = std::string(filters ? "Windows Firewall" : "");
    return facts;
}

} // namespace rollcall::platform
