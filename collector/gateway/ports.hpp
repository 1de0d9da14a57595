#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/result.hpp"
#include "common/wire/messages.hpp"

/// What the gateway asks of the rest of the collector. The gateway knows TLS, HTTP and WebSocket; it knows no
/// product rule. Nothing here names Asio, so that whoever implements a port does not have to compile it.
namespace rollcall::gateway
{

/// One parsed request. Header names are lower case. Query values are percent-decoded; of a repeated key the last wins.
struct HttpRequest {
    std::string method;
    std::string path; ///< Percent-decoded, without the query: "/api/v1/devices".
    std::map<std::string, std::string, std::less<>> query;
    std::map<std::string, std::string, std::less<>> headers;
    std::string body;   ///< At most wire::limits::request_body_bytes.
    std::string remote; ///< Address of the peer, without the port.
    std::string id;     ///< Request id: in the log and in every problem+json.
};

/// A body that is too large to be held in memory: it is asked for piece by piece, one at a time, and for the next one
/// only once the last was taken by the peer.
///
/// Threads: next() is called on an event loop, so it must not block; `done` may be called from any thread, once.
class HttpBody
{
public:
    virtual ~HttpBody() = default;
    /// All of it; nothing where nobody knows before the end (it is sent in chunks).
    [[nodiscard]] virtual std::optional<std::uint64_t> size() const = 0;
    /// At least one byte, and together exactly size(); where that is not known, an empty piece is the end. An error
    /// ends the connection: the peer sees that some is missing.
    virtual void next(std::function<void(Result<std::string>)> done) = 0;
};

struct HttpResponse {
    int status = 200;
    std::vector<std::pair<std::string, std::string>>
        headers; ///< The gateway adds length, date, id and security headers.
    std::string body;
    std::shared_ptr<std::string const> shared_body; ///< Sent instead of `body` where set: files served from memory.
    std::shared_ptr<HttpBody> stream;               ///< Sent instead of both where set.
};

/// Answers everything of HTTP that is no WebSocket: the API, the page's files, /enrol, /healthz.
///
/// Threads: called on an event loop, so it must not block: it hands work to a pool.
/// `done` may be called from any thread, exactly once.
class HttpHandler
{
public:
    virtual ~HttpHandler() = default;
    virtual void handle(HttpRequest request, std::function<void(HttpResponse)> done) = 0;
};

/// The gateway's end of a browser's WebSocket, as the live feed sees it.
///
/// Threads: any.  Blocks: no. A socket that does not drain `live_queue_messages` is closed with 1013.
class LiveSocket
{
public:
    virtual ~LiveSocket() = default;
    virtual void send(std::string text) = 0;
    virtual void close(std::uint16_t code, std::string reason) = 0;
};

/// One open live connection; destroyed when the socket is gone.
class LiveClient
{
public:
    virtual ~LiveClient() = default;
    virtual void receive(std::string_view text) = 0;
};

/// Decides about upgrades of browsers to `GET /api/v1/live` (session, Origin) and feeds those it accepted.
class LiveHandler
{
public:
    virtual ~LiveHandler() = default;
    /// `refuse` with a response (401, 403), or `accept`, which yields the socket to send on. Exactly one of them, once;
    /// any thread. The client returned to `accept` is owned by the gateway until the socket is gone.
    struct Decision {
        std::function<void(HttpResponse)> refuse;
        std::function<void(std::function<std::unique_ptr<LiveClient>(std::shared_ptr<LiveSocket>)>)> accept;
    };
    virtual void upgrade(HttpRequest request, Decision decision) = 0;
};

/// A device's connection, authenticated by its certificate.
struct AgentPeer {
    std::uint64_t connection{}; ///< Never reused within a run of the collector.
    std::string fingerprint;    ///< SHA-256 of the certificate's DER, hexadecimal.
    std::string device_id;      ///< Common name of the certificate's subject.
    std::string remote;         ///< Address without the port.
    UnixMs issued_ms{};         ///< Beginning and end of the certificate. Nobody has looked at them yet: TLS lets in
    UnixMs expires_ms{};        ///< what ran out, since whether it may still be renewed is not for TLS to say.
};

/// The gateway's end of a device's connection, as the pipeline sees it.
///
/// Threads: any.  Blocks: no.
class AgentSocket
{
public:
    virtual ~AgentSocket() = default;
    virtual void send(wire::FromCollector message) = 0;
    /// Sends Refused, then closes.
    virtual void refuse(wire::Refused why) = 0;
};

/// Takes what devices say. All calls for one connection come in order; connections run in parallel.
///
/// Threads: any.  Blocks: no: it hands to the writer and returns; answers go through the socket after the commit.
class AgentHandler
{
public:
    virtual ~AgentHandler() = default;
    /// After the hello. The device must be known, not revoked, and its fingerprint must be the stored one;
    /// otherwise the handler refuses on the socket. Sends Welcome in the end.
    virtual void connected(AgentPeer const& peer, wire::Hello hello, std::shared_ptr<AgentSocket> socket) = 0;
    /// Instead of a hello, on a connection of its own: a new certificate is wanted. The rules of connected() hold, but
    /// for the end of the certificate. Answers with Renewed, or refuses. closed() does not follow.
    virtual void renew(AgentPeer const& peer, wire::Renew renew, std::shared_ptr<AgentSocket> socket) = 0;
    /// Likewise: whoever shows this certificate runs from a copy of the device's disk, and wants to be a device of its
    /// own. Answers with Separated, or refuses.
    virtual void separate(AgentPeer const& peer, wire::Separate separate, std::shared_ptr<AgentSocket> socket) = 0;
    /// A record. False: the queue is full; the gateway stops reading this socket until `resume` is called.
    virtual bool received(AgentPeer const& peer, wire::FromAgent message, std::function<void()> resume) = 0;
    /// A frame of any kind came (heartbeats included). `peer_clock_ms` is 0 where it carried no clock.
    virtual void heard(AgentPeer const& peer, UnixMs peer_clock_ms) = 0;
    /// The connection is over: `reason` is a word for the log ("closed", "silent", "goodbye").
    virtual void closed(AgentPeer const& peer, std::string_view reason) = 0;
};

} // namespace rollcall::gateway
