#pragma once

#include <memory>
#include <mutex>

#include <openssl/types.h>

#include "collector/gateway/ca.hpp"
#include "collector/gateway/gateway.hpp"
#include "common/core/result.hpp"
#include "common/net/tls.hpp"

namespace rollcall::gateway
{

/// What browsers are shown instead of the collector's own certificate.
///
/// Owns: a TLS context; connections that began with it keep it.  Threads: any.  Blocks: no.
class BrowserContext
{
public:
    /// From the next connection on.
    Result<> use(BrowserCertificate const& certificate);
    /// nullptr: none.
    [[nodiscard]] std::shared_ptr<SSL_CTX> current() const;

private:
    mutable std::mutex mutex_;
    std::shared_ptr<SSL_CTX> context_;
};

/// The listening end's TLS context, replaced while connections go on with the one they began with.
///
/// Owns: it.  Threads: any.  Blocks: no.
class ServerContext
{
public:
    void use(net::Context context);
    [[nodiscard]] std::shared_ptr<SSL_CTX> current() const;

private:
    mutable std::mutex mutex_;
    std::shared_ptr<SSL_CTX> context_;
};

/// The listening end: TLS 1.3 (1.2 at least), no tickets, no session cache. A client that offers ALPN
/// rollcall-agent/1 must show a certificate of our CA; rollcall-enrol/1 is not asked for one, and sees our own, too;
/// http/1.1 or nothing is a browser, is never asked, and is shown what `browser` (which must live longer) holds.
///
/// Owns: what it returns.  Threads: any.  Blocks: no.
[[nodiscard]] Result<net::Context> make_server_context(TlsMaterial const& material, BrowserContext const& browser);

/// After the handshake: was rollcall-agent/1 agreed?
[[nodiscard]] bool is_agent(SSL const& connection);

} // namespace rollcall::gateway
