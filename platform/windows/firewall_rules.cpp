#include "platform/windows/firewall_rules.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace rollcall::platform
{

FirewallFacts judge_firewall(std::vector<FirewallProfile> const& profiles, std::vector<std::string> const& others)
{
    bool const filters =
        std::all_of(profiles.begin(), profiles.end(), [](FirewallProfile const& one) { return one.enabled; });
    bool const drops = filters && std::all_of(profiles.begin(), profiles.end(),
                                              [](FirewallProfile const& one) { return one.blocks_by_default; });
    FirewallFacts facts;
    if (!filters && !others.empty()) {
        auto const why =
            fail(errc::not_supported, fmt::format("firewall: {} took it over, and does not tell", others.front()));
        facts.filters_incoming = Result<bool>(why);
        facts.drops_by_default = Result<bool>(why);
        facts.manager = others.front();
        return facts;
    }
    facts.filters_incoming = filters;
    facts.drops_by_default = drops;
    facts.manager = std::string(filters ? "Windows Firewall" : "");
    return facts;
}

} // namespace rollcall::platform
