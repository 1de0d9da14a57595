#include "platform/process_body.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include <windows.h>

#include <fmt/format.h>

#include "common/core/ids.hpp"
#include "platform/windows/child_time.hpp"
#include "platform/windows/command_line.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/inherited_handles.hpp"
#include "platform/windows/system_folder.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

using Steady = std::chrono::steady_clock;

Result<std::wstring> find_program(std::string const& name)
{
    std::wstring path;
    switch (classify_program(name)) {
    case ProgramName::absolute:
        path = utf16(name);
        break;
    case ProgramName::bare: {
        // Nowhere else: neither the folder we stand in nor any other that somebody may write to.
        auto const folder = system_folder();
        if (!folder) return folder.error();
        path = *folder + L'\\' + utf16(name);
        if (name.find('.') == std::string::npos) path += L".exe";
        break;
    }
    case ProgramName::relative:
        return fail(errc::bad_input, fmt::format("{}: give the whole path", name));
    case ProgramName::script:
        return fail(errc::bad_input, fmt::format("{}: a script is run by its shell: name that one", name));
    case ProgramName::unusable:
        return fail(errc::bad_input, fmt::format("{}: no name of a program", name));
    }
    auto const attributes = ::GetFileAttributesW(path.c_str());
    if (attributes == INVALID_FILE_ATTRIBUTES) return fail_windows(::GetLastError(), name);
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
        return fail(errc::permission_denied, fmt::format("{}: a folder", name));
    return path;
}

/// What programs of the system need to work, and nothing of ours. In alphabetical order.
Result<std::wstring> clean_environment()
{
    auto const system = system_folder();
    auto const windows = windows_folder();
    if (!system || !windows) return system ? windows.error() : system.error();
    std::wstring temporary(MAX_PATH + 1, L'\0');
    auto const size = ::GetTempPathW(static_cast<DWORD>(temporary.size()), temporary.data());
    temporary = size == 0 || size > MAX_PATH ? *windows + L"\\Temp" : temporary.substr(0, size);
    auto const path =
        *system + L';' + *windows + L';' + *system + LR"(\Wbem;)" + *system + LR"(\WindowsPowerShell\v1.0)";
    return environment_block({LR"(ComSpec=)" + *system + LR"(\cmd.exe)", L"PATH=" + path,
                              L"PATHEXT=.COM;.EXE;.BAT;.CMD", L"SystemDrive=" + windows->substr(0, 2),
                              L"SystemRoot=" + *windows, L"TEMP=" + temporary, L"TMP=" + temporary,
                              L"windir=" + *windows});
}

