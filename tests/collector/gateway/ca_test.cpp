#include <filesystem>
#include <fstream>
#include <sstream>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "collector/gateway/tls_context.hpp"
#include "world.hpp"

using namespace rollcall;
using namespace rollcall::gateway;
using rollcall::gateway::test::FreeSsl;
using rollcall::gateway::test::real_now;

namespace
{

std::string slurp(std::filesystem::path const& path)
{
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string request_with(EVP_PKEY& key) { return *net::to_pem(**net::make_request(key, "anything")); }

constexpr std::int64_t day_ms = 86'400'000;

/// A device meets a collector, in memory. "" = both are content; else who is not.
std::string meet(net::AgentIdentity const& device, TlsMaterial const& collector)
{
    BrowserContext const browser;
    auto const theirs = make_server_context(collector, browser);
    auto const ours = net::make_agent_context(device);
    REQUIRE(theirs);
    REQUIRE(ours);
    std::unique_ptr<SSL, FreeSsl> const client(SSL_new(ours->get()));
    std::unique_ptr<SSL, FreeSsl> const server(SSL_new(theirs->get()));
    BIO* one = nullptr;
    BIO* two = nullptr;
    BIO_new_bio_pair(&one, 1 << 16, &two, 1 << 16);
    SSL_set_bio(client.get(), one, one);
    SSL_set_bio(server.get(), two, two);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    REQUIRE(net::expect_peer(*client, "localhost"));
    auto const go_on = [](SSL& connection) {
        int const done = SSL_do_handshake(&connection);
        bool const failed = done != 1 && SSL_get_error(&connection, done) == SSL_ERROR_SSL;
        if (failed) (void)net::tls_error(errc::io, "");
        return std::pair(done == 1, failed);
    };
    for (int i = 0; i < 20; ++i) {
        auto const [client_done, client_failed] = go_on(*client);
        if (client_failed) return "device: " + net::verify_failure(*client);
        auto const [server_done, server_failed] = go_on(*server);
        if (server_failed) return "collector: " + net::verify_failure(*server);
        if (!client_done || !server_done) continue;
        // On the server's side the chain is without the device's own (SSL_get_peer_cert_chain(3)).
        return sk_X509_num(SSL_get_peer_cert_chain(server.get())) > 0 ? "the device sent more than its own" : "";
    }
    return "no end";
}

/// What enrolment or renewal leaves on a device.
net::AgentIdentity certified(Authority const& authority, UnixMs now)
{
    auto const key = net::make_key();
    auto const made = authority.sign(request_with(**key), make_uuid(now), now);
    REQUIRE(made);
    return {.key_pem = *net::to_pem(**key), .certificate_pem = made->pem, .ca_pem = authority.ca_pem()};
}

/// A collector whose first CA has so many days left now.
struct OldCollector {
    support::TempDir dir;
    UnixMs born;

    explicit OldCollector(int days_left)
        : born(real_now() + (days_left - ca_days) * day_ms)
    {
    }
    [[nodiscard]] std::unique_ptr<Authority> open(UnixMs now) const
    {
        auto opened = Authority::open(dir.path(), {}, now);
        REQUIRE(opened);
        return std::move(*opened);
    }
    /// When the first CA has so many days left.
    [[nodiscard]] UnixMs with_left(int days) const { return born + (ca_days - days) * day_ms; }
};

std::size_t count_of(std::string const& pem) { return net::certificates_from_pem(pem)->size(); }

bool is_by(std::string const& certificate_pem, std::string const& ca_pem)
{
    auto const certificate = net::certificate_from_pem(certificate_pem);
    auto const ca = net::certificate_from_pem(ca_pem);
    return X509_verify(certificate->get(), X509_get0_pubkey(ca->get())) == 1;
}

} // namespace

TEST_CASE("ca: what it made is there again after a restart, and keys are for its user only")
{
    support::TempDir const dir;
    auto const first = Authority::open(dir.path(), {"host.example"}, real_now());
    REQUIRE(first);
    auto const server = slurp(dir / "server.pem");
    auto const second = Authority::open(dir.path(), {"host.example"}, real_now());
    REQUIRE(second);
    CHECK((*second)->fingerprint() == (*first)->fingerprint());
    CHECK(slurp(dir / "server.pem") == server);
    for (auto const* const name : {"ca.key", "server.key"}) {
        struct stat about {
        };
        REQUIRE(::stat((dir / name).c_str(), &about) == 0);
        CHECK((about.st_mode & 0777U) == 0600U);
    }
}

TEST_CASE("ca: the server's certificate is made anew when its names change or its end is near, the CA not for that")
{
    support::TempDir const dir;
    auto const now = real_now();
    auto const first = Authority::open(dir.path(), {"a.example", "192.0.2.7"}, now);
    REQUIRE(first);
    auto const before = slurp(dir / "server.pem");
    auto const same = Authority::open(dir.path(), {"192.0.2.7", "a.example"}, now);
    CHECK(slurp(dir / "server.pem") == before);
    auto const other = Authority::open(dir.path(), {"b.example"}, now);
    auto const renamed = slurp(dir / "server.pem");
    CHECK(renamed != before);
    auto const late = Authority::open(dir.path(), {"b.example"}, now + (server_days - 30) * day_ms);
    REQUIRE(late);
    CHECK(slurp(dir / "server.pem") != renamed);
    CHECK((*late)->fingerprint() == (*first)->fingerprint());
}

TEST_CASE("ca: certificates say what they are for, and for whom")
{
    support::TempDir const dir;
    auto const authority = Authority::open(dir.path(), {"a.example", "192.0.2.7", "evil,DNS:bank.example"}, real_now());
    REQUIRE(authority);
    auto const ca = net::certificate_from_pem((*authority)->ca_pem());
    auto const server = net::certificate_from_pem((*authority)->material().chain_pem);
    CHECK(X509_check_ca(ca->get()) == 1);
    CHECK(X509_check_ca(server->get()) == 0);
    for (auto const* const name : {"localhost", "a.example"})
        CHECK(X509_check_host(server->get(), name, 0, 0, nullptr) == 1);
    CHECK(X509_check_host(server->get(), "bank.example", 0, 0, nullptr) == 0);
    for (auto const* const address : {"127.0.0.1", "::1", "192.0.2.7"})
        CHECK(X509_check_ip_asc(server->get(), address, 0) == 1);
    CHECK(X509_check_purpose(server->get(), X509_PURPOSE_SSL_SERVER, 0) == 1);
    CHECK(X509_check_purpose(server->get(), X509_PURPOSE_SSL_CLIENT, 0) == 0);

    auto const id = make_uuid(real_now());
    auto const key = net::make_key();
    auto const signed_one = (*authority)->sign(request_with(**key), id, real_now());
    REQUIRE(signed_one);
    auto const device = net::certificate_from_pem(signed_one->pem);
    CHECK(net::common_name(**device) == id);
    CHECK(net::fingerprint(**device) == signed_one->fingerprint);
    CHECK(X509_verify(device->get(), X509_get0_pubkey(ca->get())) == 1);
    CHECK(X509_check_purpose(device->get(), X509_PURPOSE_SSL_CLIENT, 0) == 1);
    CHECK(X509_check_purpose(device->get(), X509_PURPOSE_SSL_SERVER, 0) == 0);
    auto const again = net::certificate_from_pem((*authority)->sign(request_with(**key), id, real_now())->pem);
    CHECK(ASN1_INTEGER_cmp(X509_get_serialNumber(device->get()), X509_get_serialNumber(again->get())) != 0);
}

TEST_CASE("ca: requests that are damaged, foreign or weak are refused")
{
    support::TempDir const dir;
    auto const authority = Authority::open(dir.path(), {}, real_now());
    REQUIRE(authority);
    auto const id = make_uuid(real_now());
    auto const key = net::make_key();
    auto const good = request_with(**key);

    CHECK((*authority)->sign("", id, real_now()).error().code == errc::bad_input);
    CHECK((*authority)->sign("no PEM at all", id, real_now()).error().code == errc::bad_input);
    CHECK((*authority)->sign(good.substr(0, good.size() / 2), id, real_now()).error().code == errc::bad_input);
    CHECK((*authority)->sign(good, "not-a-uuid", real_now()).error().code == errc::bad_input);

    // One bit of the signature is another.
    auto const request = net::request_from_pem(good);
    ASN1_BIT_STRING const* signature = nullptr;
    X509_REQ_get0_signature(request->get(), &signature, nullptr);
    const_cast<unsigned char*>(ASN1_STRING_get0_data(signature))[20] ^= 1;
    CHECK((*authority)->sign(*net::to_pem(**request), id, real_now()).error().code == errc::bad_input);

    net::Key const rsa(EVP_RSA_gen(2048));
    CHECK((*authority)->sign(request_with(*rsa), id, real_now()).error().trace.find("P-256") != std::string::npos);
    net::Key const p384(EVP_EC_gen("P-384"));
    CHECK((*authority)->sign(request_with(*p384), id, real_now()).error().trace.find("P-256") != std::string::npos);
}

TEST_CASE("ca: files that are open to others, damaged or incomplete stop it with a sentence")
{
    support::TempDir const dir;
    REQUIRE(Authority::open(dir.path(), {}, real_now()));

    SUBCASE("a key others can read")
    {
        ::chmod((dir / "ca.key").c_str(), 0644);
        auto const opened = Authority::open(dir.path(), {}, real_now());
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == errc::permission_denied);
        CHECK(opened.error().trace.find("chmod 600") != std::string::npos);
    }
    SUBCASE("a damaged CA certificate")
    {
        std::ofstream(dir / "ca.pem") << "nothing";
        auto const opened = Authority::open(dir.path(), {}, real_now());
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == errc::corrupt);
        CHECK(opened.error().trace.find("ca.pem") != std::string::npos);
    }
    SUBCASE("a lost CA key")
    {
        std::filesystem::remove(dir / "ca.key");
        auto const opened = Authority::open(dir.path(), {}, real_now());
        REQUIRE_FALSE(opened);
        CHECK(opened.error().trace.find("backup") != std::string::npos);
        CHECK(std::filesystem::exists(dir / "ca.pem"));
    }
    SUBCASE("a key of another CA")
    {
        support::TempDir const other;
        REQUIRE(Authority::open(other.path(), {}, real_now()));
        std::filesystem::copy_file(other / "ca.key", dir / "ca.key", std::filesystem::copy_options::overwrite_existing);
        auto const opened = Authority::open(dir.path(), {}, real_now());
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == errc::corrupt);
    }
    SUBCASE("a damaged server certificate is simply made anew")
    {
        std::ofstream(dir / "server.pem") << "nothing";
        CHECK(Authority::open(dir.path(), {}, real_now()));
    }
    SUBCASE("a start that was cut off after the key")
    {
        support::TempDir const fresh;
        std::filesystem::copy_file(dir / "ca.key", fresh / "ca.key");
        CHECK(Authority::open(fresh.path(), {}, real_now()));
    }
}

