#include "platform/services.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacServices final : public Services
{
public:
    [[nodiscard]] Result<std::vector<Service>> list() override { return fail(errc::not_supported, "services: macOS"); }
};

} // namespace

std::unique_ptr<Services> make_services(Root const& /*root*/) { return std::make_unique<MacServices>(); }

} // namespace rollcall::platform
