#include <doctest/doctest.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "common/net/tls.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;

namespace
{

struct Issued {
    net::Key key;
    net::Certificate certificate;
};

/// A certificate signed by `issuer`, or by itself where there is none; valid from `begins_s` from now for an hour.
Issued issue(std::string const& name, bool ca, std::string const& alternative, Issued const* issuer,
             long begins_s = -60)
{
    Issued made{*net::make_key(), net::Certificate(X509_new())};
    auto* const x = made.certificate.get();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), issuer == nullptr ? 1 : 2);
    X509_gmtime_adj(X509_getm_notBefore(x), begins_s);
    X509_gmtime_adj(X509_getm_notAfter(x), begins_s + 3600);
    X509_set_pubkey(x, made.key.get());
    auto* const subject = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<unsigned char const*>(name.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(x, issuer == nullptr ? subject : X509_get_subject_name(issuer->certificate.get()));
    auto const add = [x](int what, std::string const& value) {
        auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
        X509_add_ext(x, extension, -1);
        X509_EXTENSION_free(extension);
    };
    add(NID_basic_constraints, ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!alternative.empty()) add(NID_subject_alt_name, alternative);
    X509_sign(x, issuer == nullptr ? made.key.get() : issuer->key.get(), EVP_sha256());
    return made;
}

/// Both ends in memory. What the client's handshake says, "" = it succeeded.
std::string shake(SSL_CTX& client_context, Issued const& server, X509* sent_ca, std::string const& host)
{
    net::Context const server_context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(server_context.get(), server.certificate.get());
    SSL_CTX_use_PrivateKey(server_context.get(), server.key.get());
    if (sent_ca != nullptr) SSL_CTX_add1_chain_cert(server_context.get(), sent_ca);

    std::unique_ptr<SSL, decltype([](SSL* ssl) { SSL_free(ssl); })> const a(SSL_new(&client_context));
    std::unique_ptr<SSL, decltype([](SSL* ssl) { SSL_free(ssl); })> const b(SSL_new(server_context.get()));
    BIO* one = nullptr;
    BIO* two = nullptr;
    BIO_new_bio_pair(&one, 1 << 16, &two, 1 << 16);
    SSL_set_bio(a.get(), one, one);
    SSL_set_bio(b.get(), two, two);
    SSL_set_connect_state(a.get());
    SSL_set_accept_state(b.get());
    REQUIRE(net::expect_peer(*a, host));
    for (int i = 0; i < 20; ++i) {
        int const done = SSL_do_handshake(a.get());
        if (done == 1) return {};
        if (SSL_get_error(a.get(), done) == SSL_ERROR_SSL) {
            (void)net::tls_error(errc::io, "");
            auto const why = net::verify_failure(*a);
            return why.empty() ? "handshake" : why;
        }
        SSL_do_handshake(b.get());
    }
    return "no end";
}

} // namespace

