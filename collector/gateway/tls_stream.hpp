#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <openssl/types.h>

namespace rollcall::gateway
{

namespace asio = boost::asio;
using boost::system::error_code;

/// TLS on a socket for servers, as an AsyncStream of Asio: OpenSSL reads and writes the socket itself and is called
/// again when the socket is ready, so an idle connection holds no buffers at all (asio::ssl::stream keeps 34 KiB).
///
/// One read and one write may be under way at the same time. A cancelled read changes nothing; a cancelled write
/// leaves half a record behind, so the stream is broken from then on and says so.
///
/// Owns: the socket and its SSL.  Threads: one, that of its executor.  Blocks: no.
class TlsStream
{
public:
    using executor_type = asio::ip::tcp::socket::executor_type;
    using next_layer_type = asio::ip::tcp::socket;
    using lowest_layer_type = asio::ip::tcp::socket::lowest_layer_type;

    /// Bad alloc where OpenSSL has no memory.
    TlsStream(asio::ip::tcp::socket socket, SSL_CTX& context);
    ~TlsStream();
    TlsStream(TlsStream const&) = delete;
    TlsStream& operator=(TlsStream const&) = delete;

    executor_type get_executor() { return socket_.get_executor(); }
    next_layer_type& next_layer() { return socket_; }
    lowest_layer_type& lowest_layer() { return socket_.lowest_layer(); }
    [[nodiscard]] SSL& ssl() { return *ssl_; }

    /// TLS records as they were on the wire.
    [[nodiscard]] std::uint64_t bytes_in() const { return bytes_in_; }
    [[nodiscard]] std::uint64_t bytes_out() const { return bytes_out_; }
    /// What OpenSSL said when the stream broke; "" if the connection ended, or nothing happened.
    [[nodiscard]] std::string const& failure() const { return failure_; }
    /// The number of that reason (SSL_R_…), 0 where there is none.
    [[nodiscard]] int failure_reason() const { return failure_reason_; }

    /// Ends it at once; everything under way completes with operation_aborted.
    void close();

    /// What the socket must be ready for before the next attempt makes sense.
    enum class Want { nothing, read, write };
    struct Step {
        Want want = Want::nothing;
        error_code error;
        std::size_t bytes = 0;
    };

    /// One step of the handshake, which is all of its work; done where it wants nothing more. The caller waits with
    /// async_ready() in between, so that it decides whose turn it is.
    Step handshake() { return attempt(Verb::handshake, {}); }
    /// When the socket is ready: bytes to read (or its end), or room to write. void(error_code)
    template <class Token>
    auto async_ready(Want want, Token&& token)
    {
        return socket_.async_wait(want == Want::write ? next_layer_type::wait_write : next_layer_type::wait_read,
                                  std::forward<Token>(token));
    }

    /// Sends close_notify; does not wait for the peer's. void(error_code)
    template <class Token>
    auto async_shutdown(Token&& token)
    {
        return start<Verb::shutdown, void(error_code)>({}, std::forward<Token>(token));
    }

    /// Sends close_notify and the end of the stream, then reads and drops what still comes until the peer is done, so
    /// that the last words reach it: closing a socket with unread bytes resets the connection. Who sets `on_linger`
    /// limits its time, by close(). void(error_code)
    template <class Token>
    auto async_linger(Token&& token)
    {
        return start<Verb::linger, void(error_code)>({}, std::forward<Token>(token));
    }

    /// void(error_code, std::size_t)
    template <class Buffers, class Token>
    auto async_read_some(Buffers const& buffers, Token&& token)
    {
        return start<Verb::read, void(error_code, std::size_t)>(parts_of(buffers), std::forward<Token>(token));
    }

    /// void(error_code, std::size_t)
    template <class Buffers, class Token>
    auto async_write_some(Buffers const& buffers, Token&& token)
    {
        return start<Verb::write, void(error_code, std::size_t)>(parts_of(buffers), std::forward<Token>(token));
    }

    /// Called when an async_linger begins.
    std::function<void()> on_linger;

private:
    friend struct SocketBio;

    enum class Verb { handshake, read, write, shutdown, linger };
    /// Head and body of a message, the empty ones last. Of longer sequences the rest is read or written next.
    using Parts = std::array<asio::mutable_buffer, 2>;
    template <Verb verb>
    struct Operation {
        TlsStream* stream = nullptr;
        Parts parts{};
        enum class Phase { first, waiting, posted } phase = Phase::first;
        Step step{};

        template <class Self>
        void operator()(Self& self, error_code error = {})
        {
            if (phase == Phase::posted) return finish(self);
            step = error ? stream->gave_up(verb, error) : stream->attempt(verb, parts);
            auto& socket = stream->socket_;
            if (step.want != Want::nothing) {
                phase = Phase::waiting;
                auto const until = step.want == Want::read ? next_layer_type::wait_read : next_layer_type::wait_write;
                socket.async_wait(until, std::move(self));
            } else if (phase == Phase::first) { // A handler must never run inside the function that started it.
                phase = Phase::posted;
                asio::post(socket.get_executor(), std::move(self));
            } else {
                finish(self);
            }
        }

        template <class Self>
        void finish(Self& self)
        {
            if constexpr (verb == Verb::read || verb == Verb::write)
                self.complete(step.error, step.bytes);
            else
                self.complete(step.error);
        }
    };

    template <class Buffers>
    static Parts parts_of(Buffers const& buffers)
    {
        Parts parts;
        std::size_t count = 0;
        auto const end = asio::buffer_sequence_end(buffers);
        for (auto one = asio::buffer_sequence_begin(buffers); one != end && count < parts.size(); ++one) {
            asio::const_buffer const buffer(*one);
            // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): one type for both ways; a write only reads it.
            if (buffer.size() > 0) parts.at(count++) = {const_cast<void*>(buffer.data()), buffer.size()};
        }
        return parts;
    }

    template <Verb verb, class Signature, class Token>
    auto start(Parts const& parts, Token&& token)
    {
        return asio::async_compose<Token, Signature>(Operation<verb>{this, parts}, token, socket_);
    }

    Step attempt(Verb verb, Parts const& parts);
    int write(Parts const& parts, std::size_t& bytes);
    Step gave_up(Verb verb, error_code error);
    Step attempt_linger();
    Step outcome(int result, std::size_t bytes);

    asio::ip::tcp::socket socket_;
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
    std::uint64_t bytes_in_ = 0;
    std::uint64_t bytes_out_ = 0;
    std::string failure_;
    int failure_reason_ = 0;
    error_code socket_error_; ///< Of the last failed read or write of the socket; its end is none.
    bool broken_ = false;
    bool said_goodbye_ = false;
};

/// Found by Beast: how a WebSocket ends the stream below it.
template <class Handler>
void async_teardown(boost::beast::role_type, TlsStream& stream, Handler&& handler)
{
    stream.async_linger(std::forward<Handler>(handler));
}

} // namespace rollcall::gateway