TEST_CASE("ca: a data folder that is not there is an error, not a crash")
{
    auto const opened = Authority::open("/nonexistent/folder", {}, real_now());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().trace.find("/nonexistent/folder") != std::string::npos);
}

TEST_CASE("ca: two years before its end a next one is made; devices are told of both, and those of before stay welcome")
{
    OldCollector const old(700);
    auto const first = old.open(old.born);
    CHECK(count_of(first->ca_pem()) == 1);
    auto const device = certified(*first, old.born);
    CHECK(count_of(old.open(old.with_left(ca_overlap_days + 1))->ca_pem()) == 1);

    auto const now = old.open(real_now());
    CHECK(count_of(now->ca_pem()) == 2);
    CHECK(now->fingerprint() == first->fingerprint());
    CHECK(is_by(now->material().chain_pem, first->ca_pem()));
    CHECK(meet(device, now->material()).empty());
    // What is signed meanwhile is still of the old one: a backup of before the next one was made knows it.
    auto const later = certified(*now, real_now());
    CHECK(is_by(later.certificate_pem, first->ca_pem()));
    CHECK(later.ca_pem.starts_with(first->ca_pem()));
    CHECK(meet(later, now->material()).empty());

    auto const files = slurp(old.dir / "ca.pem") + slurp(old.dir / "ca.key") + slurp(old.dir / "server.pem");
    (void)old.open(real_now());
    CHECK(slurp(old.dir / "ca.pem") + slurp(old.dir / "ca.key") + slurp(old.dir / "server.pem") == files);
}

