// What the installation package does beyond copying a file and starting a service. Deferred actions run as the system;
// what they are to do comes in CustomActionData, whose parts stand between bars. See README.md.
#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <windows.h>

#include <fmt/format.h>
#include <msi.h>
#include <msiquery.h>
#include <winsvc.h>

#include "common/core/result.hpp"
#include "platform/paths.hpp"
#include "platform/windows/access.hpp"
#include "platform/windows/command_line.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/scm.hpp"
#include "platform/windows/text.hpp"

namespace
{

using namespace rollcall;
using namespace rollcall::platform;

/// As agent/main.cpp names it to the service manager.
constexpr wchar_t const* agent_service = L"RollcallAgent";
/// As agent/token_file.hpp: what is larger is another file.
constexpr std::size_t most_token_bytes = 16UL * 1024;
constexpr DWORD agent_limit_ms = 60'000;
constexpr DWORD end_limit_ms = 20'000;
constexpr DWORD end_pause_ms = 100;
constexpr std::size_t pipe_bytes = 64UL * 1024;
/// What the agent says when this machine is a device already (its --help).
constexpr DWORD exit_conflict = 4;
constexpr DWORD exit_done = 0;

/// One call of Windows Installer's.
class Session
{
public:
    explicit Session(MSIHANDLE handle)
        : handle_(handle)
    {
    }

    [[nodiscard]] std::wstring property(wchar_t const* name) const
    {
        std::wstring value;
        std::array<wchar_t, 1> nothing{};
        DWORD size = 0;
        if (::MsiGetPropertyW(handle_, name, nothing.data(), &size) != ERROR_MORE_DATA) return {};
        value.resize(++size);
        if (::MsiGetPropertyW(handle_, name, value.data(), &size) != ERROR_SUCCESS) return {};
        value.resize(size);
        return value;
    }
    void log(std::string const& text) const { tell(INSTALLMESSAGE_INFO, text); }
    /// In the log, and where there is a person, on the screen.
    [[nodiscard]] UINT refuse(std::string const& text) const
    {
        tell(static_cast<INSTALLMESSAGE>(INSTALLMESSAGE_ERROR | MB_OK | MB_ICONERROR), text);
        return ERROR_INSTALL_FAILURE;
    }

private:
    void tell(INSTALLMESSAGE kind, std::string const& text) const
    {
        auto const record = ::MsiCreateRecord(1);
        // The text is a value, so that brackets in it are no properties.
        ::MsiRecordSetStringW(record, 0, L"Rollcall: [1]");
        ::MsiRecordSetStringW(record, 1, utf16(text).c_str());
        ::MsiProcessMessage(handle_, kind, record);
        ::MsiCloseHandle(record);
    }

