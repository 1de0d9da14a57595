#include "platform/software.hpp"

#include <utility>

#include "platform/windows/uninstall_keys.hpp"

namespace rollcall::platform
{

namespace
{

class WindowsSoftware final : public Software
{
public:
    [[nodiscard]] Result<std::vector<Package>> list() const override
    {
        auto entries = read_uninstall_keys({});
        if (!entries) return entries.error();
        return packages_of(*std::move(entries));
    }
};

} // namespace

std::unique_ptr<Software> make_software(Root const& /*root*/) { return std::make_unique<WindowsSoftware>(); }

} // namespace rollcall::platform
