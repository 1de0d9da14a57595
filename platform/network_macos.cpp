#include "platform/network.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacNetwork final : public Network
{
public:
    [[nodiscard]] Result<std::vector<NetworkInterface>> interfaces() const override
    {
        return fail(errc::not_supported, "network: macOS");
    }
    [[nodiscard]] Result<std::vector<Address>> addresses() const override
    {
        return fail(errc::not_supported, "network: macOS");
    }
};

} // namespace

std::unique_ptr<Network> make_network(Root const& /*root*/) { return std::make_unique<MacNetwork>(); }

} // namespace rollcall::platform
