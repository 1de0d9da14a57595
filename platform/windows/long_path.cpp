#include "platform/windows/long_path.hpp"

#include <windows.h>

#include "platform/windows/error.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

Result<std::wstring> long_path(std::string_view path)
{
    auto const given = utf16(path);
    // After a NUL it would be another file.
    if (given.empty() || given.find(L'\0') != std::wstring::npos) return fail(errc::bad_input, "no path of a file");
    if (given.starts_with(LR"(\\)")) return given;
    std::wstring whole(MAX_PATH, L'\0');
    for (int turn = 0; turn < 2; ++turn) {
        // The length, or with its NUL what it needs.
        auto const size = ::GetFullPathNameW(given.c_str(), static_cast<DWORD>(whole.size()), whole.data(), nullptr);
        if (size == 0) return fail_windows(::GetLastError(), "GetFullPathName");
        bool const fits = size < whole.size();
        whole.resize(size);
        // A device ("NUL") comes back as \\.\NUL.
        if (fits) return whole.starts_with(LR"(\\)") ? whole : LR"(\\?\)" + whole;
    }
    return fail(errc::io, "GetFullPathName");
}

} // namespace rollcall::platform
