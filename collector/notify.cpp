#include "collector/notify.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace rollcall::collector
{

void notify_service_manager(std::string_view state)
{
    char const* const name = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (!name || (name[0] != '/' && name[0] != '@') || std::strlen(name) >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name, std::strlen(name));
    if (name[0] == '@') address.sun_path[0] = '\0'; // An abstract name begins with a zero byte.
    auto const socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return;
    auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(name));
    // Nobody can be told of a failure here; the service manager notices by its own time-out.
    static_cast<void>(
        ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address), size));
    ::close(socket);
}

} // namespace rollcall::collector
