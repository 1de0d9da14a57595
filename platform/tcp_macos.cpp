#include "platform/tcp.hpp"

namespace rollcall::platform
{

Result<> limit_segments(NativeSocket /*socket*/, int /*bytes*/)
{
    return fail(errc::not_supported, "tcp: macOS takes no segments larger than 512 bytes before it connects");
}

} // namespace rollcall::platform
