#include "tests/agent/uplink/fake_proxy.hpp"

#include <array>
#include <exception>
#include <mutex>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace rollcall::support
{

namespace
{

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto nothrow = asio::as_tuple(asio::use_awaitable);

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

asio::awaitable<bool> send_all(tcp::socket& socket, std::string_view bytes)
{
    auto const whole = asio::buffer(bytes);
    auto const [bad, sent] = co_await asio::async_write(socket, whole, nothrow);
    co_return !bad;
}

/// Up to the other side's end.
asio::awaitable<std::string> read_some(tcp::socket& socket)
{
    std::string piece(65'536, '\0');
    auto const space = asio::buffer(piece);
    auto const [bad, size] = co_await socket.async_read_some(space, nothrow);
    piece.resize(bad ? 0 : size);
    co_return piece;
}

asio::awaitable<std::string> read_head(tcp::socket& socket)
{
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
        auto const piece = co_await read_some(socket);
        if (piece.empty()) co_return std::string();
        head += piece;
    }
    co_return head;
}

} // namespace

struct FakeProxy::State {
    Manner manner{};
    std::string wanted; ///< The header that lets through; "" = none is needed.

    std::mutex mutex; ///< Guards what follows.
    std::vector<std::string> requests;
    std::string carried;

    asio::io_context io{1};
    tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::uint16_t const port = acceptor.local_endpoint().port();
    std::thread thread;

    /// One way of a tunnel, until either side ends.
    asio::awaitable<void> carry(tcp::socket& from, tcp::socket& to, bool is_client)
    {
        for (;;) {
            auto const piece = co_await read_some(from);
            if (piece.empty()) co_return;
            if (is_client) {
                std::lock_guard const lock(mutex);
                carried += piece;
            }
            bool const sent = co_await send_all(to, piece);
            if (!sent) co_return;
        }
    }

    /// What it says instead of carrying; "" = it carries.
    [[nodiscard]] std::string_view answer(std::string const& head) const
    {
        if (manner == Manner::nonsense) return "SSH-2.0-OpenSSH_9.2\r\n\r\n";
        if (manner == Manner::forbid) return "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n";
        if (!wanted.empty() && head.find(wanted) == std::string::npos)
            return "HTTP/1.1 407 Proxy Authentication Required\r\n"
                   "Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
        if (manner == Manner::chatter) return "HTTP/1.1 200 OK\r\n\r\nhello";
        return {};
    }

    asio::awaitable<void> serve(tcp::socket client)
    {
        using namespace asio::experimental::awaitable_operators;
        auto const head = co_await read_head(client);
        {
            std::lock_guard const lock(mutex);
            requests.push_back(head);
        }
        if (head.empty() || manner == Manner::close) co_return;
        if (manner == Manner::hang) { // Until the client gives up.
            co_await read_some(client);
            co_return;
        }
        auto const refusal = answer(head);
        if (!refusal.empty()) {
            co_await send_all(client, refusal);
            co_return;
        }
        // "CONNECT 127.0.0.1:port HTTP/1.1": whatever the host, loopback is meant.
        auto const end = head.find(" HTTP/1.1\r\n");
        auto const colon = head.rfind(':', end);
        auto const number = static_cast<std::uint16_t>(std::stoi(head.substr(colon + 1, end - colon - 1)));
        tcp::endpoint const place(asio::ip::address_v4::loopback(), number);
        tcp::socket server(io);
        auto const [bad] = co_await server.async_connect(place, nothrow);
        if (bad) {
            co_await send_all(client, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
            co_return;
        }
        bool const told = co_await send_all(client, "HTTP/1.1 200 Connection established\r\n\r\n");
        if (told) co_await (carry(client, server, true) || carry(server, client, false));
    }

    asio::awaitable<void> run()
    {
        for (;;) {
            auto [bad, client] = co_await acceptor.async_accept(nothrow);
            if (bad) co_return;
            asio::co_spawn(io, serve(std::move(client)), [](std::exception_ptr const& broken) {
                if (broken) std::rethrow_exception(broken);
            });
        }
    }
};

FakeProxy::FakeProxy(Manner manner, std::string credentials)
    : state_(std::make_unique<State>())
{
    state_->manner = manner;
    if (!credentials.empty()) state_->wanted = "\r\nProxy-Authorization: Basic " + base64(credentials) + "\r\n";
    asio::co_spawn(state_->io, state_->run(), [](std::exception_ptr const& broken) {
        if (broken) std::rethrow_exception(broken);
    });
    state_->thread = std::thread([this] { state_->io.run(); });
}

FakeProxy::~FakeProxy()
{
    state_->io.stop();
    state_->thread.join();
}

std::uint16_t FakeProxy::port() const { return state_->port; }

std::string FakeProxy::url(std::string const& credentials) const
{
    return "http://" + (credentials.empty() ? "" : credentials + "@") + "127.0.0.1:" + std::to_string(state_->port);
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
