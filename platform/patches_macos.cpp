#include "platform/patches.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacPatches final : public Patches
{
public:
    [[nodiscard]] Result<std::vector<Patch>> list() override { return fail(errc::not_supported, "patches: macOS"); }
};

} // namespace

std::unique_ptr<Patches> make_patches(Root const& /*root*/) { return std::make_unique<MacPatches>(); }

} // namespace rollcall::platform
