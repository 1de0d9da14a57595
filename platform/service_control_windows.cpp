#include "platform/service_control.hpp"

#include <array>
#include <optional>

#include <windows.h>

#include <fmt/format.h>

#include "platform/hand_over.hpp"
#include "platform/windows/access.hpp"
#include "platform/windows/command_line.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/long_path.hpp"
#include "platform/windows/scm.hpp"
#include "platform/windows/service_state.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

/// What the service's own thread works on: the dispatcher hands over nothing but the words it was started with.
struct ServiceJob {
    std::wstring name;
    std::function<ServiceEnd()> const* body = nullptr;
    std::optional<ServiceEnd> end;
};
ServiceJob& service_job()
{
    static ServiceJob only;
    return only;
}

DWORD WINAPI on_control(DWORD code, DWORD /*kind*/, void* /*data*/, void* /*context*/)
{
    return ServiceState::instance().control(code);
}

void WINAPI service_main(DWORD /*count*/, wchar_t** /*words*/)
{
    auto& work = service_job();
    auto* const handle = ::RegisterServiceCtrlHandlerExW(work.name.c_str(), &on_control, nullptr);
    auto& state = ServiceState::instance();
    // Without it nobody hears us, but the work can be done.
    if (handle != nullptr) state.begin(handle);
    work.end = (*work.body)();
    // Only an error code makes the recovery actions run (SERVICE_FAILURE_ACTIONS_FLAG).
    if (work.end->start_again)
        state.stopped(ERROR_SERVICE_SPECIFIC_ERROR, static_cast<DWORD>(work.end->exit_code));
    else
        state.stopped(NO_ERROR, 0);
}

