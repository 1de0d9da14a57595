#include "platform/loader.hpp"

#include <windows.h>

#include "platform/windows/error.hpp"

namespace rollcall::platform
{

Result<> load_from_system_only()
{
    if (::SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32) == FALSE)
        return fail_windows(::GetLastError(), "loader: SetDefaultDllDirectories");
    return {};
}

} // namespace rollcall::platform
