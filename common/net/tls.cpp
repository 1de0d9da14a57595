#include "common/net/tls.hpp"

#include <array>
#include <ctime>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "common/core/ids.hpp"
#include "common/net/address.hpp"

namespace rollcall::net
{

void Free::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
void Free::operator()(X509* certificate) const noexcept { X509_free(certificate); }
void Free::operator()(X509_REQ* request) const noexcept { X509_REQ_free(request); }
void Free::operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
void Free::operator()(BIO* bio) const noexcept { BIO_free_all(bio); }

Error tls_error(errc code, std::string_view step)
{
    std::string said(step);
    while (auto const number = ERR_get_error()) {
        auto const* const text = ERR_reason_error_string(number);
        (said += ": ") += text != nullptr ? text : fmt::format("OpenSSL error {:x}", number);
    }
    return fail(code, std::move(said));
}

Result<Key> make_key()
{
    Key key(EVP_EC_gen("P-256"));
    if (!key) return tls_error(errc::io, "make_key");
    return key;
}

static Result<std::string> written(Bio const& bio, int done, std::string_view what)
{
    if (done != 1) return tls_error(errc::io, what);
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

Result<std::string> to_pem(EVP_PKEY const& key)
{
    Bio const bio(BIO_new(BIO_s_secmem()));
    return written(bio, PEM_write_bio_PKCS8PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr), "key");
}

Result<std::string> to_pem(X509 const& certificate)
{
    Bio const bio(BIO_new(BIO_s_mem()));
    return written(bio, PEM_write_bio_X509(bio.get(), &certificate), "certificate");
}

Result<std::string> to_pem(X509_REQ const& request)
{
    Bio const bio(BIO_new(BIO_s_mem()));
    return written(bio, PEM_write_bio_X509_REQ(bio.get(), &request), "request");
}

static Bio reading(std::string_view pem) { return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

/// A file with a password must be an error, not a prompt on the terminal.
static int no_password(char*, int, int, void*) { return -1; }

Result<Key> key_from_pem(std::string_view pem)
{
    Key key(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_password, nullptr));
    if (!key) return tls_error(errc::bad_input, "private key");
    return key;
}

Result<Certificate> certificate_from_pem(std::string_view pem)
{
    Certificate certificate(PEM_read_bio_X509(reading(pem).get(), nullptr, no_password, nullptr));
    if (!certificate) return tls_error(errc::bad_input, "certificate");
    return certificate;
}

Result<std::vector<Certificate>> certificates_from_pem(std::string_view pem)
{
    auto const bio = reading(pem);
    std::vector<Certificate> all;
    while (Certificate one{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)})
        all.push_back(std::move(one));
    // The end of the text is an error of its own kind; any other means that what follows is damaged.
    bool const at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (all.empty() || !at_end) return tls_error(errc::bad_input, "certificate");
    ERR_clear_error();
    return all;
}

Result<Request> request_from_pem(std::string_view pem)
{
    Request request(PEM_read_bio_X509_REQ(reading(pem).get(), nullptr, no_password, nullptr));
    if (!request) return tls_error(errc::bad_input, "certificate request");
    auto* const key = X509_REQ_get0_pubkey(request.get());
    if (key == nullptr || X509_REQ_verify(request.get(), key) != 1)
        return tls_error(errc::bad_input, "certificate request: its signature does not fit its key");
    return request;
}

Result<Request> make_request(EVP_PKEY& key, std::string_view name)
{
    Request request(X509_REQ_new());
    if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1)
        return tls_error(errc::io, "make_request");
    auto* const subject = X509_REQ_get_subject_name(request.get());
    if (X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<unsigned char const*>(name.data()),
                                   static_cast<int>(name.size()), -1, 0) != 1)
        return tls_error(errc::bad_input, "make_request: common name");
    if (X509_REQ_set_pubkey(request.get(), &key) != 1 || X509_REQ_sign(request.get(), &key, EVP_sha256()) == 0)
        return tls_error(errc::io, "make_request");
    return request;
}

