#include "platform/tcp.hpp"

#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace rollcall::platform
{

Result<> limit_segments(NativeSocket socket, int bytes)
{
    if (::setsockopt(static_cast<int>(socket), IPPROTO_TCP, TCP_MAXSEG, &bytes, sizeof bytes) == 0) return {};
    return fail_errno(errno, "tcp: TCP_MAXSEG");
}

} // namespace rollcall::platform
