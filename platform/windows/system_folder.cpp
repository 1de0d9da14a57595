#include "platform/windows/system_folder.hpp"

#include <windows.h>

#include "platform/windows/error.hpp"

namespace rollcall::platform
{

/// Both functions take a buffer and its size in characters, and answer with the length, or with the size they need.
static Result<std::wstring> ask_folder(UINT(WINAPI* ask)(LPWSTR, UINT), std::string_view step)
{
    std::wstring folder(MAX_PATH, L'\0');
    for (int turn = 0; turn < 2; ++turn) {
        auto const size = ask(folder.data(), static_cast<UINT>(folder.size()));
        if (size == 0) return fail_windows(::GetLastError(), step);
        bool const whole = size < folder.size();
        folder.resize(size);
        if (whole) return folder;
    }
    return fail(errc::io, std::string(step));
}

Result<std::wstring> system_folder() { return ask_folder(&::GetSystemDirectoryW, "GetSystemDirectory"); }

Result<std::wstring> windows_folder() { return ask_folder(&::GetSystemWindowsDirectoryW, "GetSystemWindowsDirectory"); }

} // namespace rollcall::platform
