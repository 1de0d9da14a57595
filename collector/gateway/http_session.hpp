#pragma once

#include <memory>

#include "collector/gateway/link.hpp"
#include "collector/gateway/ports.hpp"

namespace rollcall::gateway
{

struct RawRequest;

/// A request to open a WebSocket: as the handshake wants it, and as the handlers do.
struct Upgrade {
    std::shared_ptr<RawRequest> raw;
    HttpRequest request;
    bool offers_subprotocol = false; ///< rollcall.v1 is among them.
};

/// Reads a device's one request. Null: there was none worth answering, or it has been answered with a problem.
asio::awaitable<std::shared_ptr<Upgrade>> read_agent_upgrade(Link& link);

/// Sends it and, where `keep_alive` is false, ends the stream in peace. Of a response with a streamed body the head
/// alone is sent, and the stream goes on. False: the connection is over.
asio::awaitable<bool> respond(Link& link, HttpRequest const& request, HttpResponse response, bool keep_alive,
                              bool without_body);

/// Asks the LiveHandler and runs the feed until it ends.
Work serve_live(std::shared_ptr<Link> link, std::shared_ptr<Upgrade> upgrade);

} // namespace rollcall::gateway
