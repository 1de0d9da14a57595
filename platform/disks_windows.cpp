#include "platform/disks.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsDisks final : public Disks
{
public:
    [[nodiscard]] Result<std::vector<Disk>> list() const override
    {
        return fail(errc::not_supported, "disks: Windows");
    }
    [[nodiscard]] Result<std::vector<std::string>> holding(std::string_view /*folder*/) const override
    {
        return fail(errc::not_supported, "disks: Windows");
    }
};

} // namespace

std::unique_ptr<Disks> make_disks(Root const& /*root*/) { return std::make_unique<WindowsDisks>(); }

} // namespace rollcall::platform
