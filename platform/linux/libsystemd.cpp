#include "platform/linux/libsystemd.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

namespace rollcall::platform
{

Result<void*> load_libsystemd(std::string_view what)
{
    static void* const handle = ::dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return fail(errc::not_supported, fmt::format("{}: libsystemd is not installed", what));
    return handle;
}

} // namespace rollcall::platform
