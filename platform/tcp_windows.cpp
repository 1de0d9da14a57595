#include "platform/tcp.hpp"

namespace rollcall::platform
{

Result<> limit_segments(NativeSocket /*socket*/, int /*bytes*/) { return fail(errc::not_supported, "tcp: Windows"); }

} // namespace rollcall::platform
