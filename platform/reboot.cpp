#include "platform/reboot.hpp"

#include <utility>

namespace rollcall::platform
{

RebootSignal nothing_pending(std::string name)
{
    RebootSignal signal;
    signal.name = std::move(name);
    signal.pending = false;
    signal.reason = std::string();
    signal.detail = std::string();
    signal.since_ms = fail(errc::not_found, "reboot: nothing is pending");
    return signal;
}

RebootSignal unknown_signal(std::string name, Error const& why)
{
    RebootSignal signal;
    signal.name = std::move(name);
    signal.pending = Result<bool>(why);
    signal.reason = Result<std::string>(why);
    signal.detail = Result<std::string>(why);
    signal.since_ms = Result<UnixMs>(why);
    return signal;
}

} // namespace rollcall::platform
