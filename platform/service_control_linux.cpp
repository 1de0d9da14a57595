#include "platform/service_control.hpp"

namespace rollcall::platform
{

int run_as_service(std::string const& /*name*/, std::function<ServiceEnd()> const& body)
{
    // What started us judges by the exit code.
    return body().exit_code;
}

Result<> install_service(ServiceSetup const& /*setup*/)
{
    return fail(errc::not_supported, "service: on Linux the package installs it");
}

Result<> uninstall_service(std::string const& /*name*/, std::chrono::milliseconds /*limit*/)
{
    return fail(errc::not_supported, "service: on Linux the package removes it");
}

} // namespace rollcall::platform
