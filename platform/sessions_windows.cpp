#include "platform/sessions.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class WindowsSessions final : public Sessions
{
public:
    [[nodiscard]] Result<std::vector<Session>> list() const override
    {
        return fail(errc::not_supported, "sessions: Windows");
    }
    [[nodiscard]] Result<LastLogin> last_login() const override
    {
        return fail(errc::not_supported, "sessions: Windows");
    }
};

} // namespace

std::unique_ptr<Sessions> make_sessions(Root const& /*root*/) { return std::make_unique<WindowsSessions>(); }

} // namespace rollcall::platform