TEST_CASE("tls: keys, requests and certificates survive PEM")
{
    auto const key = net::make_key();
    REQUIRE(key);
    auto const pem = net::to_pem(**key);
    REQUIRE(pem);
    CHECK(pem->find("BEGIN PRIVATE KEY") != std::string::npos);
    auto const again = net::key_from_pem(*pem);
    REQUIRE(again);
    CHECK(EVP_PKEY_eq(key->get(), again->get()) == 1);

    auto const request = net::make_request(**key, "device");
    REQUIRE(request);
    auto const request_pem = net::to_pem(**request);
    REQUIRE(request_pem);
    CHECK(net::request_from_pem(*request_pem));

    auto const self = issue("käse", true, "", nullptr);
    auto const certificate_pem = net::to_pem(*self.certificate);
    REQUIRE(certificate_pem);
    auto const certificate = net::certificate_from_pem(*certificate_pem);
    REQUIRE(certificate);
    CHECK(net::fingerprint(**certificate).size() == 64);
    CHECK(net::fingerprint(**certificate) == net::fingerprint(*self.certificate));
    CHECK(net::common_name(**certificate) == "käse");
    CHECK(*net::not_after(**certificate) > 1'500'000'000);
}

TEST_CASE("tls: what is not PEM, or asks for a password, is an error and no prompt")
{
    for (auto const* const text : {"", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
        CHECK(!net::key_from_pem(text));
        CHECK(!net::certificate_from_pem(text));
        CHECK(!net::request_from_pem(text));
    }
    CHECK(net::certificate_from_pem("x").error().code == errc::bad_input);
}

TEST_CASE("tls: an identity whose key is another's is refused")
{
    auto const ca = issue("ca", true, "", nullptr);
    auto const leaf = issue("device", false, "", &ca);
    net::AgentIdentity identity{*net::to_pem(*leaf.key), *net::to_pem(*leaf.certificate),
                                *net::to_pem(*ca.certificate)};
    CHECK(net::make_agent_context(identity));
    identity.key_pem = *net::to_pem(**net::make_key());
    auto const refused = net::make_agent_context(identity);
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::conflict);
}

TEST_CASE("tls: an agent believes its own CA, the right host, and nobody else")
{
    auto const ca = issue("ca", true, "", nullptr);
    auto const stranger = issue("ca", true, "", nullptr);
    auto const server = issue("s", false, "DNS:collector.test,IP:127.0.0.1", &ca);
    auto const false_server = issue("s", false, "DNS:collector.test", &stranger);
    auto const leaf = issue("device", false, "", &ca);
    auto const context = net::make_agent_context(
        {*net::to_pem(*leaf.key), *net::to_pem(*leaf.certificate), *net::to_pem(*ca.certificate)});
    REQUIRE(context);
    CHECK(shake(**context, server, ca.certificate.get(), "collector.test").empty());
    CHECK(shake(**context, server, nullptr, "127.0.0.1").empty());
    CHECK(shake(**context, server, nullptr, "other.test").find("ostname") != std::string::npos);
    CHECK(shake(**context, server, nullptr, "127.0.0.2").find("IP address") != std::string::npos);
    CHECK(!shake(**context, false_server, stranger.certificate.get(), "collector.test").empty());
}

TEST_CASE("tls: a device whose clock is a year off, either way, believes its collector and can enrol at it")
{
    constexpr long year_s = 365L * 24 * 3600;
    for (long const begins_s : {-year_s, year_s}) {
        auto const ca = issue("ca", true, "", nullptr, begins_s);
        auto const server = issue("s", false, "DNS:collector.test", &ca, begins_s);
        auto const leaf = issue("device", false, "", &ca, begins_s);
        auto const context = net::make_agent_context(
            {*net::to_pem(*leaf.key), *net::to_pem(*leaf.certificate), *net::to_pem(*ca.certificate)});
        REQUIRE(context);
        CHECK(shake(**context, server, ca.certificate.get(), "collector.test").empty());
        CHECK(!shake(**context, server, ca.certificate.get(), "other.test").empty());
        auto const enrolment = net::make_enrolment_context(net::fingerprint(*ca.certificate));
        REQUIRE(enrolment);
        CHECK(shake(**enrolment, server, ca.certificate.get(), "collector.test").empty());
    }
}

TEST_CASE("tls: enrolment believes the CA of the token's fingerprint only, and only if it is sent along")
{
    auto const ca = issue("ca", true, "", nullptr);
    auto const stranger = issue("ca", true, "", nullptr);
    auto const server = issue("s", false, "DNS:collector.test", &ca);
    auto const false_server = issue("s", false, "DNS:collector.test", &stranger);
    auto const context = net::make_enrolment_context(net::fingerprint(*ca.certificate));
    REQUIRE(context);
    CHECK(shake(**context, server, ca.certificate.get(), "collector.test").empty());
    CHECK(!shake(**context, server, nullptr, "collector.test").empty());
    CHECK(shake(**context, server, ca.certificate.get(), "other.test").find("ostname") != std::string::npos);
    CHECK(!shake(**context, false_server, stranger.certificate.get(), "collector.test").empty());
    // The real CA's certificate beside a stranger's leaf proves nothing.
    CHECK(!shake(**context, false_server, ca.certificate.get(), "collector.test").empty());
    CHECK(!net::make_enrolment_context("abc"));
}
