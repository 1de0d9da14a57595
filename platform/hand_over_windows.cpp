#include "platform/hand_over.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cwchar>
#include <mutex>
#include <thread>

#include <windows.h>

#include <fmt/format.h>

#include "common/core/awake_time.hpp"
#include "common/core/clock.hpp"
#include "platform/windows/command_line.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/inherited_handles.hpp"
#include "platform/windows/keeper.hpp"
#include "platform/windows/long_path.hpp"
#include "platform/windows/rename.hpp"
#include "platform/windows/service_state.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

/// The event, as a number, by which the child says that its limit counts no more. That it is there tells the child
/// whose it is.
static constexpr wchar_t const* keeper_variable = L"ROLLCALL_AGENT_KEEPER";
/// What the child reads, a letter each.
static constexpr char said_stop = 's';
static constexpr char said_session = 'u';
/// The child's stop takes 5 s at most; the service manager gives us 20.
static constexpr DWORD child_end_ms = 15'000;

std::string_view system_name() noexcept { return "windows"; }

std::string_view architecture_name() noexcept
{
#if defined(__x86_64__)
    return "x86_64";
#else
    return "arm64";
#endif
}

Result<> check_may_run(std::string const& /*folder*/) { return {}; }

Result<> keep_file(std::string const& part, std::string const& file)
{
    auto const from = long_path(part);
    if (!from) return fail(from.error(), part);
    auto const to = long_path(file);
    if (!to) return fail(to.error(), file);
    {
        Handle const written(
            ::CreateFileW(from->c_str(), GENERIC_WRITE, FILE_SHARE_READ, nullptr, OPEN_EXISTING, 0, nullptr));
        if (!written || ::FlushFileBuffers(written.get()) == FALSE) return fail_windows(::GetLastError(), part);
    }
    if (auto const error = rename_over(*from, *to); error != ERROR_SUCCESS) return fail_windows(error, file);
    return {};
}

