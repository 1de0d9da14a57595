#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/gateway/ca.hpp"
#include "collector/gateway/ports.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/wire/limits.hpp"

namespace rollcall::gateway
{

/// Every limit of the listening port. Tests shorten the times.
struct Limits {
    /// Open connections of all kinds. Each takes a descriptor, and the data folder needs some too.
    std::size_t connections = 40'000;
    /// Open connections of one address (IPv6: of one /64) without a device certificate.
    std::size_t unauthenticated_per_address = 512;
    /// TLS, upgrade and hello together; for browsers TLS alone. Half of it is for waiting until the handshake's turn.
    std::chrono::milliseconds handshake = wire::limits::handshake;
    /// An agent that sends nothing for this long is gone.
    std::chrono::milliseconds silence = wire::limits::silence;
    /// From a request's first byte to its last.
    std::chrono::milliseconds request{20'000};
    /// From a request's last byte to the handler's answer.
    std::chrono::milliseconds answer{120'000};
    /// A peer must take something of what is sent to it this often.
    std::chrono::milliseconds send{20'000};
    /// A kept-alive connection without a request.
    std::chrono::milliseconds idle{75'000};
    /// The server's ping to browsers on the live feed; silent for two of them and a half is gone.
    std::chrono::milliseconds live_ping{20'000};
    /// After the polite end of a connection was begun.
    std::chrono::milliseconds closing{3'000};
    std::size_t header_bytes = 16UL * 1024;
    std::size_t body_bytes = wire::limits::request_body_bytes;
    std::size_t message_bytes = wire::limits::message_bytes;
    /// Messages a browser may be behind on the live feed before it is closed with 1013.
    std::size_t live_queue_messages = 1024;
    /// Longest message of a browser on the live feed.
    std::size_t live_message_bytes = 4096;
    /// What waits for one agent that does not read; more closes it.
    std::size_t agent_queue_bytes = 8UL * 1024 * 1024;
};

/// A certificate from elsewhere that browsers know: a company's, or one of a public authority. As PEM; a private key is
/// in it: never log it.
struct BrowserCertificate {
    std::string key_pem;
    std::string chain_pem; ///< The server's certificate, then those that lead to a root.
};
/// When it ends. errc::bad_input, errc::conflict: a sentence that names the part that does not parse, or does not fit.
[[nodiscard]] Result<UnixMs> ends_at(BrowserCertificate const& certificate);
/// Is it for this name or address?
[[nodiscard]] bool is_for(BrowserCertificate const& certificate, std::string const& host);

struct Options {
    std::string address;                       ///< Listens there; "" = every address of the machine, IPv6 and IPv4.
    std::uint16_t port = 8443;                 ///< 0 = any free one: see Gateway::port().
    unsigned threads = 0;                      ///< Event loops; 0 = one per core.
    TlsMaterial tls;                           ///< Authority::material().
    std::optional<BrowserCertificate> browser; ///< What browsers are shown instead; agents and enrolment never are.
    Limits limits;
};

/// Counts since the start, and what is open now; for /metrics.
struct Counters {
    std::uint64_t accepted{};
    std::uint64_t refused_total{};       ///< Limits::connections reached.
    std::uint64_t refused_per_address{}; ///< Limits::unauthenticated_per_address reached.
    std::uint64_t accept_errors{};
    std::uint64_t open_handshakes{};
    std::uint64_t open_agents{};
    std::uint64_t open_browsers{}; ///< Without the live feed.
    std::uint64_t open_live{};
    /// By reason: no_certificate, bad_certificate, peer_refused (our certificate), timed_out, protocol, closed.
    std::vector<std::pair<std::string_view, std::uint64_t>> handshakes_failed;
    std::uint64_t agent_messages_in{};
    std::uint64_t agent_messages_out{};
    std::uint64_t agent_messages_refused{}; ///< Malformed or too long.
    std::uint64_t live_messages_out{};
    std::uint64_t http_requests{};
    std::uint64_t bytes_in{}; ///< TLS records as they were on the wire.
    std::uint64_t bytes_out{};
};

/// The one listening port: TLS, HTTP/1.1 and WebSocket. A connection whose ALPN is rollcall-agent/1 must show a device
/// certificate of our CA and speaks the wire protocol on /agent; every other one is a browser or a program, is never
/// asked for a certificate, and speaks HTTP. README.md of this folder tells the rules.
///
/// Owns: its threads and sockets.  Threads: any.  Blocks: start() and stop().
class Gateway
{
public:
    /// Listens and returns. The handlers are called until stop() returns, so they must live longer.
    /// The error is a sentence for the person who started the program: errc::conflict (port taken),
    /// errc::permission_denied, errc::bad_input (address), errc::io.
    [[nodiscard]] static Result<std::unique_ptr<Gateway>> start(Options options, HttpHandler& http, LiveHandler& live,
                                                                AgentHandler& agents);
    /// Whether start() could listen there now, with its errors: for asking before anything else is made.
    [[nodiscard]] static Result<> can_listen(Options const& options);
    ~Gateway();
    Gateway(Gateway const&) = delete;
    Gateway& operator=(Gateway const&) = delete;

    [[nodiscard]] std::uint16_t port() const;

    /// Ends every connection of that device (it was revoked or deleted); returns before they are closed.
    void close_device(std::string device_id);

    [[nodiscard]] Counters counters() const;

    /// Has every event loop come round within `limit`?
    [[nodiscard]] bool alive(std::chrono::milliseconds limit) const;

    /// Browsers are shown this certificate from their next connection on. An error leaves what was.
    Result<> show_browsers(BrowserCertificate const& certificate);
    /// The same for what agents and enrolments are shown, and whose devices are let in.
    Result<> use_certificates(TlsMaterial const& material);

    /// No new connections; open ones are told 1001 and closed within Limits::closing. No handler is called
    /// afterwards. Not from a handler. A second call does nothing.
    void stop();

private:
    class Impl;
    explicit Gateway(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace rollcall::gateway