/// The system will run it: whoever can change it, or put a library beside it, would be the system.
Result<> check_program(std::string const& path)
{
    auto const program = long_path(path);
    if (!program) return program.error();
    for (auto const& place : {*program, program->substr(0, program->find_last_of(L'\\') + 1)}) {
        Handle const opened(::CreateFileW(place.c_str(), READ_CONTROL,
                                          FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                          OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
        if (!opened) return fail_windows(::GetLastError(), utf8(place));
        if (auto const safe = check_unchangeable(opened.get()); !safe) return fail(safe.error(), utf8(place));
    }
    return {};
}

Result<ScmHandle> open_manager(DWORD access)
{
    ScmHandle manager(::OpenSCManagerW(nullptr, nullptr, access));
    if (!manager) return fail_windows(::GetLastError(), "OpenSCManager");
    return manager;
}

Result<ScmHandle> create_or_change(SC_HANDLE manager, ServiceSetup const& setup, std::wstring const& line)
{
    auto const name = utf16(setup.name);
    auto const display = utf16(setup.display_name);
    ScmHandle service(::CreateServiceW(manager, name.c_str(), display.c_str(), SERVICE_ALL_ACCESS,
                                       SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START, SERVICE_ERROR_NORMAL,
                                       line.c_str(), nullptr, nullptr, nullptr, nullptr, nullptr));
    if (service) return service;
    auto const error = ::GetLastError();
    if (error == ERROR_SERVICE_MARKED_FOR_DELETE)
        return fail(errc::busy, "the old one is being removed: close the list of services, or restart Windows");
    if (error != ERROR_SERVICE_EXISTS) return fail_windows(error, "CreateService");
    service.reset(::OpenServiceW(manager, name.c_str(), SERVICE_ALL_ACCESS));
    if (!service) return fail_windows(::GetLastError(), "OpenService");
    if (::ChangeServiceConfigW(service.get(), SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START, SERVICE_ERROR_NORMAL,
                               line.c_str(), nullptr, nullptr, nullptr, L"LocalSystem", nullptr,
                               display.c_str()) == FALSE)
        return fail_windows(::GetLastError(), "ChangeServiceConfig");
    return service;
}

Result<> set_recovery(SC_HANDLE service)
{
    std::array<SC_ACTION, 3> restarts = {SC_ACTION{SC_ACTION_RESTART, 5'000}, SC_ACTION{SC_ACTION_RESTART, 30'000},
                                         SC_ACTION{SC_ACTION_RESTART, 60'000}};
    SERVICE_FAILURE_ACTIONSW actions{};
    static constexpr DWORD forgotten_after_s = 3600;
    actions.dwResetPeriod = forgotten_after_s;
    actions.cActions = static_cast<DWORD>(restarts.size());
    actions.lpsaActions = restarts.data();
    if (::ChangeServiceConfig2W(service, SERVICE_CONFIG_FAILURE_ACTIONS, &actions) == FALSE)
        return fail_windows(::GetLastError(), "SERVICE_CONFIG_FAILURE_ACTIONS");
    return {};
}

/// Beside what must be: systems that know less of services are served as well as they can be.
void set_niceties(SC_HANDLE service, std::string const& description)
{
    auto text = utf16(description);
    SERVICE_DESCRIPTIONW shown{text.data()};
    ::ChangeServiceConfig2W(service, SERVICE_CONFIG_DESCRIPTION, &shown);
    // Not delayed: that is two minutes and more after the boot, for which the machine would be taken for away.
    SERVICE_DELAYED_AUTO_START_INFO delayed{FALSE};
    ::ChangeServiceConfig2W(service, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &delayed);
    // An end with an error code is a failure as much as a crash is.
    SERVICE_FAILURE_ACTIONS_FLAG failures{TRUE};
    ::ChangeServiceConfig2W(service, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &failures);
    // A name of its own among users, so that rights can be given to this service and no other.
    SERVICE_SID_INFO sid{SERVICE_SID_TYPE_UNRESTRICTED};
    ::ChangeServiceConfig2W(service, SERVICE_CONFIG_SERVICE_SID_INFO, &sid);
    static constexpr DWORD shutdown_ms = 20'000;
    SERVICE_PRESHUTDOWN_INFO shutdown{shutdown_ms};
    ::ChangeServiceConfig2W(service, SERVICE_CONFIG_PRESHUTDOWN_INFO, &shutdown);
}

/// What runs the service now; nothing where it is stopped, or others may not know.
Handle process_of_service(SC_HANDLE service)
{
    SERVICE_STATUS_PROCESS status{};
    DWORD needed = 0;
    if (::QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, reinterpret_cast<BYTE*>(&status), sizeof status,
                               &needed) == FALSE ||
        status.dwProcessId == 0)
        return {};
    return Handle(::OpenProcess(SYNCHRONIZE, FALSE, status.dwProcessId));
}

/// A service says that it has stopped a moment before its process is gone; until then nobody can delete its files.
Result<> end_service(SC_HANDLE service, std::chrono::milliseconds limit)
{
    auto const process = process_of_service(service);
    SERVICE_STATUS status{};
    static constexpr DWORD pause_ms = 100;
    auto const deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
        if (::QueryServiceStatus(service, &status) == FALSE)
            return fail_windows(::GetLastError(), "QueryServiceStatus");
        bool const stopped = status.dwCurrentState == SERVICE_STOPPED;
        if (stopped && (!process || ::WaitForSingleObject(process.get(), 0) == WAIT_OBJECT_0)) return {};
        // Asked again until it takes it: while it starts it takes nothing.
        if (!stopped && status.dwCurrentState != SERVICE_STOP_PENDING) {
            SERVICE_STATUS ignored{};
            ::ControlService(service, SERVICE_CONTROL_STOP, &ignored);
        }
        if (std::chrono::steady_clock::now() >= deadline)
            return fail(errc::timed_out, fmt::format("it did not end within {} ms", limit.count()));
        ::Sleep(pause_ms);
    }
}

} // namespace

int run_as_service(std::string const& name, std::function<ServiceEnd()> const& body)
{
    // What hand_over() started is no service: it would wait for a service manager that waits for somebody else.
    if (has_keeper()) return body().exit_code;
    auto& work = service_job();
    work.name = utf16(name);
    work.body = &body;
    std::array<SERVICE_TABLE_ENTRYW, 2> const table = {SERVICE_TABLE_ENTRYW{work.name.data(), &service_main},
                                                       SERVICE_TABLE_ENTRYW{nullptr, nullptr}};
    // It fails where no service manager waits for us (ERROR_FAILED_SERVICE_CONTROLLER_CONNECT): a person started us.
    (void)::StartServiceCtrlDispatcherW(table.data());
    return work.end ? work.end->exit_code : body().exit_code;
}

Result<> install_service(ServiceSetup const& setup)
{
    if (setup.name.empty() || setup.command.empty() || classify_program(setup.command.front()) != ProgramName::absolute)
        return fail(errc::bad_input, "install the service: it needs a name and the whole path of its program");
    if (auto const safe = check_program(setup.command.front()); !safe) return fail(safe.error(), "install the service");
    std::vector<std::wstring> words;
    for (auto const& word : setup.command)
        words.push_back(utf16(word));
    auto const manager = open_manager(SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE);
    if (!manager) return fail(manager.error(), "install the service");
    auto const service = create_or_change(manager->get(), setup, command_line(words));
    if (!service) return fail(service.error(), "install the service");
    set_niceties(service->get(), setup.description);
    if (auto const set = set_recovery(service->get()); !set) return fail(set.error(), "install the service");
    return {};
}

Result<> uninstall_service(std::string const& name, std::chrono::milliseconds limit)
{
    auto const manager = open_manager(SC_MANAGER_CONNECT);
    if (!manager) return fail(manager.error(), "remove the service");
    ScmHandle const service(
        ::OpenServiceW(manager->get(), utf16(name).c_str(), SERVICE_STOP | SERVICE_QUERY_STATUS | DELETE));
    if (!service) return fail_windows(::GetLastError(), fmt::format("remove the service {}", name));
    if (auto const ended = end_service(service.get(), limit); !ended) return fail(ended.error(), "remove the service");
    if (::DeleteService(service.get()) == FALSE) {
        auto const error = ::GetLastError();
        if (error != ERROR_SERVICE_MARKED_FOR_DELETE) return fail_windows(error, "remove the service");
    }
    return {};
}

} // namespace rollcall::platform
