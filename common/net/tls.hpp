#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/types.h>

#include "common/core/result.hpp"

// OpenSSL's types.h leaves this one out; the repetition is the same as its own in x509.h.
using X509_REQ = struct X509_req_st;

/// OpenSSL in the few forms the product needs. Nothing here names Asio.
///
/// Threads: any.  Blocks: no.
namespace rollcall::net
{

struct Free {
    void operator()(EVP_PKEY* key) const noexcept;
    void operator()(X509* certificate) const noexcept;
    void operator()(X509_REQ* request) const noexcept;
    void operator()(SSL_CTX* context) const noexcept;
    void operator()(BIO* bio) const noexcept;
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Request = std::unique_ptr<X509_REQ, Free>;
using Context = std::unique_ptr<SSL_CTX, Free>;
using Bio = std::unique_ptr<BIO, Free>;

/// An error with everything OpenSSL has to say on this thread; its queue is empty afterwards.
[[nodiscard]] Error tls_error(errc code, std::string_view step);

/// A new P-256 key (FIPS 186-4).
[[nodiscard]] Result<Key> make_key();

/// PEM (RFC 7468). A private key is written as PKCS #8 without a password: keep it in a file of mode 0600.
[[nodiscard]] Result<std::string> to_pem(EVP_PKEY const& key);
[[nodiscard]] Result<std::string> to_pem(X509 const& certificate);
[[nodiscard]] Result<std::string> to_pem(X509_REQ const& request);
/// errc::bad_input where the text is not one. The first object counts.
[[nodiscard]] Result<Key> key_from_pem(std::string_view pem);
[[nodiscard]] Result<Certificate> certificate_from_pem(std::string_view pem);
/// All of them, in their order; at least one.
[[nodiscard]] Result<std::vector<Certificate>> certificates_from_pem(std::string_view pem);
/// Its signature is checked: whoever asks has the key.
[[nodiscard]] Result<Request> request_from_pem(std::string_view pem);

/// A request for a certificate (PKCS #10, RFC 2986), signed with the key.
[[nodiscard]] Result<Request> make_request(EVP_PKEY& key, std::string_view common_name);

/// SHA-256 of the certificate's DER as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string fingerprint(X509 const& certificate);
/// SHA-256 of the DER of its public key (SubjectPublicKeyInfo), base64: what curl calls a pin (RFC 7469 §2.4).
[[nodiscard]] Result<std::string> key_pin(X509 const& certificate);
/// The subject's common name; "" where it has none.
[[nodiscard]] std::string common_name(X509 const& certificate);
/// When the certificate begins, Unix seconds.
[[nodiscard]] Result<std::int64_t> not_before(X509 const& certificate);
/// When the certificate ends, Unix seconds.
[[nodiscard]] Result<std::int64_t> not_after(X509 const& certificate);

/// What both ends of every connection of ours share: TLS 1.3 with 1.2 as the minimum, forward secrecy and AEAD only,
/// no compression, no renegotiation, no tickets, no session cache, buffers released when idle.
Result<> harden(SSL_CTX& context);

/// Who the agent is, and whom alone it believes.
struct AgentIdentity {
    std::string key_pem;
    std::string certificate_pem;
    std::string ca_pem; ///< One, or two while one takes over from the other.
};
/// The agent's end of a session: shows its certificate, offers ALPN rollcall-agent/1, trusts these CAs and no others.
/// errc::bad_input names what does not parse; errc::conflict where key and certificate do not belong together.
[[nodiscard]] Result<Context> make_agent_context(AgentIdentity const& identity);

/// The agent's end of the enrolment: trusts the one certificate of this fingerprint as CA, provided the peer sends it
/// along with its own (the handshake fails otherwise, before anything is told). ALPN rollcall-enrol/1.
[[nodiscard]] Result<Context> make_enrolment_context(std::string const& ca_sha256);

/// For fetching files from the collector, without showing who we are: trusts these CAs and no others.
/// ALPN rollcall-enrol/1, upon which the collector shows its own certificate. errc::bad_input: no certificates.
[[nodiscard]] Result<Context> make_fetch_context(std::string const& ca_pem);

/// Before the handshake: the peer's certificate must be for this name or address; also sends the name (SNI).
Result<> expect_peer(SSL& connection, std::string const& host);

/// After a failed handshake: what was wrong with the peer's certificate, for people; "" if nothing was.
[[nodiscard]] std::string verify_failure(SSL const& connection);

} // namespace rollcall::net