std::string fingerprint(X509 const& certificate)
{
    std::array<unsigned char, 32> digest{};
    unsigned size = 0;
    if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
    return to_hex(digest);
}

Result<std::string> key_pin(X509 const& certificate)
{
    unsigned char* der = nullptr;
    auto const size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &der);
    std::unique_ptr<unsigned char, decltype([](unsigned char* bytes) { OPENSSL_free(bytes); })> const owned(der);
    std::array<unsigned char, 32> digest{};
    if (size <= 0 ||
        EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
        return tls_error(errc::bad_input, "public key of a certificate");
    // Four letters for each three bytes, and OpenSSL's zero at the end.
    std::array<unsigned char, 45> text{};
    auto const letters = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
    return std::string(text.begin(), text.begin() + letters);
}

std::string common_name(X509 const& certificate)
{
    auto const* const subject = X509_get_subject_name(&certificate);
    int const place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (place < 0) return {};
    unsigned char* utf8 = nullptr;
    int const size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)));
    if (size < 0) return {};
    std::string name(reinterpret_cast<char const*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    return name;
}

static Result<std::int64_t> unix_seconds(ASN1_TIME const* time, std::string_view what)
{
    int days = 0;
    int seconds = 0;
    std::unique_ptr<ASN1_TIME, decltype([](ASN1_TIME* made) { ASN1_TIME_free(made); })> const start(
        ASN1_TIME_set(nullptr, 0));
    if (ASN1_TIME_diff(&days, &seconds, start.get(), time) != 1) return tls_error(errc::bad_input, what);
    return std::int64_t{days} * 86400 + seconds;
}

Result<std::int64_t> not_before(X509 const& certificate)
{
    return unix_seconds(X509_get0_notBefore(&certificate), "certificate: not before");
}

Result<std::int64_t> not_after(X509 const& certificate)
{
    return unix_seconds(X509_get0_notAfter(&certificate), "certificate: not after");
}

Result<> harden(SSL_CTX& context)
{
    SSL_CTX_set_options(&context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(&context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
    if (SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(&context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
        return tls_error(errc::io, "TLS settings");
    return {};
}

/// A client's context that trusts nobody yet.
static Result<Context> make_client_context(std::string_view alpn)
{
    Context context(SSL_CTX_new(TLS_client_method()));
    if (!context) return tls_error(errc::io, "TLS context");
    if (auto const done = harden(*context); !done) return done.error();
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    // The collector has its CA; unasked, OpenSSL would send it with the certificate each time (SSL_CTX_set_mode(3)).
    SSL_CTX_set_mode(context.get(), SSL_MODE_NO_AUTO_CHAIN);
    // A device whose clock is years off must get in to be seen. The times would protect nobody: the server's key lies
    // beside the CA's, and only that CA is believed.
    if (X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.get()), X509_V_FLAG_NO_CHECK_TIME) != 1)
        return tls_error(errc::io, "TLS context: verification");

    std::string wire(1, static_cast<char>(alpn.size())); // RFC 7301: a length, then the name
    wire += alpn;
    if (SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<unsigned char const*>(wire.data()),
                                static_cast<unsigned>(wire.size())) != 0)
        return tls_error(errc::io, "TLS context: ALPN");
    return context;
}

static Result<> trust(SSL_CTX& context, std::string const& ca_pem)
{
    auto const cas = certificates_from_pem(ca_pem);
    if (!cas) return fail(cas.error(), "CA");
    for (auto const& ca : *cas)
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), ca.get()) != 1) return tls_error(errc::io, "CA");
    return {};
}

Result<Context> make_fetch_context(std::string const& ca_pem)
{
    auto context = make_client_context("rollcall-enrol/1");
    if (!context) return context;
    if (auto const trusted = trust(**context, ca_pem); !trusted) return trusted.error();
    return context;
}

