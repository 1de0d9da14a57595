#include "platform/gpus.hpp"

#include "platform/macos/io_registry.hpp"
#include "platform/macos/registry_values.hpp"

namespace rollcall::platform
{

namespace
{

class MacGpus final : public Gpus
{
public:
    [[nodiscard]] Result<std::vector<Gpu>> list() override
    {
        auto const accelerators = io_services("IOAccelerator", gpu_keys);
        if (!accelerators) return fail(accelerators.error(), "gpus");
        return mac_gpus(*accelerators);
    }
};

} // namespace

std::unique_ptr<Gpus> make_gpus(Root const& /*root*/) { return std::make_unique<MacGpus>(); }

} // namespace rollcall::platform
