#include "platform/disks.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacDisks final : public Disks
{
public:
    [[nodiscard]] Result<std::vector<Disk>> list() const override { return fail(errc::not_supported, "disks: macOS"); }
    [[nodiscard]] Result<std::vector<std::string>> holding(std::string_view /*folder*/) const override
    {
        return fail(errc::not_supported, "disks: macOS");
    }
};

} // namespace

std::unique_ptr<Disks> make_disks(Root const& /*root*/) { return std::make_unique<MacDisks>(); }

} // namespace rollcall::platform
