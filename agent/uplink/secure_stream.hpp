#pragma once

// Knows Asio: included by channel.cpp and https.hpp only.

#include <array>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <openssl/types.h>

namespace rollcall::uplink
{

namespace asio = boost::asio;
namespace beast = boost::beast;

/// TLS over TCP as one AsyncStream whose operations know one type of handler. What is composed above it (WebSocket,
/// HTTP) would else be compiled anew through TLS, TCP and timers for each of its operations: most of this folder's
/// time to compile, and a good part of the program.
///
/// Owns: the socket and its TLS.
/// Threads: the executor's, on which its handlers must live, too.  Blocks: no.
class SecureStream
{
public:
    using executor_type = asio::any_io_executor;
    using next_layer_type = beast::tcp_stream;

    SecureStream(executor_type const& executor, asio::ssl::context& tls);
    ~SecureStream();
    SecureStream(SecureStream const&) = delete;
    SecureStream& operator=(SecureStream const&) = delete;

    executor_type get_executor();
    beast::tcp_stream& next_layer();
    [[nodiscard]] SSL& ssl();

    /// As a client. Whom to expect has been said to ssl().
    asio::awaitable<beast::error_code> handshake();

    /// void(error_code, std::size_t)
    template <class Buffers, class Token>
    auto async_read_some(Buffers const& buffers, Token&& token)
    {
        return asio::async_initiate<Token, void(beast::error_code, std::size_t)>(
            [this](auto handler, asio::mutable_buffer into) { read(into, Done(std::move(handler))); }, token,
            first_of(buffers));
    }

    /// void(error_code, std::size_t)
    template <class Buffers, class Token>
    auto async_write_some(Buffers const& buffers, Token&& token)
    {
        return asio::async_initiate<Token, void(beast::error_code, std::size_t)>(
            [this](auto handler, Parts const& parts) { write(parts, Done(std::move(handler))); }, token,
            parts_of(buffers));
    }

    /// close_notify both ways, for Beast's closing of a WebSocket. void(error_code)
    template <class Handler>
    void async_teardown(Handler&& handler)
    {
        shut_down(Done([handler = std::forward<Handler>(handler)](beast::error_code failed, std::size_t) mutable {
            std::move(handler)(failed);
        }));
    }

private:
    /// Any handler, once.
    class Done
    {
    public:
        template <class Handler>
        requires(!std::is_same_v<Handler, Done>) explicit Done(Handler handler)
            : it_(std::make_unique<One<Handler>>(std::move(handler)))
        {
        }
        void operator()(beast::error_code failed, std::size_t bytes)
        {
            // It may begin the next operation, so nothing of this one may be left.
            auto const it = std::move(it_);
            it->call(failed, bytes);
        }

    private:
        struct Any {
            Any() = default;
            virtual ~Any() = default;
            Any(Any const&) = delete;
            Any& operator=(Any const&) = delete;
            virtual void call(beast::error_code failed, std::size_t bytes) = 0;
        };
        template <class Handler>
        struct One final : Any {
            explicit One(Handler given)
                : handler(std::move(given))
            {
            }
            void call(beast::error_code failed, std::size_t bytes) override { std::move(handler)(failed, bytes); }
            Handler handler;
        };
        std::unique_ptr<Any> it_;
    };

    /// Head and body of a message, so that they share a TLS record. Of longer sequences the rest is written next.
    using Parts = std::array<asio::const_buffer, 4>;

    template <class Buffers>
    static asio::mutable_buffer first_of(Buffers const& buffers)
    {
        auto const end = asio::buffer_sequence_end(buffers);
        for (auto one = asio::buffer_sequence_begin(buffers); one != end; ++one)
            if (asio::mutable_buffer const buffer(*one); buffer.size() > 0) return buffer;
        return {};
    }
    template <class Buffers>
    static Parts parts_of(Buffers const& buffers)
    {
        Parts parts;
        std::size_t count = 0;
        auto const end = asio::buffer_sequence_end(buffers);
        for (auto one = asio::buffer_sequence_begin(buffers); one != end && count < parts.size(); ++one)
            if (asio::const_buffer const buffer(*one); buffer.size() > 0) parts.at(count++) = buffer;
        return parts;
    }

    void read(asio::mutable_buffer into, Done done);
    void write(Parts const& parts, Done done);
    void shut_down(Done done);

    class Body;
    std::unique_ptr<Body> body_;
};

/// Found by Beast when a WebSocket closes.
template <class Handler>
void async_teardown(beast::role_type, SecureStream& stream, Handler&& handler)
{
    stream.async_teardown(std::forward<Handler>(handler));
}

} // namespace rollcall::uplink