Result<Context> make_agent_context(AgentIdentity const& identity)
{
    auto const key = key_from_pem(identity.key_pem);
    if (!key) return fail(key.error(), "agent identity");
    auto const certificate = certificate_from_pem(identity.certificate_pem);
    if (!certificate) return fail(certificate.error(), "agent identity");

    auto context = make_client_context("rollcall-agent/1");
    if (!context) return context;
    if (SSL_CTX_use_certificate(context->get(), certificate->get()) != 1 ||
        SSL_CTX_use_PrivateKey(context->get(), key->get()) != 1 || SSL_CTX_check_private_key(context->get()) != 1)
        return tls_error(errc::conflict, "agent identity: key and certificate");
    if (auto const trusted = trust(**context, identity.ca_pem); !trusted)
        return fail(trusted.error(), "agent identity");
    return context;
}

/// Index of the wanted fingerprint in an SSL_CTX; the context owns the string.
static int fingerprint_index()
{
    static int const index = SSL_CTX_get_ex_new_index(
        0, nullptr, nullptr, nullptr,
        [](void*, void* data, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<std::string*>(data); });
    return index;
}

/// Takes the place of OpenSSL's own verification: the CA is not in a store but in what the peer sent.
static int verify_pinned(X509_STORE_CTX* given, void*)
{
    auto* const connection = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(given, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto const* const wanted =
        static_cast<std::string const*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), fingerprint_index()));
    auto* const sent = X509_STORE_CTX_get0_untrusted(given);

    X509* ca = nullptr;
    for (int i = 0; i < sk_X509_num(sent); ++i) {
        auto* const one = sk_X509_value(sent, i);
        if (equal_constant_time(fingerprint(*one), *wanted)) ca = one;
    }
    if (ca == nullptr) {
        X509_STORE_CTX_set_error(given, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
        return 0;
    }

    std::unique_ptr<X509_STORE, decltype([](X509_STORE* store) { X509_STORE_free(store); })> const store(
        X509_STORE_new());
    std::unique_ptr<X509_STORE_CTX, decltype([](X509_STORE_CTX* check) { X509_STORE_CTX_free(check); })> const check(
        X509_STORE_CTX_new());
    if (!store || !check || X509_STORE_add_cert(store.get(), ca) != 1 ||
        X509_STORE_CTX_init(check.get(), store.get(), X509_STORE_CTX_get0_cert(given), sent) != 1 ||
        X509_STORE_CTX_set_default(check.get(), "ssl_server") != 1 ||
        X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(check.get()), SSL_get0_param(connection)) != 1) {
        X509_STORE_CTX_set_error(given, X509_V_ERR_OUT_OF_MEM);
        return 0;
    }
    int const good = X509_verify_cert(check.get());
    X509_STORE_CTX_set_error(given, X509_STORE_CTX_get_error(check.get()));
    return good == 1 ? 1 : 0;
}

Result<Context> make_enrolment_context(std::string const& ca_sha256)
{
    if (ca_sha256.size() != 64) return fail(errc::bad_input, "fingerprint of the CA: 64 hexadecimal digits are wanted");
    auto context = make_client_context("rollcall-enrol/1");
    if (!context) return context;
    auto wanted = std::make_unique<std::string>(ca_sha256);
    if (SSL_CTX_set_ex_data(context->get(), fingerprint_index(), wanted.get()) != 1)
        return tls_error(errc::io, "TLS context");
    (void)wanted.release(); // The context frees it.
    SSL_CTX_set_cert_verify_callback(context->get(), verify_pinned, nullptr);
    return context;
}

Result<> expect_peer(SSL& connection, std::string const& host)
{
    auto* const wanted = SSL_get0_param(&connection);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    bool done = false;
    if (is_ip_literal(host)) {
        done = X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1; // SNI carries names only (RFC 6066 §3)
    } else {
        // The macro of OpenSSL holds a C cast; this is what it calls.
        done = X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1 &&
               SSL_ctrl(&connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): OpenSSL copies it.
                        const_cast<char*>(host.c_str())) == 1;
    }
    if (!done) return tls_error(errc::bad_input, "expected peer");
    return {};
}

std::string verify_failure(SSL const& connection)
{
    auto const code = SSL_get_verify_result(&connection);
    if (code == X509_V_OK) return {};
    return X509_verify_cert_error_string(code);
}

} // namespace rollcall::net
