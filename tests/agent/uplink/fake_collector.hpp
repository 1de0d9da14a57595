#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/uplink/identity.hpp"
#include "common/net/tls.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::support
{

struct Issued {
    net::Key key;
    net::Certificate certificate;
};

/// A certificate for `name` and, where given, an alternative name ("IP:127.0.0.1"); signed by `issuer`, or by itself as
/// a CA.
[[nodiscard]] Issued issue(std::string const& name, std::string const& alternative, Issued const* issuer);
/// The same for somebody else's key.
[[nodiscard]] std::string certify(std::string const& request_pem, std::string const& name, Issued const& issuer);

/// One connection, as the collector's end sees it. Every call ends the test where it cannot be done.
class Link
{
public:
    virtual ~Link() = default;
    /// The next message; nothing once the agent is gone.
    virtual std::optional<wire::FromAgent> read() = 0;
    virtual void send(wire::FromCollector const& message) = 0;
    virtual void send_text(std::string const& text) = 0;
    /// Payloads of the unsolicited pongs so far.
    [[nodiscard]] virtual std::vector<std::string> pongs() const = 0;
};

/// A collector of the size of a test: real TLS and WebSocket, one connection after the other, each with its script.
///
/// Owns: a thread and a socket.  Threads: scripts run on its thread; the destructor waits for the running one.
class FakeCollector
{
public:
    using Script = std::function<void(Link&)>;

    FakeCollector();
    ~FakeCollector();
    FakeCollector(FakeCollector const&) = delete;
    FakeCollector& operator=(FakeCollector const&) = delete;

    [[nodiscard]] std::string address() const;
    [[nodiscard]] Issued const& ca() const;
    /// Another CA signs the server's certificate from now on; the old one is still the one that everybody is told.
    void turn_false();
    /// An identity as enrolment leaves it.
    [[nodiscard]] uplink::Identity identity() const;
    /// The token for it.
    [[nodiscard]] std::string token(std::string const& secret) const;

    /// The agents' next connections follow these.
    void then(Script script);
    /// Answers one POST with a status and a body made from the request's.
    void then_post(std::function<std::pair<int, std::string>(std::string const& body)> answer);
    /// Answers one request with exactly these bytes, made from its head (as text), and closes the connection.
    void then_raw(std::function<std::string(std::string const& head)> answer);
    /// Of what has not been needed yet nothing is done any more.
    void forget();
    /// Connections whose TLS handshake succeeded.
    [[nodiscard]] int connections() const;

private:
    class Body;
    std::unique_ptr<Body> body_;
};

} // namespace rollcall::support