namespace
{

/// Our variables with some changes, in the order that CreateProcessW wants.
std::wstring changed_environment(std::vector<std::pair<std::string, std::string>> const& changes,
                                 std::wstring const& keeper)
{
    std::vector<std::wstring> lines;
    auto const named = [](std::wstring_view line, std::wstring_view name) {
        return line.size() > name.size() && line[name.size()] == L'=' &&
               ::CompareStringOrdinal(line.data(), static_cast<int>(name.size()), name.data(),
                                      static_cast<int>(name.size()), TRUE) == CSTR_EQUAL;
    };
    auto* const block = ::GetEnvironmentStringsW();
    for (auto const* one = block; one != nullptr && *one != L'\0'; one += std::wcslen(one) + 1) {
        std::wstring const line(one);
        bool const changed = named(line, keeper_variable) || std::ranges::any_of(changes, [&](auto const& change) {
                                 return named(line, utf16(change.first));
                             });
        if (!changed) lines.push_back(line);
    }
    if (block != nullptr) ::FreeEnvironmentStringsW(block);
    for (auto const& [name, value] : changes)
        if (!value.empty()) lines.push_back(utf16(name) + L'=' + utf16(value));
    lines.push_back(std::wstring(keeper_variable) + L'=' + keeper);
    std::ranges::sort(lines, [](std::wstring const& a, std::wstring const& b) {
        return ::CompareStringOrdinal(a.c_str(), -1, b.c_str(), -1, TRUE) == CSTR_LESS_THAN;
    });
    return environment_block(lines);
}

/// The child, what it is told by, and what ends it with us.
class KeptChild
{
public:
    [[nodiscard]] Result<> start(Successor const& successor)
    {
        SECURITY_ATTRIBUTES inherited{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
        HANDLE read = nullptr;
        HANDLE write = nullptr;
        if (::CreatePipe(&read, &write, &inherited, 0) == FALSE) return fail_windows(::GetLastError(), "CreatePipe");
        Handle const input(read);
        words_.reset(write);
        ::SetHandleInformation(write, HANDLE_FLAG_INHERIT, 0);
        confirmed_.reset(::CreateEventW(&inherited, TRUE, FALSE, nullptr));
        stop_.reset(::CreateEventW(nullptr, TRUE, FALSE, nullptr));
        if (!confirmed_ || !stop_) return fail_windows(::GetLastError(), "CreateEvent");
        if (auto const opened = open_job(); !opened) return opened;
        Handle const nothing(::CreateFileW(L"NUL", GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited,
                                           OPEN_EXISTING, 0, nullptr));
        if (!nothing) return fail_windows(::GetLastError(), "open NUL");
        auto const errors = own_errors(nothing.get());

        auto const place = long_path(successor.program);
        if (!place) return place.error();
        std::vector<std::wstring> line_words{utf16(successor.program)};
        for (auto const& argument : successor.arguments)
            line_words.push_back(utf16(argument));
        auto line = command_line(line_words);
        auto const number = std::to_wstring(reinterpret_cast<std::uintptr_t>(confirmed_.get()));
        auto environment = changed_environment(successor.environment, number);
        InheritedHandles handles;
        std::vector<HANDLE> list{input.get(), nothing.get(), confirmed_.get()};
        if (errors != nothing.get()) list.push_back(errors);
        if (auto const opened = handles.open(std::move(list)); !opened) return opened;

        STARTUPINFOEXW how{};
        how.StartupInfo.cb = sizeof how;
        how.StartupInfo.dwFlags = STARTF_USESTDHANDLES | STARTF_FORCEOFFFEEDBACK;
        how.StartupInfo.hStdInput = input.get();
        how.StartupInfo.hStdOutput = nothing.get();
        how.StartupInfo.hStdError = errors;
        how.lpAttributeList = handles.get();
        PROCESS_INFORMATION begun{};
        // A group of its own: what is typed at a console ends us, and we end it.
        if (::CreateProcessW(successor.program.size() < MAX_PATH ? line_words.front().c_str() : place->c_str(),
                             line.data(), nullptr, nullptr, TRUE,
                             CREATE_SUSPENDED | CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP |
                                 CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT,
                             environment.data(), nullptr, &how.StartupInfo, &begun) == FALSE)
            return fail_windows(::GetLastError(), successor.program);
        process_.reset(begun.hProcess);
        Handle const thread(begun.hThread);
        if (::AssignProcessToJobObject(job_.get(), process_.get()) == FALSE) {
            auto const error = ::GetLastError();
            ::TerminateProcess(process_.get(), 1);
            return fail_windows(error, "AssignProcessToJobObject");
        }
        static constexpr auto failed = static_cast<DWORD>(-1);
        if (::ResumeThread(thread.get()) == failed) return fail_windows(::GetLastError(), "ResumeThread");
        return {};
    }

    /// From any thread.
    void want_stop() { ::SetEvent(stop_.get()); }
    void say(char word)
    {
        std::lock_guard const lock(saying_);
        DWORD wrote = 0;
        if (words_) ::WriteFile(words_.get(), &word, 1, &wrote, nullptr);
    }

    /// Until it ended, by itself or by us.
    [[nodiscard]] Result<Succeeded> follow(std::chrono::seconds limit)
    {
        SystemClock const clock;
        AwakeTime awake(clock.steady());
        bool limited = limit.count() > 0;
        for (;;) {
            std::array<HANDLE, 3> const events{process_.get(), stop_.get(), confirmed_.get()};
            auto const left = (limit - awake.spent()).count();
            static constexpr std::int64_t longest_ms = 60'000;
            auto const wait_ms =
                static_cast<DWORD>(limited ? std::clamp<std::int64_t>(left, 0, longest_ms) : longest_ms);
            auto const count = static_cast<DWORD>(limited ? 3 : 2);
            auto const woken = ::WaitForMultipleObjects(count, events.data(), FALSE, wait_ms);
            awake.look(clock.steady(), std::chrono::milliseconds(wait_ms));
            if (woken == WAIT_FAILED) return fail_windows(::GetLastError(), "WaitForMultipleObjects");
            if (woken == WAIT_OBJECT_0) return Succeeded{.exit_code = exit_code(), .told_to_end = false};
            if (woken == WAIT_OBJECT_0 + 1) return end();
            if (woken == WAIT_OBJECT_0 + 2) limited = false;
            if (limited && left <= 0) {
                ::TerminateJobObject(job_.get(), 1);
                ::WaitForSingleObject(process_.get(), child_end_ms);
                return Succeeded{.exit_code = exit_code(), .told_to_end = false};
            }
        }
    }

private:
    [[nodiscard]] Result<> open_job()
    {
        job_.reset(::CreateJobObjectW(nullptr, nullptr));
        if (!job_) return fail_windows(::GetLastError(), "CreateJobObject");
        JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
        limits.BasicLimitInformation.LimitFlags =
            JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
        if (::SetInformationJobObject(job_.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits) == FALSE)
            return fail_windows(::GetLastError(), "SetInformationJobObject");
        return {};
    }
    /// Where our own messages go, if they go anywhere.
    static HANDLE own_errors(HANDLE nothing)
    {
        auto* const errors = ::GetStdHandle(STD_ERROR_HANDLE);
        if (errors == nullptr || reinterpret_cast<LONG_PTR>(errors) == -1) return nothing;
        return ::SetHandleInformation(errors, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) != FALSE ? errors : nothing;
    }
    [[nodiscard]] Succeeded end()
    {
        auto& state = ServiceState::instance();
        state.stopping();
        say(said_stop);
        static constexpr DWORD step_ms = 1000;
        for (DWORD waited = 0; waited < child_end_ms; waited += step_ms) {
            if (::WaitForSingleObject(process_.get(), step_ms) == WAIT_OBJECT_0) break;
            state.progress();
        }
        ::TerminateJobObject(job_.get(), 1);
        ::WaitForSingleObject(process_.get(), step_ms);
        return Succeeded{.exit_code = exit_code(), .told_to_end = true};
    }
    [[nodiscard]] int exit_code() const
    {
        DWORD code = 1;
        ::GetExitCodeProcess(process_.get(), &code);
        return static_cast<int>(code);
    }

    Handle job_;
    Handle process_;
    Handle confirmed_;
    Handle stop_;
    std::mutex saying_;
    Handle words_;
};

/// What a console is told reaches a plain function only.
std::mutex console_mutex;
KeptChild* console_child = nullptr;

BOOL WINAPI on_console(DWORD /*kind*/)
{
    std::lock_guard const lock(console_mutex);
    if (console_child == nullptr) return FALSE;
    console_child->want_stop();
    return TRUE;
}

/// Has what asks us to end told to the child, for as long as it lives.
class Listening
{
public:
    explicit Listening(KeptChild& child)
    {
        auto& state = ServiceState::instance();
        state.on_stop([&child] { child.want_stop(); });
        state.on_session_change([&child] { child.say(said_session); });
        std::lock_guard const lock(console_mutex);
        console_child = &child;
        ::SetConsoleCtrlHandler(&on_console, TRUE);
    }
    ~Listening()
    {
        auto& state = ServiceState::instance();
        state.on_stop({});
        state.on_session_change({});
        std::lock_guard const lock(console_mutex);
        console_child = nullptr;
        ::SetConsoleCtrlHandler(&on_console, FALSE);
    }
    Listening(Listening const&) = delete;
    Listening& operator=(Listening const&) = delete;
};

/// The event of our keeper; nullptr where we have none.
HANDLE keeper_event()
{
    std::array<wchar_t, 32> text{};
    auto const size = ::GetEnvironmentVariableW(keeper_variable, text.data(), static_cast<DWORD>(text.size()));
    if (size == 0 || size >= text.size()) return nullptr;
    return reinterpret_cast<HANDLE>(static_cast<std::uintptr_t>(std::wcstoull(text.data(), nullptr, 10)));
}

} // namespace

Result<Succeeded> hand_over(Successor const& successor)
{
    KeptChild child;
    if (auto const started = child.start(successor); !started) return fail(started.error(), "hand over");
    Listening const listening(child);
    ServiceState::instance().running();
    auto ended = child.follow(successor.limit);
    if (!ended) return fail(ended.error(), "hand over");
    return ended;
}

bool has_keeper() { return keeper_event() != nullptr; }

void call_off()
{
    if (auto* const event = keeper_event(); event != nullptr) ::SetEvent(event);
}

void listen_to_keeper()
{
    static std::once_flag once;
    if (!has_keeper()) return;
    std::call_once(once, [] {
        // It waits in a read that nothing but the keeper ends.
        std::thread([] {
            auto& state = ServiceState::instance();
            auto* const words = ::GetStdHandle(STD_INPUT_HANDLE);
            char word = said_stop;
            DWORD got = 0;
            while (::ReadFile(words, &word, 1, &got, nullptr) != FALSE && got == 1 && word != said_stop)
                if (word == said_session) (void)state.control(SERVICE_CONTROL_SESSIONCHANGE);
            (void)state.control(SERVICE_CONTROL_STOP);
        }).detach();
    });
}

} // namespace rollcall::platform
