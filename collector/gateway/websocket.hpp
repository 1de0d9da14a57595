#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "collector/gateway/link.hpp"

namespace rollcall::gateway
{

struct RawRequest;

/// The server's end of a WebSocket on a link. Beast stands behind it, compiled once (websocket.cpp).
///
/// Messages go out in order, from a queue with a limit: a peer that does not read must not make the collector grow.
///
/// Owns: its buffers.  Threads: the link's loop.  Blocks: no.
class WebSocket : public std::enable_shared_from_this<WebSocket>
{
public:
    struct Settings {
        std::size_t message_bytes; ///< Longest incoming message; more is answered with 1009.
        std::size_t queue_bytes;   ///< Most that waits to be sent.
        std::size_t queue_messages;
    };
    /// What a read brought.
    struct Received {
        enum class What { text, binary, closed, too_big, failed } what;
        std::string_view text; ///< Valid until the next read.
    };

    [[nodiscard]] static std::shared_ptr<WebSocket> make(std::shared_ptr<Link> link, Settings settings);
    virtual ~WebSocket() = default;
    WebSocket(WebSocket const&) = delete;
    WebSocket& operator=(WebSocket const&) = delete;

    /// Answers the upgrade; an empty subprotocol is not named. The error ends the connection.
    virtual asio::awaitable<error_code> accept(RawRequest const& request, std::string_view subprotocol) = 0;
    /// One at a time.
    virtual asio::awaitable<Received> read() = 0;
    /// False: the queue is full, and the message was not taken.
    [[nodiscard]] virtual bool send(std::string text) = 0;
    /// After what waits to be sent. What comes meanwhile can still be read.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    virtual void ping() = 0;

    /// Pings and pongs of the peer, with their payload.
    std::function<void(std::string_view)> on_heartbeat;

protected:
    WebSocket() = default;
};

} // namespace rollcall::gateway
