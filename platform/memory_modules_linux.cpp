#include "platform/memory_modules.hpp"

#include "platform/linux/procfs.hpp"
#include "platform/smbios.hpp"

namespace rollcall::platform
{

namespace
{

class LinuxMemoryModules final : public MemoryModules
{
public:
    explicit LinuxMemoryModules(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<MemoryModule>> list() const override
    {
        auto const table = procfs::read_file(root_ / procfs::smbios_table);
        if (!table && reason(table.error()) == to_string(errc::not_found))
            return fail(errc::not_supported, "memory_modules: this machine has no SMBIOS");
        if (!table) return fail(table.error(), "memory_modules");
        auto modules = parse_memory_devices(*table);
        if (!modules) return fail(modules.error(), "memory_modules");
        // A machine without memory does not run: its firmware only does not say.
        if (modules->empty()) return fail(errc::not_supported, "memory_modules: SMBIOS describes no memory");
        return modules;
    }

private:
    Root root_;
};

} // namespace

std::unique_ptr<MemoryModules> make_memory_modules(Root const& root)
{
    return std::make_unique<LinuxMemoryModules>(root);
}

} // namespace rollcall::platform
