#pragma once

#include <functional>
#include <mutex>

#include <windows.h>

namespace rollcall::platform
{

/// What the service manager was told about this process, and what it told us. There is one service in a process, and
/// its handler gets no other word of whom it belongs to: hence one object for all.
///
/// Owns: nothing.  Threads: any; what was registered is called from the service manager's thread.  Blocks: no.
class ServiceState
{
public:
    [[nodiscard]] static ServiceState& instance();

    /// The service manager listens at this handle from now on.
    void begin(SERVICE_STATUS_HANDLE handle);
    /// Started by a service manager?
    [[nodiscard]] bool is_service() const;

    void running();
    void stopping();
    /// Still at it: a start or an end that shows no progress is taken for one that hangs.
    void progress();
    void stopped(DWORD windows_error, DWORD own_code);

    /// At most one of each kind; an empty one takes it back. None runs any more once this returns.
    void on_stop(std::function<void()> wanted);
    void on_session_change(std::function<void()> changed);

    /// HandlerEx.
    [[nodiscard]] DWORD control(DWORD code);

private:
    void tell(DWORD state, DWORD wait_hint_ms);

    mutable std::mutex mutex_;
    SERVICE_STATUS_HANDLE handle_ = nullptr;
    SERVICE_STATUS status_{};
    bool asked_to_stop_ = false;

    std::mutex calling_;
    std::function<void()> stop_wanted_;
    std::function<void()> session_changed_;
};

} // namespace rollcall::platform
