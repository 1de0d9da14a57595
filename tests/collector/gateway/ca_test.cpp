#include <filesystem>
#include <fstream>
#include <sstream>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "world.hpp"

using namespace rollcall;
using namespace rollcall::gateway;
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

TEST_CASE("ca: the server's certificate is made anew when its names change or its end is near, the CA never")
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
