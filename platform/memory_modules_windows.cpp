#include "platform/memory_modules.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsMemoryModules final : public MemoryModules
{
public:
    [[nodiscard]] Result<std::vector<MemoryModule>> list() const override
    {
        return fail(errc::not_supported, "memory_modules: Windows");
    }
};

} // namespace

std::unique_ptr<MemoryModules> make_memory_modules(Root const& /*root*/)
{
    return std::make_unique<WindowsMemoryModules>();
}

} // namespace rollcall::platform