TEST_CASE("ca: in its last year the next one signs devices, while the server is still certified by the old one")
{
    OldCollector const old(300);
    auto const first = old.open(old.born);
    (void)old.open(old.with_left(700));
    auto const now = old.open(real_now());
    auto const device = certified(*now, real_now());
    CHECK_FALSE(is_by(device.certificate_pem, first->ca_pem()));
    CHECK(meet(device, now->material()).empty());
    auto const asleep = certified(*first, old.with_left(500));
    CHECK(meet(asleep, now->material()).empty());
    auto const end = net::not_after(**net::certificate_from_pem(device.certificate_pem));
    CHECK(*end > real_now() / 1000 + (device_days - 1) * 86'400);
}

TEST_CASE("ca: in the old one's last month the next one takes over, for all who were told of it")
{
    OldCollector const old(ca_switch_days - 10);
    auto const first = old.open(old.born);
    auto const overlap = old.open(old.with_left(700));
    auto const told = certified(*overlap, old.with_left(400));
    auto const not_told = certified(*first, old.with_left(750));
    auto const before = old.open(old.with_left(ca_switch_days + 1));
    CHECK(before->fingerprint() == first->fingerprint());

    auto const now = old.open(real_now());
    CHECK(now->fingerprint() != first->fingerprint());
    CHECK(count_of(now->ca_pem()) == 2);
    auto const pinned = net::certificate_from_pem(now->ca_pem());
    CHECK(net::fingerprint(**pinned) == now->fingerprint());
    CHECK(meet(told, now->material()).empty());
    CHECK(meet(certified(*now, real_now()), now->material()).empty());
    // Who was away for the whole two years has to be enrolled again.
    CHECK(meet(not_told, now->material()).find("device: ") == 0);
}

TEST_CASE("ca: what a CA signed counts for two years after its end, so that a device can come back and renew")
{
    OldCollector const ended(-100);
    auto const first = ended.open(ended.born);
    auto const overlap = ended.open(ended.with_left(700));
    auto const asleep = certified(*overlap, ended.with_left(400));
    auto const now = ended.open(real_now());
    CHECK(count_of(now->ca_pem()) == 1);
    CHECK(count_of(now->material().ca_pem) == 2);
    CHECK(meet(asleep, now->material()).empty());

    OldCollector const gone(-ca_trusted_days_after - 10);
    auto const long_ago = gone.open(gone.born);
    auto const lost = certified(*gone.open(gone.with_left(700)), gone.with_left(400));
    (void)gone.open(gone.with_left(20));
    auto const today = gone.open(real_now());
    CHECK(count_of(today->material().ca_pem) == 1);
    CHECK(meet(lost, today->material()).find("collector: ") == 0);
}

TEST_CASE("ca: a clock that is many years ahead, or was never set, takes nothing away and changes nothing for good")
{
    OldCollector const old(2000);
    auto const first = old.open(old.born);
    auto const device = certified(*first, real_now());
    auto const files = [&] {
        return slurp(old.dir / "ca.pem") + slurp(old.dir / "ca.key") + slurp(old.dir / "server.pem");
    };
    (void)old.open(real_now());
    auto const before = files();
    (void)old.open(1000);
    CHECK(files() == before);

    auto const certificates = slurp(old.dir / "ca.pem");
    for (int const years : {7, 20, 60}) {
        CAPTURE(years);
        CHECK(old.open(real_now() + years * 365 * day_ms)->fingerprint() != first->fingerprint());
    }
    SUBCASE("written to the end") {}
    SUBCASE("cut off after the keys") { std::ofstream(old.dir / "ca.pem") << certificates; }
    auto const again = old.open(real_now());
    CHECK(again->fingerprint() == first->fingerprint());
    CHECK(slurp(old.dir / "ca.pem").starts_with(first->ca_pem())); // Which tokens name.
    CHECK(is_by(again->material().chain_pem, first->ca_pem()));
    CHECK(meet(device, again->material()).empty());
    auto const fresh = certified(*again, real_now());
    CHECK(is_by(fresh.certificate_pem, first->ca_pem()));
    CHECK(meet(fresh, again->material()).empty());
    auto const settled = files();
    (void)old.open(real_now());
    CHECK(files() == settled);
}

TEST_CASE("ca: a server's certificate that a clock ahead has made is made anew")
{
    OldCollector const old(2000);
    (void)old.open(old.born);
    auto const ahead = old.open(real_now() + 500 * day_ms);
    auto const now = old.open(real_now());
    CHECK(now->fingerprint() == ahead->fingerprint());
    CHECK(meet(certified(*now, real_now()), now->material()).empty());
}

TEST_CASE("ca: a start that was cut off while it made the next one goes on from there")
{
    OldCollector const old(700);
    auto const first = old.open(old.born);
    auto const certificates = slurp(old.dir / "ca.pem");
    (void)old.open(real_now());
    std::ofstream(old.dir / "ca.pem") << certificates; // The keys were written, the certificates not.
    auto const again = old.open(real_now());
    CHECK(count_of(again->ca_pem()) == 2);
    CHECK(again->fingerprint() == first->fingerprint());
    CHECK(meet(certified(*again, real_now()), again->material()).empty());
}