/// One stream of the child: we read without waiting, it writes as to any pipe. An anonymous pipe cannot be read so.
class ChildStream
{
public:
    [[nodiscard]] Result<> open()
    {
        auto const name = utf16(fmt::format(R"(\\.\pipe\rollcall-{}-{})", ::GetCurrentProcessId(), make_secret(16)));
        event_.reset(::CreateEventW(nullptr, TRUE, FALSE, nullptr));
        if (!event_) return fail_windows(::GetLastError(), "CreateEvent");
        // The first and only instance, and the only client at once: nobody can come between.
        read_.reset(::CreateNamedPipeW(
            name.c_str(), PIPE_ACCESS_INBOUND | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
            PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1, 0, static_cast<DWORD>(buffer_.size()), 0, nullptr));
        if (!read_) return fail_windows(::GetLastError(), "CreateNamedPipe");
        SECURITY_ATTRIBUTES inherited{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
        write_.reset(::CreateFileW(name.c_str(), GENERIC_WRITE, 0, &inherited, OPEN_EXISTING, 0, nullptr));
        if (!write_) return fail_windows(::GetLastError(), "open the pipe");
        return {};
    }
    [[nodiscard]] HANDLE child_end() const { return write_.get(); }
    void close_child_end() { write_.reset(); }

    [[nodiscard]] HANDLE event() const { return event_.get(); }
    [[nodiscard]] bool ended() const { return ended_; }

    /// Asks for the next bytes; the event tells when they are there.
    [[nodiscard]] Result<> ask()
    {
        asked_ = OVERLAPPED{};
        asked_.hEvent = event_.get();
        ::ResetEvent(event_.get());
        if (::ReadFile(read_.get(), buffer_.data(), static_cast<DWORD>(buffer_.size()), nullptr, &asked_) == FALSE) {
            auto const error = ::GetLastError();
            if (error == ERROR_BROKEN_PIPE) ended_ = true;
            if (error != ERROR_BROKEN_PIPE && error != ERROR_IO_PENDING) return fail_windows(error, "ReadFile");
        }
        asking_ = !ended_;
        return {};
    }
    /// Takes what came and asks for more.
    [[nodiscard]] Result<> take(std::string& to)
    {
        DWORD got = 0;
        asking_ = false;
        if (::GetOverlappedResult(read_.get(), &asked_, &got, TRUE) == FALSE) {
            auto const error = ::GetLastError();
            ended_ = error == ERROR_BROKEN_PIPE;
            return ended_ ? Result<>() : fail_windows(error, "GetOverlappedResult");
        }
        to.append(buffer_.data(), std::min<std::size_t>(got, buffer_.size()));
        return ask();
    }

    ChildStream() = default;
    ChildStream(ChildStream const&) = delete;
    ChildStream& operator=(ChildStream const&) = delete;
    ~ChildStream()
    {
        // The system writes into our buffer until it has said that it will not.
        DWORD got = 0;
        if (asking_ && (::CancelIoEx(read_.get(), &asked_) != FALSE || ::GetLastError() == ERROR_NOT_FOUND))
            ::GetOverlappedResult(read_.get(), &asked_, &got, TRUE);
    }

private:
    Handle event_;
    Handle read_;
    Handle write_;
    OVERLAPPED asked_{};
    bool asking_ = false;
    bool ended_ = false;
    std::array<char, 16384> buffer_{};
};

/// A process and everything that it starts: ended with this object.
class ChildTree
{
public:
    [[nodiscard]] Result<> open(bool background)
    {
        job_.reset(::CreateJobObjectW(nullptr, nullptr));
        if (!job_) return fail_windows(::GetLastError(), "CreateJobObject");
        JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
        auto& basic = limits.BasicLimitInformation;
        // One that crashes ends at once, with no window that asks what to do.
        basic.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
        if (background) {
            basic.LimitFlags |= JOB_OBJECT_LIMIT_PRIORITY_CLASS;
            basic.PriorityClass = IDLE_PRIORITY_CLASS;
        }
        if (::SetInformationJobObject(job_.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits) == FALSE)
            return fail_windows(::GetLastError(), "SetInformationJobObject");
        return {};
    }
    [[nodiscard]] bool add(HANDLE process) const { return ::AssignProcessToJobObject(job_.get(), process) != FALSE; }

    ChildTree() = default;
    ChildTree(ChildTree const&) = delete;
    ChildTree& operator=(ChildTree const&) = delete;
    ~ChildTree()
    {
        if (!job_) return;
        ::TerminateJobObject(job_.get(), 1);
        JOBOBJECT_BASIC_ACCOUNTING_INFORMATION used{};
        if (::QueryInformationJobObject(job_.get(), JobObjectBasicAccountingInformation, &used, sizeof used, nullptr) !=
            FALSE)
            children_time_100ns() +=
                static_cast<std::uint64_t>(used.TotalUserTime.QuadPart + used.TotalKernelTime.QuadPart);
    }

private:
    Handle job_;
};

/// The lowest priority for disks also. Only a process itself may ask for that by SetPriorityClass, so it is told the
/// way NtSetInformationProcess has it; one that cannot be told works as well.
void lower_disk_priority(HANDLE process)
{
    using Set = LONG(WINAPI*)(HANDLE, ULONG, void*, ULONG);
    static auto const set = reinterpret_cast<Set>(
        reinterpret_cast<void*>(::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "NtSetInformationProcess")));
    static constexpr ULONG process_io_priority = 33;
    ULONG very_low = 0;
    if (set != nullptr) set(process, process_io_priority, &very_low, sizeof very_low);
}

/// Started, but for its first instruction.
struct Suspended {
    Handle process;
    Handle thread;
};

