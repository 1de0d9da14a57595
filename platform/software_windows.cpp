#include "platform/software.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsSoftware final : public Software
{
public:
    [[nodiscard]] Result<std::vector<Package>> list() const override
    {
        return fail(errc::not_supported, "software: Windows");
    }
};

} // namespace

std::unique_ptr<Software> make_software(Root const& /*root*/) { return std::make_unique<WindowsSoftware>(); }

} // namespace rollcall::platform