    MSIHANDLE handle_;
};

std::vector<std::wstring> parts_of(std::wstring const& data)
{
    std::vector<std::wstring> parts(1);
    for (auto const letter : data)
        if (letter == L'|')
            parts.emplace_back();
        else
            parts.back() += letter;
    return parts;
}

struct Pipe {
    Handle read;
    Handle write;
};

/// `ours` is not inherited.
Result<Pipe> make_pipe(Handle Pipe::*ours)
{
    SECURITY_ATTRIBUTES inherited{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
    HANDLE read = nullptr;
    HANDLE write = nullptr;
    if (::CreatePipe(&read, &write, &inherited, pipe_bytes) == FALSE)
        return fail_windows(::GetLastError(), "CreatePipe");
    Pipe made{Handle(read), Handle(write)};
    ::SetHandleInformation((made.*ours).get(), HANDLE_FLAG_INHERIT, 0);
    return made;
}

struct Answer {
    DWORD exit_code = 0;
    std::string said;
};

/// All that is there by now, without waiting for more.
std::string read_pipe(HANDLE pipe)
{
    std::string text(pipe_bytes, '\0');
    DWORD there = 0;
    DWORD size = 0;
    if (::PeekNamedPipe(pipe, nullptr, 0, nullptr, &there, nullptr) == FALSE || there == 0) return {};
    if (::ReadFile(pipe, text.data(), std::min<DWORD>(there, pipe_bytes), &size, nullptr) == FALSE) return {};
    text.resize(size);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    return text;
}

/// Runs the agent that was just installed. What it reads it gets through a pipe, since command lines are seen by
/// others.
Result<Answer> run_agent(std::vector<std::wstring> const& words, std::string_view input)
{
    auto in = make_pipe(&Pipe::write);
    if (!in) return in.error();
    auto out = make_pipe(&Pipe::read);
    if (!out) return out.error();
    // The pipe takes it whole, as it is smaller.
    DWORD written = 0;
    if (::WriteFile(in->write.get(), input.data(), static_cast<DWORD>(input.size()), &written, nullptr) == FALSE)
        return fail_windows(::GetLastError(), "WriteFile");
    in->write.reset();
    STARTUPINFOW start{};
    start.cb = sizeof(start);
    start.dwFlags = STARTF_USESTDHANDLES;
    start.hStdInput = in->read.get();
    start.hStdOutput = out->write.get();
    start.hStdError = out->write.get();
    PROCESS_INFORMATION process{};
    auto line = command_line(words);
    if (::CreateProcessW(words.front().c_str(), line.data(), nullptr, nullptr, TRUE, CREATE_NO_WINDOW, nullptr, nullptr,
                         &start, &process) == FALSE)
        return fail_windows(::GetLastError(), utf8(words.front()));
    Handle const running(process.hProcess);
    Handle(process.hThread).reset();
    out->write.reset();
    if (::WaitForSingleObject(running.get(), agent_limit_ms) != WAIT_OBJECT_0) {
        ::TerminateProcess(running.get(), 1);
        return fail(errc::timed_out, fmt::format("it did not end within {} ms", agent_limit_ms));
    }
    Answer answer;
    if (::GetExitCodeProcess(running.get(), &answer.exit_code) == FALSE)
        return fail_windows(::GetLastError(), "GetExitCodeProcess");
    answer.said = read_pipe(out->read.get());
    return answer;
}

/// A file with a token, which is read once, and then destroyed where that harms nobody else.
class TokenFile
{
public:
    static Result<TokenFile> open(std::wstring const& path)
    {
        TokenFile file;
        file.path_ = utf8(path);
        file.shared_ = is_shared(path);
        // The very file that was read is the one that is destroyed: no link in its place is followed.
        file.handle_ =
            Handle(::CreateFileW(path.c_str(), file.shared_ ? GENERIC_READ : GENERIC_READ | GENERIC_WRITE | DELETE,
                                 FILE_SHARE_READ, nullptr, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
        if (!file.handle_) return fail_windows(::GetLastError(), "TOKENFILE: " + file.path_);
        BY_HANDLE_FILE_INFORMATION facts{};
        if (::GetFileInformationByHandle(file.handle_.get(), &facts) == FALSE)
            return fail_windows(::GetLastError(), "TOKENFILE: " + file.path_);
        if ((facts.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) != 0)
            return fail(errc::refused, "TOKENFILE: " + file.path_ + ": not a plain file");
        if (facts.nFileSizeHigh != 0 || facts.nFileSizeLow > most_token_bytes)
            return fail(errc::bad_input, fmt::format("TOKENFILE: {}: larger than any token ({} bytes): name the file "
                                                     "that holds the token alone",
                                                     file.path_, most_token_bytes));
        file.token_.resize(facts.nFileSizeLow);
        DWORD size = 0;
        if (::ReadFile(file.handle_.get(), file.token_.data(), facts.nFileSizeLow, &size, nullptr) == FALSE)
            return fail_windows(::GetLastError(), "TOKENFILE: " + file.path_);
        file.token_.resize(size);
        return file;
    }

    [[nodiscard]] std::string const& token() const { return token_; }

    /// What became of it.
    [[nodiscard]] std::string destroy()
    {
        if (shared_) return path_ + " lies on another machine, maybe for others too, and stays";
        std::string const zeros(token_.size(), '\0');
        DWORD written = 0;
        ::SetFilePointer(handle_.get(), 0, nullptr, FILE_BEGIN);
        ::WriteFile(handle_.get(), zeros.data(), static_cast<DWORD>(zeros.size()), &written, nullptr);
        ::FlushFileBuffers(handle_.get());
        FILE_DISPOSITION_INFO gone{TRUE};
        if (::SetFileInformationByHandle(handle_.get(), FileDispositionInfo, &gone, sizeof(gone)) == FALSE)
            return fail_windows(::GetLastError(), path_ + " is emptied, but could not be deleted").trace;
        handle_.reset();
        return path_ + " is destroyed";
    }

private:
    static bool is_shared(std::wstring const& path)
    {
        if (path.starts_with(LR"(\\)") && !path.starts_with(LR"(\\?\)")) return true;
        return ::GetDriveTypeW(path.substr(0, 3).c_str()) == DRIVE_REMOTE;
    }

    std::string path_;
    std::string token_;
    Handle handle_;
    bool shared_ = false;
};

/// The program in a service's command line.
std::wstring program_of(std::wstring const& line)
{
    if (line.starts_with(L'"')) return line.substr(1, line.find(L'"', 1) - 1);
    return line.substr(0, line.find(L' '));
}

/// The program of the agent's service, where there is one.
std::optional<std::wstring> installed_program()
{
    ScmHandle const manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
    if (!manager) return std::nullopt;
    ScmHandle const service(::OpenServiceW(manager.get(), agent_service, SERVICE_QUERY_CONFIG));
    if (!service) return std::nullopt;
    // The largest that the function gives (QueryServiceConfigW).
    alignas(QUERY_SERVICE_CONFIGW) std::array<std::byte, 8192> bytes{};
    DWORD needed = 0;
    auto* const config = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(bytes.data());
    if (::QueryServiceConfigW(service.get(), config, static_cast<DWORD>(bytes.size()), &needed) == FALSE)
        return std::nullopt;
    return program_of(config->lpBinaryPathName);
}

bool same_path(std::wstring const& one, std::wstring const& other)
{
    return ::CompareStringOrdinal(one.c_str(), -1, other.c_str(), -1, TRUE) == CSTR_EQUAL;
}

/// Deletes a folder with what is in it; links are deleted themselves. What is left is counted.
std::size_t remove_tree(std::wstring const& folder)
{
    std::size_t left = 0;
    WIN32_FIND_DATAW found{};
    auto* const search = ::FindFirstFileW((folder + LR"(\*)").c_str(), &found);
    if (search != INVALID_HANDLE_VALUE) {
        do {
            std::wstring const name = found.cFileName;
            if (name == L"." || name == L"..") continue;
            auto const path = folder + L'\\' + name;
            bool const is_folder = (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
            bool const is_link = (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
            if (is_folder && !is_link)
                left += remove_tree(path);
            else if ((is_folder ? ::RemoveDirectoryW(path.c_str()) : ::DeleteFileW(path.c_str())) == FALSE)
                ++left;
        } while (::FindNextFileW(search, &found) != FALSE);
        ::FindClose(search);
    }
    if (::RemoveDirectoryW(folder.c_str()) == FALSE && ::GetLastError() != ERROR_FILE_NOT_FOUND &&
        ::GetLastError() != ERROR_PATH_NOT_FOUND)
        ++left;
    return left;
}

/// Whatever goes wrong in here must not end Windows Installer's process.
template <class Body>
UINT guarded(MSIHANDLE handle, Body body)
{
    Session const session(handle);
    try {
        return body(session);
    } catch (std::exception const& thrown) {
        return session.refuse(thrown.what());
    }
}

UINT check_properties(Session const& session)
{
    auto const token = session.property(L"TOKEN");
    auto const file = session.property(L"TOKENFILE");
    auto const server = session.property(L"SERVER");
    if (!token.empty() && !file.empty()) return session.refuse("TOKEN and TOKENFILE are both given: give one of them.");
    if (!server.empty() && token.empty() && file.empty())
        return session.refuse("SERVER changes the address in a token: give TOKEN or TOKENFILE, too, or leave it out.");
    for (auto const& [name, value] : {std::pair{"TOKEN", &token}, {"TOKENFILE", &file}, {"SERVER", &server}})
        if (value->find(L'|') != std::wstring::npos)
            return session.refuse(fmt::format("{} has a | in it, which belongs in none: copy it again.", name));
    return ERROR_SUCCESS;
}

UINT check_machine(Session const& session)
{
    if (auto const checked = check_properties(session); checked != ERROR_SUCCESS) return checked;
    auto const target = session.property(L"AgentFolder") + L"rollcall-agent.exe";
    auto const there = installed_program();
    if (!there || same_path(*there, target)) return ERROR_SUCCESS;
    return session.refuse(fmt::format("another Rollcall agent is on this machine: its service runs {}. Remove that one "
                                      "first (\"{}\" uninstall, as an administrator), then install again; the machine "
                                      "stays the same device.",
                                      utf8(*there), utf8(*there)));
}

UINT complete_service(Session const& session)
{
    auto const answer = run_agent({session.property(L"CustomActionData"), L"install"}, {});
    if (!answer) return session.refuse("the service: " + answer.error().trace);
    if (answer->exit_code != exit_done) return session.refuse("the service: " + answer->said);
    session.log(answer->said);
    return ERROR_SUCCESS;
}

UINT leave_token(Session const& session)
{
    // Program, TOKEN, TOKENFILE, SERVER.
    auto const data = parts_of(session.property(L"CustomActionData"));
    if (data.size() != 4) return session.refuse("the token: this package is damaged: fetch it again.");
    std::optional<TokenFile> file;
    if (!data[2].empty()) {
        auto opened = TokenFile::open(data[2]);
        if (!opened) return session.refuse(opened.error().trace);
        file = *std::move(opened);
    }
    std::vector<std::wstring> words{data[0], L"enrol", L"--later", L"--token-file", L"-"};
    if (!data[3].empty()) words.insert(words.end(), {L"--server", data[3]});
    auto const answer = run_agent(words, file ? file->token() : utf8(data[1]));
    if (!answer) return session.refuse("the token: " + answer.error().trace);
    if (answer->exit_code != exit_done && answer->exit_code != exit_conflict)
        return session.refuse("the token: " + answer->said);
    session.log(answer->exit_code == exit_done
                    ? answer->said
                    : "this machine is a device already and stays it; the token was not used");
    if (file) session.log(file->destroy());
    return ERROR_SUCCESS;
}

/// The service says that it has stopped a moment before its process is gone, and that of a newer program that it
/// handed over to; until then their files can neither be replaced nor deleted.
UINT await_end(Session const& session)
{
    auto const program = session.property(L"CustomActionData");
    for (DWORD waited_ms = 0; waited_ms < end_limit_ms; waited_ms += end_pause_ms) {
        Handle const file(
            ::CreateFileW(program.c_str(), GENERIC_WRITE, FILE_SHARE_READ, nullptr, OPEN_EXISTING, 0, nullptr));
        if (file || ::GetLastError() == ERROR_FILE_NOT_FOUND) return ERROR_SUCCESS;
        ::Sleep(end_pause_ms);
    }
    session.log(fmt::format("{} runs still", utf8(program)));
    return ERROR_SUCCESS;
}

UINT purge(Session const& session)
{
    auto const paths = system_paths("rollcall-agent");
    if (!paths) return session.refuse(paths.error().trace);
    auto const folder = utf16(paths->config_dir);
    {
        Handle const opened(::CreateFileW(
            folder.c_str(), READ_CONTROL | FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
            nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
        if (!opened) return ERROR_SUCCESS;
        // Anybody may have made a folder of this name before us, and in it links to where he may not delete himself.
        if (auto const owned = check_owner(opened.get()); !owned)
            return session.refuse(fmt::format("{}: {}", paths->config_dir, owned.error().trace));
    }
    auto const left = remove_tree(folder);
    // The folder of all of Rollcall, if it is empty now.
    ::RemoveDirectoryW(folder.substr(0, folder.find_last_of(L'\\')).c_str());
    if (left != 0) return session.refuse(fmt::format("{} in {} could not be deleted", left, paths->config_dir));
    session.log(paths->config_dir + " is deleted");
    return ERROR_SUCCESS;
}

} // namespace

/// Before anything is changed: may it be installed here, and do the properties make sense?
extern "C" __declspec(dllexport) UINT __stdcall CheckMachine(MSIHANDLE handle)
{
    return guarded(handle, check_machine);
}

/// Deferred, with the program's path: what `rollcall-agent install` sets and the tables of a package cannot.
extern "C" __declspec(dllexport) UINT __stdcall CompleteService(MSIHANDLE handle)
{
    return guarded(handle, complete_service);
}

/// Deferred, with program, TOKEN, TOKENFILE and SERVER: leaves the token for the service.
extern "C" __declspec(dllexport) UINT __stdcall LeaveToken(MSIHANDLE handle) { return guarded(handle, leave_token); }

/// Deferred, with the program's path: waits until nobody runs it any more.
extern "C" __declspec(dllexport) UINT __stdcall AwaitEnd(MSIHANDLE handle) { return guarded(handle, await_end); }

/// Deferred: deletes identity, spool, log and settings.
extern "C" __declspec(dllexport) UINT __stdcall Purge(MSIHANDLE handle) { return guarded(handle, purge); }
