#include "platform/windows/rename.hpp"

namespace rollcall::platform
{

/// Scanners of viruses open what was just written, and then the name cannot be had for some milliseconds.
DWORD rename_over(std::wstring const& from, std::wstring const& to)
{
    static constexpr int turns = 20;
    static constexpr DWORD pause_ms = 25;
    DWORD error = ERROR_SUCCESS;
    for (int turn = 0; turn < turns; ++turn) {
        if (::MoveFileExW(from.c_str(), to.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) != FALSE)
            return ERROR_SUCCESS;
        error = ::GetLastError();
        if (error != ERROR_SHARING_VIOLATION && error != ERROR_ACCESS_DENIED) break;
        // A folder in its place stays one.
        auto const attributes = ::GetFileAttributesW(to.c_str());
        if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) break;
        ::Sleep(pause_ms);
    }
    return error;
}

} // namespace rollcall::platform
