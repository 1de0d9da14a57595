#include "platform/firewall.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacFirewall final : public Firewall
{
public:
    [[nodiscard]] Result<FirewallFacts> read() const override { return fail(errc::not_supported, "firewall: macOS"); }
};

} // namespace

std::unique_ptr<Firewall> make_firewall(Root const& /*root*/) { return std::make_unique<MacFirewall>(); }

} // namespace rollcall::platform
