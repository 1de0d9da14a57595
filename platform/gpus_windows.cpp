#include "platform/gpus.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsGpus final : public Gpus
{
public:
    [[nodiscard]] Result<std::vector<Gpu>> list() override { return fail(errc::not_supported, "gpus: Windows"); }
};

} // namespace

std::unique_ptr<Gpus> make_gpus(Root const& /*root*/) { return std::make_unique<WindowsGpus>(); }

} // namespace rollcall::platform
