#pragma once

#include <memory>
#include <type_traits>

#include <windows.h>
#include <winsvc.h>

namespace rollcall::platform
{

struct CloseScm {
    void operator()(SC_HANDLE handle) const { ::CloseServiceHandle(handle); }
};
/// A handle of the Service Control Manager: of itself or of one service.
using ScmHandle = std::unique_ptr<std::remove_pointer_t<SC_HANDLE>, CloseScm>;

} // namespace rollcall::platform
