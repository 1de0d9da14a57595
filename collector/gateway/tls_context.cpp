#include "collector/gateway/tls_context.hpp"

#include <string_view>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "common/net/address.hpp"
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

/// A certificate that ran out still says who shows it, and so does one from the future (our own clock was set back):
/// what either is good for is decided by its fingerprint and by AgentPeer::expires_ms. So does a CA of ours that ran
/// out before the device came back: which ones still count is for Authority to say.
int tolerate_time(int good, X509_STORE_CTX* check)
{
    if (good == 1) return 1;
    auto const error = X509_STORE_CTX_get_error(check);
    bool const about_time = error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID;
    if (!about_time) return 0;
    X509_STORE_CTX_set_error(check, X509_V_OK);
    return 1;
}

/// Runs before the server asks for anything, so it may decide whether it asks at all.
int choose_protocol(SSL* connection, unsigned char const** chosen, unsigned char* chosen_size,
                    unsigned char const* offered, unsigned offered_size, void*)
{
    std::string_view const list(reinterpret_cast<char const*>(offered), offered_size);
    auto name = find_protocol(list, wire::alpn_agent);
    if (!name.empty()) {
        SSL_set_verify(connection, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, tolerate_time);
    } else {
        name = find_protocol(list, wire::alpn_enrolment);
        if (name.empty()) name = find_protocol(list, alpn_browser);
        if (name.empty()) return SSL_TLSEXT_ERR_NOACK; // Clients without HTTP/1.1 in their list may still speak it.
    }
    *chosen = reinterpret_cast<unsigned char const*>(name.data());
    *chosen_size = static_cast<unsigned char>(name.size());
    return SSL_TLSEXT_ERR_OK;
}

/// Runs before everything else, so it may still choose whose certificate is shown.
int choose_certificate(SSL* connection, int*, void* given)
{
    unsigned char const* data = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(connection, TLSEXT_TYPE_application_layer_protocol_negotiation, &data, &size) == 1 &&
        size > 2) {
        // The list's own length stands in front of it.
        std::string_view const list(reinterpret_cast<char const*>(data) + 2, size - 2);
        if (!find_protocol(list, wire::alpn_agent).empty() || !find_protocol(list, wire::alpn_enrolment).empty())
            return SSL_CLIENT_HELLO_SUCCESS;
    }
    if (auto const browser = static_cast<BrowserContext const*>(given)->current())
        SSL_set_SSL_CTX(connection, browser.get());
    return SSL_CLIENT_HELLO_SUCCESS;
}

/// What both certificates' contexts have in common.
Result<net::Context> make_context()
{
    net::Context context(SSL_CTX_new(TLS_server_method()));
    if (!context) return net::tls_error(errc::io, "TLS context");
    if (auto const done = net::harden(*context); !done) return done.error();
    static constexpr unsigned char session_scope[] = "rollcall";
    if (SSL_CTX_set_num_tickets(context.get(), 0) != 1 ||
        SSL_CTX_set_session_id_context(context.get(), session_scope, sizeof session_scope - 1) != 1)
        return net::tls_error(errc::io, "TLS context");
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
    return context;
}

/// Key and certificates of a BrowserCertificate, which belong together.
struct Parsed {
    net::Key key;
    std::vector<net::Certificate> chain;
};

Result<Parsed> parse(BrowserCertificate const& given)
{
    auto chain = net::certificates_from_pem(given.chain_pem);
    if (!chain) return fail(chain.error(), "browser_certificate");
    auto key = net::key_from_pem(given.key_pem);
    if (!key) return fail(key.error(), "browser_key");
    if (X509_check_private_key(chain->front().get(), key->get()) != 1) {
        ERR_clear_error();
        return fail(errc::conflict, "browser_key: does not belong to the first certificate of browser_certificate");
    }
    return Parsed{.key = *std::move(key), .chain = *std::move(chain)};
}

} // namespace

Result<UnixMs> ends_at(BrowserCertificate const& certificate)
{
    auto const parsed = parse(certificate);
    if (!parsed) return parsed.error();
    auto const end_s = net::not_after(*parsed->chain.front());
    if (!end_s) return fail(end_s.error(), "browser_certificate");
    return *end_s * 1000;
}

bool is_for(BrowserCertificate const& certificate, std::string const& host)
{
    auto const parsed = parse(certificate);
    if (!parsed) return false;
    auto* const leaf = parsed->chain.front().get();
    if (net::is_ip_literal(host)) return X509_check_ip_asc(leaf, host.c_str(), 0) == 1;
    return X509_check_host(leaf, host.c_str(), host.size(), 0, nullptr) == 1;
}

Result<> BrowserContext::use(BrowserCertificate const& certificate)
{
    auto const parsed = parse(certificate);
    if (!parsed) return parsed.error();
    auto made = make_context();
    if (!made) return made.error();
    bool done = SSL_CTX_use_certificate(made->get(), parsed->chain.front().get()) == 1 &&
                SSL_CTX_use_PrivateKey(made->get(), parsed->key.get()) == 1;
    for (std::size_t i = 1; done && i < parsed->chain.size(); ++i)
        // OpenSSL's own macro for this holds a C cast.
        done = SSL_CTX_ctrl(made->get(), SSL_CTRL_CHAIN_CERT, 1, parsed->chain[i].get()) == 1;
    if (!done) return net::tls_error(errc::bad_input, "browser_certificate");
    std::shared_ptr<SSL_CTX> fresh(std::move(*made));
    std::lock_guard const lock(mutex_);
    context_.swap(fresh);
    return {};
}

std::shared_ptr<SSL_CTX> BrowserContext::current() const
{
    std::lock_guard const lock(mutex_);
    return context_;
}

void ServerContext::use(net::Context context)
{
    std::shared_ptr<SSL_CTX> fresh(std::move(context));
    std::lock_guard const lock(mutex_);
    context_.swap(fresh);
}

std::shared_ptr<SSL_CTX> ServerContext::current() const
{
    std::lock_guard const lock(mutex_);
    return context_;
}

Result<net::Context> make_server_context(TlsMaterial const& material, BrowserContext const& browser)
{
    auto const key = net::key_from_pem(material.key_pem);
    if (!key) return fail(key.error(), "server key");
    auto const chain = net::certificates_from_pem(material.chain_pem);
    if (!chain) return fail(chain.error(), "server certificate");
    auto const cas = net::certificates_from_pem(material.ca_pem);
    if (!cas) return fail(cas.error(), "CA certificate");

    auto context = make_context();
    if (!context) return context;
    bool done = SSL_CTX_use_certificate(context->get(), chain->front().get()) == 1 &&
                SSL_CTX_use_PrivateKey(context->get(), key->get()) == 1 &&
                SSL_CTX_check_private_key(context->get()) == 1;
    for (std::size_t i = 1; done && i < chain->size(); ++i)
        // OpenSSL's own macro for this holds a C cast.
        done = SSL_CTX_ctrl(context->get(), SSL_CTRL_CHAIN_CERT, 1, (*chain)[i].get()) == 1;
    for (auto const& ca : *cas)
        done = done && X509_STORE_add_cert(SSL_CTX_get_cert_store(context->get()), ca.get()) == 1 &&
               SSL_CTX_add_client_CA(context->get(), ca.get()) == 1;
    if (!done) return net::tls_error(errc::io, "TLS context");
    SSL_CTX_set_verify_depth(context->get(), 1);
    // OpenSSL hands it back as it was given.
    SSL_CTX_set_client_hello_cb(context->get(), choose_certificate,
                                const_cast<BrowserContext*>(&browser)); // NOLINT(cppcoreguidelines-pro-type-const-cast)
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
