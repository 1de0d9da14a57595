#include "platform/processes.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsProcesses final : public Processes
{
public:
    [[nodiscard]] Result<ProcessList> list() const override { return fail(errc::not_supported, "processes: Windows"); }
    [[nodiscard]] Fact<std::string> user_of(std::int64_t /*id*/) const override
    {
        return fail(errc::not_supported, "processes: Windows");
    }
};

} // namespace

std::unique_ptr<Processes> make_processes(Root const& /*root*/) { return std::make_unique<WindowsProcesses>(); }

} // namespace rollcall::platform