Result<Suspended> start_suspended(std::wstring const& path, Command const& command, ChildStream const& output,
                                  ChildStream const& errors)
{
    SECURITY_ATTRIBUTES inherited{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
    Handle const input(
        ::CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING, 0, nullptr));
    if (!input) return fail_windows(::GetLastError(), "open NUL");
    InheritedHandles handles;
    if (auto const opened = handles.open({input.get(), output.child_end(), errors.child_end()}); !opened)
        return opened.error();

    std::vector<std::wstring> arguments;
    for (auto const& argument : command.arguments)
        arguments.push_back(utf16(argument));
    arguments.front() = path;
    // CreateProcessW may write to it (its documentation says so), and takes at most so much.
    static constexpr std::size_t longest = 32'766;
    auto line = command_line(arguments);
    if (line.size() > longest) return fail(errc::bad_input, "the arguments are too long");
    // A NUL would cut it: what is seen would be less than what was asked for.
    if (line.find(L'\0') != std::wstring::npos) return fail(errc::bad_input, "an argument holds a NUL");
    auto environment = clean_environment();
    if (!environment) return environment.error();
    auto const folder = system_folder();
    if (!folder) return folder.error();

    STARTUPINFOEXW how{};
    how.StartupInfo.cb = sizeof how;
    how.StartupInfo.dwFlags = STARTF_USESTDHANDLES | STARTF_FORCEOFFFEEDBACK;
    how.StartupInfo.hStdInput = input.get();
    how.StartupInfo.hStdOutput = output.child_end();
    how.StartupInfo.hStdError = errors.child_end();
    how.lpAttributeList = handles.get();
    DWORD flags = CREATE_SUSPENDED | CREATE_NO_WINDOW | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT;
    if (command.background) flags |= IDLE_PRIORITY_CLASS;
    PROCESS_INFORMATION begun{};
    if (::CreateProcessW(path.c_str(), line.data(), nullptr, nullptr, TRUE, flags, environment->data(), folder->c_str(),
                         &how.StartupInfo, &begun) == FALSE)
        return fail_windows(::GetLastError(), command.arguments.front());
    Suspended child;
    child.process.reset(begun.hProcess);
    child.thread.reset(begun.hThread);
    return child;
}

/// Waits for output and for the end. The caller's ChildTree kills what is left.
Result<Finished> follow_child(Command const& command, HANDLE process, ChildStream& output, ChildStream& errors,
                              Steady::time_point deadline)
{
    auto const& name = command.arguments.front();
    Finished finished;
    for (auto* const stream : {&output, &errors})
        if (auto const asked = stream->ask(); !asked) return asked.error();
    for (;;) {
        std::array<HANDLE, 2> events{};
        DWORD count = 0;
        if (!output.ended()) events[count++] = output.event();
        if (!errors.ended()) events[count++] = errors.event();
        // It closed its output; it may still run.
        if (count == 0) events[count++] = process;
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
        static constexpr std::int64_t longest_ms = 60'000;
        auto const wait_ms = static_cast<DWORD>(std::clamp<std::int64_t>(left, 0, longest_ms));
        auto const woken = ::WaitForMultipleObjects(count, events.data(), FALSE, wait_ms);
        if (woken == WAIT_FAILED) return fail_windows(::GetLastError(), "WaitForMultipleObjects");
        if (left <= 0) return fail(errc::timed_out, fmt::format("{}: longer than {} ms", name, command.limit.count()));
        if (woken == WAIT_TIMEOUT) continue;
        if (output.ended() && errors.ended()) break;
        for (auto const& [stream, text] :
             {std::pair(&output, &finished.output), std::pair(&errors, &finished.errors)}) {
            if (stream->ended() || ::WaitForSingleObject(stream->event(), 0) != WAIT_OBJECT_0) continue;
            if (auto const taken = stream->take(*text); !taken) return taken.error();
        }
        if (finished.output.size() + finished.errors.size() > command.output_limit_bytes)
            return fail(errc::limit_exceeded,
                        fmt::format("{}: more than {} bytes of output", name, command.output_limit_bytes));
    }
    DWORD code = 0;
    if (::GetExitCodeProcess(process, &code) == FALSE) return fail_windows(::GetLastError(), "GetExitCodeProcess");
    finished.exit_code = static_cast<int>(code);
    return finished;
}

} // namespace

Result<Finished> run_now(Command const& command)
{
    if (command.arguments.empty()) return fail(errc::bad_input, "process: no program named");
    auto const deadline = Steady::now() + command.limit;
    auto const path = find_program(command.arguments.front());
    if (!path) return fail(path.error(), "process");

    ChildStream output;
    ChildStream errors;
    ChildTree tree;
    for (auto* const stream : {&output, &errors})
        if (auto const opened = stream->open(); !opened) return fail(opened.error(), "process");
    if (auto const opened = tree.open(command.background); !opened) return fail(opened.error(), "process");
    auto const child = start_suspended(*path, command, output, errors);
    if (!child) return fail(child.error(), "process");
    if (!tree.add(child->process.get())) {
        auto const why = fail_windows(::GetLastError(), "process: AssignProcessToJobObject");
        ::TerminateProcess(child->process.get(), 1);
        return why;
    }
    if (command.background) lower_disk_priority(child->process.get());
    output.close_child_end();
    errors.close_child_end();
    static constexpr auto failed = static_cast<DWORD>(-1);
    if (::ResumeThread(child->thread.get()) == failed) return fail_windows(::GetLastError(), "process: ResumeThread");
    auto finished = follow_child(command, child->process.get(), output, errors, deadline);
    if (!finished) return fail(finished.error(), "process");
    return finished;
}

} // namespace rollcall::platform
