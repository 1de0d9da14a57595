#include "platform/sessions.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacSessions final : public Sessions
{
public:
    [[nodiscard]] Result<std::vector<Session>> list() const override
    {
        return fail(errc::not_supported, "sessions: macOS");
    }
    [[nodiscard]] Result<LastLogin> last_login() const override { return fail(errc::not_supported, "sessions: macOS"); }
};

} // namespace

std::unique_ptr<Sessions> make_sessions(Root const& /*root*/) { return std::make_unique<MacSessions>(); }

} // namespace rollcall::platform
