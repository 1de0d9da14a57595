#include <algorithm>

#include <doctest/doctest.h>

#include <sys/stat.h>

#include "platform/certificates.hpp"
#include "platform/x509.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/tree.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using test::Tree;

namespace
{

Certificate const* at(std::vector<Certificate> const& all, std::string_view path)
{
    auto const found = std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.path == path; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace

TEST_CASE("x509: a server's certificate in PEM and in DER")
{
    auto const pem = read_certificate(test::fixture("certificates/leaf.pem"));
    REQUIRE(pem);
    CHECK(pem->subject == "CN=www.example.org,O=Ex\xC3\xA4mple,C=AT");
    CHECK(pem->issuer == "CN=Test authority,O=Example");
    CHECK(pem->serial == "1234");
    CHECK(pem->names == "www.example.org, example.org, 192.0.2.7, 2001:db8:0:0:0:0:0:1");
    CHECK(pem->not_before_ms == 1'795'336'528'000);
    CHECK(pem->not_after_ms == 1'803'112'528'000);
    CHECK_FALSE(pem->self_signed);
    auto const der = read_certificate(test::fixture("certificates/leaf.der"));
    REQUIRE(der);
    CHECK(der->fingerprint == pem->fingerprint);

    auto const authority = read_certificate(test::fixture("certificates/authority.pem"));
    REQUIRE(authority);
    CHECK(authority->self_signed);
    CHECK(authority->serial == "0123456789ABCDEF");
    CHECK(authority->names.empty());
}

TEST_CASE("x509: keys before it are passed over, and what holds no certificate is not found")
{
    auto const leaf = test::fixture("certificates/leaf.pem");
    auto const before = std::string("text\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    CHECK(read_certificate(before + leaf));
    for (auto const& text : {std::string(), std::string("x"), before, leaf.substr(0, leaf.size() / 2),
                             std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")})
        CHECK(reason(read_certificate(text).error()) == "not_found");
    auto const der = test::fixture("certificates/leaf.der");
    test::torment(leaf, [](std::string_view text) { return read_certificate(text).has_value(); });
    test::torment(der, [](std::string_view text) { return read_certificate(text).has_value(); });
}

TEST_CASE("certificates: each once, where servers keep theirs, and not the system's authorities")
{
    Tree const tree;
    auto const body = make_certificates(tree.root());
    REQUIRE(body->list());
    CHECK(body->list()->empty());

    auto const leaf = test::fixture("certificates/leaf.pem");
    auto const authority = test::fixture("certificates/authority.pem");
    tree.write("/etc/letsencrypt/archive/example.org/cert1.pem", leaf);
    tree.write("/etc/letsencrypt/archive/example.org/fullchain1.pem", leaf + authority);
    tree.write("/etc/letsencrypt/archive/example.org/privkey1.pem", "-----BEGIN PRIVATE KEY-----\n");
    for (auto const* const name : {"cert", "fullchain", "privkey"})
        tree.link(std::string("/etc/letsencrypt/live/example.org/") + name + ".pem",
                  std::string("../../archive/example.org/") + name + "1.pem");
    tree.write("/usr/share/ca-certificates/authority.crt", authority);
    tree.link("/etc/ssl/certs/authority.pem", "../../../usr/share/ca-certificates/authority.crt");
    auto list = body->list();
    REQUIRE(list);
    REQUIRE(list->size() == 1);
    CHECK(list->front().path == "/etc/letsencrypt/live/example.org/cert.pem");
    CHECK(list->front().facts->serial == "1234");

    // One that somebody put there is not the system's.
    tree.write("/etc/ssl/certs/own.pem", authority);
    tree.write("/etc/ssl/certs/ca-certificates.crt", std::string(70'000, 'x'));
    tree.write("/etc/ssl/certs/empty.pem", "");
    tree.write("/etc/ssl/certs/notes.txt", leaf);
    list = body->list();
    CHECK(list->size() == 2);
    CHECK(at(*list, "/etc/ssl/certs/own.pem") != nullptr);
}

TEST_CASE("certificates: links in a circle, links to nowhere, pipes and deep folders have an end")
{
    Tree const tree;
    auto const leaf = test::fixture("certificates/leaf.pem");
    tree.write("/etc/nginx/a/b/leaf.crt", leaf);
    tree.write("/etc/nginx/a/b/c/d/deep.crt", test::fixture("certificates/authority.pem"));
    tree.link("/etc/nginx/a/circle", "../a");
    tree.link("/etc/nginx/a/self.pem", "self.pem");
    tree.link("/etc/nginx/a/nowhere.pem", "gone.pem");
    tree.link("/etc/nginx/a/outside.pem", "/etc/hostname");
    REQUIRE(::mkfifo((tree.root() / "/etc/nginx/a/pipe.pem").c_str(), 0600) == 0);
    auto const list = make_certificates(tree.root())->list();
    REQUIRE(list);
    REQUIRE(list->size() == 1);
    CHECK(list->front().path == "/etc/nginx/a/b/leaf.crt");
}
