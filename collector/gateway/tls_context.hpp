#pragma once

#include <openssl/types.h>

#include "collector/gateway/ca.hpp"
#include "common/core/result.hpp"
#include "common/net/tls.hpp"

namespace rollcall::gateway
{

/// The listening end: TLS 1.3 (1.2 at least), no tickets, no session cache. A client that offers ALPN
/// rollcall-agent/1 must show a certificate of our CA; http/1.1 or nothing is a browser and is never asked.
///
/// Owns: what it returns.  Threads: any.  Blocks: no.
[[nodiscard]] Result<net::Context> make_server_context(TlsMaterial const& material);

/// After the handshake: was rollcall-agent/1 agreed?
[[nodiscard]] bool is_agent(SSL const& connection);

} // namespace rollcall::gateway
