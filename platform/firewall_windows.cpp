#include "platform/firewall.hpp"

#include <array>
#include <string>
#include <vector>

#include "platform/windows/com.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/firewall_rules.hpp"

#include <netfw.h>

namespace rollcall::platform
{

namespace
{

constexpr std::array firewall_profiles = {NET_FW_PROFILE2_DOMAIN, NET_FW_PROFILE2_PRIVATE, NET_FW_PROFILE2_PUBLIC};

Result<FirewallProfile> read_profile(INetFwPolicy2* policy, NET_FW_PROFILE_TYPE2 profile)
{
    VARIANT_BOOL enabled = VARIANT_FALSE;
    VARIANT_BOOL blocks_all = VARIANT_FALSE;
    NET_FW_ACTION action = NET_FW_ACTION_ALLOW;
    if (auto const outcome = policy->get_FirewallEnabled(profile, &enabled); FAILED(outcome))
        return fail_hresult(outcome, "firewall: FirewallEnabled");
    if (auto const outcome = policy->get_BlockAllInboundTraffic(profile, &blocks_all); FAILED(outcome))
        return fail_hresult(outcome, "firewall: BlockAllInboundTraffic");
    if (auto const outcome = policy->get_DefaultInboundAction(profile, &action); FAILED(outcome))
        return fail_hresult(outcome, "firewall: DefaultInboundAction");
    return FirewallProfile{.enabled = enabled != VARIANT_FALSE,
                           .blocks_by_default = blocks_all != VARIANT_FALSE || action == NET_FW_ACTION_BLOCK};
}

/// Names of firewalls of other makers; none where Windows does not tell of them.
std::vector<std::string> other_firewalls()
{
    static constexpr LONG most_products = 100;
    std::vector<std::string> names;
    ComPtr<INetFwProducts> products;
    LONG count = 0;
    if (FAILED(::CoCreateInstance(__uuidof(NetFwProducts), nullptr, CLSCTX_INPROC_SERVER, __uuidof(INetFwProducts),
                                  reinterpret_cast<void**>(products.out()))) ||
        !products || FAILED(products->get_Count(&count)))
        return names;
    for (LONG i = 0; i < count && i < most_products; ++i) {
        ComPtr<INetFwProduct> product;
        Bstr name;
        // One that does not tell its name is there all the same.
        if (SUCCEEDED(products->Item(i, product.out())) && product) (void)product->get_DisplayName(name.out());
        names.push_back(name.text().empty() ? "another firewall" : name.text());
    }
    return names;
}

class WindowsFirewall final : public Firewall
{
public:
    [[nodiscard]] Result<FirewallFacts> read() const override
    {
        ComThread const com;
        if (auto const ready = com.ready(); !ready) return fail(ready.error(), "firewall");
        ComPtr<INetFwPolicy2> policy;
        auto const made = ::CoCreateInstance(__uuidof(NetFwPolicy2), nullptr, CLSCTX_INPROC_SERVER,
                                             __uuidof(INetFwPolicy2), reinterpret_cast<void**>(policy.out()));
        if (FAILED(made) || !policy) return fail_hresult(made, "firewall: NetFwPolicy2");
        LONG current = 0;
        if (auto const outcome = policy->get_CurrentProfileTypes(&current); FAILED(outcome))
            return fail_hresult(outcome, "firewall: CurrentProfileTypes");
        std::vector<FirewallProfile> profiles;
        for (auto const one : firewall_profiles) {
            if ((current & static_cast<LONG>(one)) == 0) continue;
            auto const profile = read_profile(policy.get(), one);
            if (!profile) return profile.error();
            profiles.push_back(*profile);
        }
        if (profiles.empty()) return fail(errc::io, "firewall: Windows is in no kind of network that we know");
        return judge_firewall(profiles, other_firewalls());
    }
};

} // namespace

std::unique_ptr<Firewall> make_firewall(Root const& /*root*/) { return std::make_unique<WindowsFirewall>(); }

} // namespace rollcall::platform
