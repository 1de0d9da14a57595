#include "platform/batteries.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacBatteries final : public Batteries
{
public:
    [[nodiscard]] Result<std::vector<Battery>> list() const override
    {
        return fail(errc::not_supported, "batteries: macOS");
    }
};

} // namespace

std::unique_ptr<Batteries> make_batteries(Root const& /*root*/) { return std::make_unique<MacBatteries>(); }

} // namespace rollcall::platform
