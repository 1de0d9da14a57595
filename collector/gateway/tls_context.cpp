#include "collector/gateway/tls_context.hpp"

#include <string_view>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "common/wire/messages.hpp"

namespace rollcall::gateway
{

namespace
{

constexpr std::string_view alpn_browser = "http/1.1";

/// The place of `wanted` in a list of RFC 7301 §3.1 (each name with its length in front); empty where it is not there.
std::string_view find_protocol(std::string_view list, std::string_view wanted)
{
    while (!list.empty()) {
        auto const size = static_cast<unsigned char>(list.front());
        auto const name = list.substr(1, size);
        if (name == wanted) return name;
        list.remove_prefix(std::min<std::size_t>(list.size(), 1U + size));
    }
    return {};
}

/// Runs before the server asks for anything, so it may decide whether it asks at all.
int choose_protocol(SSL* connection, unsigned char const** chosen, unsigned char* chosen_size,
                    unsigned char const* offered, unsigned offered_size, void*)
{
    std::string_view const list(reinterpret_cast<char const*>(offered), offered_size);
    auto name = find_protocol(list, wire::alpn_agent);
    if (!name.empty()) {
        SSL_set_verify(connection, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    } else {
        name = find_protocol(list, alpn_browser);
        if (name.empty()) return SSL_TLSEXT_ERR_NOACK; // Clients without HTTP/1.1 in their list may still speak it.
    }
    *chosen = reinterpret_cast<unsigned char const*>(name.data());
    *chosen_size = static_cast<unsigned char>(name.size());
    return SSL_TLSEXT_ERR_OK;
}

} // namespace

Result<net::Context> make_server_context(TlsMaterial const& material)
{
    auto const key = net::key_from_pem(material.key_pem);
    if (!key) return fail(key.error(), "server key");
    auto const certificate = net::certificate_from_pem(material.chain_pem);
    if (!certificate) return fail(certificate.error(), "server certificate");
    auto const ca = net::certificate_from_pem(material.ca_pem);
    if (!ca) return fail(ca.error(), "CA certificate");

    net::Context context(SSL_CTX_new(TLS_server_method()));
    if (!context) return net::tls_error(errc::io, "TLS context");
    if (auto const done = net::harden(*context); !done) return done.error();
    static constexpr unsigned char session_scope[] = "rollcall";
    bool const done = SSL_CTX_set_num_tickets(context.get(), 0) == 1 &&
                      SSL_CTX_set_session_id_context(context.get(), session_scope, sizeof session_scope - 1) == 1 &&
                      SSL_CTX_use_certificate(context.get(), certificate->get()) == 1 &&
                      SSL_CTX_use_PrivateKey(context.get(), key->get()) == 1 &&
                      SSL_CTX_check_private_key(context.get()) == 1 &&
                      // OpenSSL's own macro for this holds a C cast.
                      SSL_CTX_ctrl(context.get(), SSL_CTRL_CHAIN_CERT, 1, ca->get()) == 1 &&
                      X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), ca->get()) == 1 &&
                      SSL_CTX_add_client_CA(context.get(), ca->get()) == 1;
    if (!done) return net::tls_error(errc::io, "TLS context");
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_verify_depth(context.get(), 1);
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
    return context;
}

bool is_agent(SSL const& connection)
{
    unsigned char const* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(&connection, &name, &size);
    return std::string_view(reinterpret_cast<char const*>(name), size) == wire::alpn_agent;
}

} // namespace rollcall::gateway
