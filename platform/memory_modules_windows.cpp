#include "platform/memory_modules.hpp"

#include "platform/smbios.hpp"
#include "platform/windows/smbios_table.hpp"

namespace rollcall::platform
{

namespace
{

class WindowsMemoryModules final : public MemoryModules
{
public:
    [[nodiscard]] Result<std::vector<MemoryModule>> list() const override
    {
        auto const table = read_smbios_table();
        if (!table) return fail(table.error(), "memory_modules");
        auto modules = parse_memory_devices(*table);
        if (!modules) return fail(modules.error(), "memory_modules");
        // A machine without memory does not run: its firmware only does not say.
        if (modules->empty()) return fail(errc::not_supported, "memory_modules: SMBIOS describes no memory");
        return modules;
    }
};

} // namespace

std::unique_ptr<MemoryModules> make_memory_modules(Root const& /*root*/)
{
    return std::make_unique<WindowsMemoryModules>();
}

} // namespace rollcall::platform
