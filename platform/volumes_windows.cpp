#include "platform/volumes.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsVolumes final : public Volumes
{
public:
    [[nodiscard]] Result<std::vector<Volume>> list() const override
    {
        return fail(errc::not_supported, "volumes: Windows");
    }
};

} // namespace

std::unique_ptr<Volumes> make_volumes(Root const& /*root*/) { return std::make_unique<WindowsVolumes>(); }

} // namespace rollcall::platform
