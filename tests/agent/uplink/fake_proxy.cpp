#include "tests/agent/uplink/fake_proxy.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <thread>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/loopback.hpp"

namespace rollcall::support
{

namespace
{

/// How soon a thread sees that it shall stop.
constexpr int look_every_ms = 5;

bool send_all(int socket, std::string_view bytes)
{
    while (!bytes.empty()) {
        auto const sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// Of "alice:secret", as RFC 7617 shows it; the tests' words are few, so their letters are enough.
std::string base64(std::string const& bytes)
{
    static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        unsigned group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8U | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            text += at + i <= bytes.size() ? letters[group >> (18U - 6U * i) & 63U] : '=';
    }
    return text;
}

} // namespace

struct FakeProxy::State {
    Manner manner{};
    std::string wanted; ///< The header that lets through; "" = none is needed.
    Listening listening = listen_anywhere();
    std::atomic<bool> stopping = false;

    std::mutex mutex; ///< Guards what follows.
    std::vector<std::string> requests;
    std::string carried;
    std::vector<std::thread> connections;

    std::thread thread;

    /// Waits until there is something to read; false: it is time to stop.
    bool wait(std::array<pollfd, 2>& asked, nfds_t count) const
    {
        while (!stopping)
            if (::poll(asked.data(), count, look_every_ms) > 0) return true;
        return false;
    }

    std::string read_head(int socket) const
    {
        std::string head;
        std::array<char, 4096> piece{};
        std::array<pollfd, 2> asked{pollfd{.fd = socket, .events = POLLIN, .revents = 0}};
        while (head.find("\r\n\r\n") == std::string::npos) {
            if (!wait(asked, 1)) return {};
            auto const size = ::recv(socket, piece.data(), piece.size(), 0);
            if (size <= 0) return {};
            head.append(piece.data(), static_cast<std::size_t>(size));
        }
        return head;
    }

    void carry(int client, int server)
    {
        std::array<pollfd, 2> asked{pollfd{.fd = client, .events = POLLIN, .revents = 0},
                                    pollfd{.fd = server, .events = POLLIN, .revents = 0}};
        std::array<char, 65'536> piece{};
        while (wait(asked, 2)) {
            for (std::size_t from = 0; from < 2; ++from) {
                if (asked[from].revents == 0) continue;
                auto const size = ::recv(asked[from].fd, piece.data(), piece.size(), 0);
                if (size <= 0) return;
                std::string_view const bytes(piece.data(), static_cast<std::size_t>(size));
                if (from == 0) {
                    std::lock_guard const lock(mutex);
                    carried += bytes;
                }
                if (!send_all(asked[1 - from].fd, bytes)) return;
            }
        }
    }

    void serve(int client)
    {
        auto const head = read_head(client);
        {
            std::lock_guard const lock(mutex);
            requests.push_back(head);
        }
        std::array<pollfd, 2> asked{pollfd{.fd = client, .events = POLLIN, .revents = 0}};
        if (head.empty() || manner == Manner::close) return;
        if (manner == Manner::hang) return void(wait(asked, 1)); // Until the client gives up.
        if (manner == Manner::nonsense) return void(send_all(client, "SSH-2.0-OpenSSH_9.2\r\n\r\n"));
        if (manner == Manner::forbid)
            return void(send_all(client, "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n"));
        if (!wanted.empty() && head.find(wanted) == std::string::npos)
            return void(send_all(client, "HTTP/1.1 407 Proxy Authentication Required\r\n"
                                         "Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"));
        if (manner == Manner::chatter) return void(send_all(client, "HTTP/1.1 200 OK\r\n\r\nhello"));

        // "CONNECT 127.0.0.1:port HTTP/1.1": whatever the host, loopback is meant.
        auto const end = head.find(" HTTP/1.1\r\n");
        auto const colon = head.rfind(':', end);
        int const server = dial(static_cast<std::uint16_t>(std::stoi(head.substr(colon + 1, end - colon - 1))));
        if (server < 0) return void(send_all(client, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"));
        if (send_all(client, "HTTP/1.1 200 Connection established\r\n\r\n")) carry(client, server);
        ::close(server);
    }

    void run()
    {
        std::array<pollfd, 2> asked{pollfd{.fd = listening.socket, .events = POLLIN, .revents = 0}};
        while (wait(asked, 1)) {
            int const client = ::accept4(listening.socket, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) continue;
            std::lock_guard const lock(mutex);
            connections.emplace_back([this, client] {
                serve(client);
                ::close(client);
            });
        }
    }
};

FakeProxy::FakeProxy(Manner manner, std::string credentials)
    : state_(std::make_unique<State>())
{
    state_->manner = manner;
    if (!credentials.empty()) state_->wanted = "\r\nProxy-Authorization: Basic " + base64(credentials) + "\r\n";
    state_->thread = std::thread([this] { state_->run(); });
}

FakeProxy::~FakeProxy()
{
    state_->stopping = true;
    state_->thread.join();
    for (auto& connection : state_->connections)
        connection.join();
    ::close(state_->listening.socket);
}

std::uint16_t FakeProxy::port() const { return state_->listening.port; }

std::string FakeProxy::url(std::string const& credentials) const
{
    return "http://" + (credentials.empty() ? "" : credentials + "@") +
           "127.0.0.1:" + std::to_string(state_->listening.port);
}

std::vector<std::string> FakeProxy::requests() const
{
    std::lock_guard const lock(state_->mutex);
    return state_->requests;
}

std::string FakeProxy::carried() const
{
    std::lock_guard const lock(state_->mutex);
    return state_->carried;
}

} // namespace rollcall::support
