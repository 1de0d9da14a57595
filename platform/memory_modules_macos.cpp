#include "platform/memory_modules.hpp"

#include "platform/macos/smbios_data.hpp"
#include "platform/smbios.hpp"

namespace rollcall::platform
{

namespace
{

/// Memory of Apple's processors is part of them: there are no slots to tell of.
class MacMemoryModules final : public MemoryModules
{
public:
    [[nodiscard]] Result<std::vector<MemoryModule>> list() const override
    {
        auto const table = read_smbios_data();
        if (!table) return fail(table.error(), "memory_modules");
        auto modules = parse_memory_devices(*table);
        if (!modules) return fail(modules.error(), "memory_modules");
        if (modules->empty()) return fail(errc::not_supported, "memory_modules: SMBIOS describes no memory");
        return modules;
    }
};

} // namespace

std::unique_ptr<MemoryModules> make_memory_modules(Root const& /*root*/)
{
    return std::make_unique<MacMemoryModules>();
}

} // namespace rollcall::platform
