#include "platform/loader.hpp"

namespace rollcall::platform
{

// dyld(1): a library's name holds its path.
Result<> load_from_system_only() { return fail(errc::not_supported, "loader: macOS"); }

} // namespace rollcall::platform
