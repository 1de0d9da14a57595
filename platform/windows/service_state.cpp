#include "platform/windows/service_state.hpp"

#include <utility>

namespace rollcall::platform
{

/// So long the service manager waits for the next sign of life.
static constexpr DWORD start_hint_ms = 30'000;
static constexpr DWORD stop_hint_ms = 20'000;

ServiceState& ServiceState::instance()
{
    static ServiceState state;
    return state;
}

void ServiceState::begin(SERVICE_STATUS_HANDLE handle)
{
    std::lock_guard const lock(mutex_);
    handle_ = handle;
    status_.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
    tell(SERVICE_START_PENDING, start_hint_ms);
}

bool ServiceState::is_service() const
{
    std::lock_guard const lock(mutex_);
    return handle_ != nullptr;
}

void ServiceState::running()
{
    std::lock_guard const lock(mutex_);
    // Whoever was told to end before it was ready does not say that it works.
    if (status_.dwCurrentState == SERVICE_START_PENDING && !asked_to_stop_) tell(SERVICE_RUNNING, 0);
}

void ServiceState::stopping()
{
    std::lock_guard const lock(mutex_);
    if (status_.dwCurrentState != SERVICE_STOPPED) tell(SERVICE_STOP_PENDING, stop_hint_ms);
}

void ServiceState::progress()
{
    std::lock_guard const lock(mutex_);
    if (status_.dwCurrentState == SERVICE_START_PENDING) tell(SERVICE_START_PENDING, start_hint_ms);
    if (status_.dwCurrentState == SERVICE_STOP_PENDING) tell(SERVICE_STOP_PENDING, stop_hint_ms);
}

void ServiceState::stopped(DWORD windows_error, DWORD own_code)
{
    std::lock_guard const lock(mutex_);
    status_.dwWin32ExitCode = windows_error;
    status_.dwServiceSpecificExitCode = own_code;
    tell(SERVICE_STOPPED, 0);
}

/// With the lock held.
void ServiceState::tell(DWORD state, DWORD wait_hint_ms)
{
    if (handle_ == nullptr) return;
    bool const under_way = state == SERVICE_START_PENDING || state == SERVICE_STOP_PENDING;
    status_.dwCheckPoint = !under_way ? 0 : status_.dwCurrentState == state ? status_.dwCheckPoint + 1 : 1;
    status_.dwCurrentState = state;
    status_.dwWaitHint = wait_hint_ms;
    status_.dwControlsAccepted =
        state == SERVICE_RUNNING
            ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN | SERVICE_ACCEPT_PRESHUTDOWN | SERVICE_ACCEPT_SESSIONCHANGE
            : 0;
    ::SetServiceStatus(handle_, &status_);
}

void ServiceState::on_stop(std::function<void()> wanted)
{
    std::lock_guard const calling(calling_);
    stop_wanted_ = std::move(wanted);
    bool asked = false;
    {
        std::lock_guard const lock(mutex_);
        asked = asked_to_stop_;
    }
    if (asked && stop_wanted_) stop_wanted_();
}

void ServiceState::on_session_change(std::function<void()> changed)
{
    std::lock_guard const calling(calling_);
    session_changed_ = std::move(changed);
}

DWORD ServiceState::control(DWORD code)
{
    switch (code) {
    case SERVICE_CONTROL_STOP:
    case SERVICE_CONTROL_SHUTDOWN:
    case SERVICE_CONTROL_PRESHUTDOWN: {
        {
            std::lock_guard const lock(mutex_);
            asked_to_stop_ = true;
            tell(SERVICE_STOP_PENDING, stop_hint_ms);
        }
        std::lock_guard const calling(calling_);
        if (stop_wanted_) stop_wanted_();
        return NO_ERROR;
    }
    case SERVICE_CONTROL_SESSIONCHANGE: {
        std::lock_guard const calling(calling_);
        if (session_changed_) session_changed_();
        return NO_ERROR;
    }
    case SERVICE_CONTROL_INTERROGATE:
        return NO_ERROR;
    default:
        return ERROR_CALL_NOT_IMPLEMENTED;
    }
}

} // namespace rollcall::platform
