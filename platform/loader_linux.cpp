#include "platform/loader.hpp"

namespace rollcall::platform
{

// ld.so(8): only what the program was linked with, the loader's cache and the system's folders.
Result<> load_from_system_only() { return fail(errc::not_supported, "loader: Linux"); }

} // namespace rollcall::platform
