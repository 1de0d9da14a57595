#include "platform/network.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsNetwork final : public Network
{
public:
    [[nodiscard]] Result<std::vector<NetworkInterface>> interfaces() const override
    {
        return fail(errc::not_supported, "network: Windows");
    }
    [[nodiscard]] Result<std::vector<Address>> addresses() const override
    {
        return fail(errc::not_supported, "network: Windows");
    }
};

} // namespace

std::unique_ptr<Network> make_network(Root const& /*root*/) { return std::make_unique<WindowsNetwork>(); }

} // namespace rollcall::platform
