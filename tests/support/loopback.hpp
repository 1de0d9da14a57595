#pragma once

#include <cstdint>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/// Sockets of tests that stand between two programs: always on loopback. The caller closes them.
namespace rollcall::support
{

inline sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// A connection to a port; -1: nobody listens there.
inline int dial(std::uint16_t port)
{
    int const made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto const address = loopback(port);
    if (::connect(made, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0) return made;
    ::close(made);
    return -1;
}

struct Listening {
    int socket = -1;
    std::uint16_t port = 0;
};

/// On a port that was free. Throws where there is none.
inline Listening listen_anywhere()
{
    int const made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(made, plain, size) != 0 || ::listen(made, 16) != 0 || ::getsockname(made, plain, &size) != 0)
        throw std::runtime_error("no port on loopback");
    return {.socket = made, .port = ntohs(address.sin_port)};
}

} // namespace rollcall::support
