#include "platform/system_log.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsSystemLog final : public SystemLog
{
public:
    [[nodiscard]] Result<LogReading> read(std::string const& /*position*/, std::size_t /*most*/) override
    {
        return fail(errc::not_supported, "system_log: Windows");
    }
};

} // namespace

std::unique_ptr<SystemLog> make_system_log(Root const& /*root*/) { return std::make_unique<WindowsSystemLog>(); }

} // namespace rollcall::platform
