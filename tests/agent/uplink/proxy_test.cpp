#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "agent/uplink/proxy.hpp"
#include "common/net/address.hpp"
#include "tests/support/result.hpp"
#include "tests/support/system.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using uplink::goes_direct;
using uplink::parse_proxy;

TEST_CASE("proxy: an URL gives address and credentials, percent-encoded ones as they are meant")
{
    auto const plain = parse_proxy("http://proxy.example:3128/");
    REQUIRE(plain);
    CHECK(plain->address == net::Address{"proxy.example", 3128});
    CHECK(plain->credentials.empty());
    CHECK(parse_proxy("proxy.example:3128")->address.port == 3128);
    CHECK(parse_proxy("http://[::1]:3128")->address.host == "::1");
    CHECK(parse_proxy("http://alice:secret@10.0.0.1:8080")->credentials == "alice:secret");
    CHECK(parse_proxy("http://alice:p%40ss%3aw%25rd@10.0.0.1:8080")->credentials == "alice:p@ss:w%rd");
    CHECK(parse_proxy("http://alice:p@ss@10.0.0.1:8080")->credentials == "alice:p@ss");
    CHECK(parse_proxy("http://alice:@10.0.0.1:8080")->credentials == "alice:");
}

TEST_CASE("proxy: what is none is told, and the password is not")
{
    for (auto const* const text :
         {"", "http://", "https://alice:secret@proxy:1", "socks5://alice:secret@proxy:1", "http://alice:secret@proxy",
          "http://alice:secret@proxy:0", "http://secret@proxy:1", "http://:secret@proxy:1", "http://a:secret%@proxy:1",
          "http://a:secret%4@proxy:1", "http://a:secret%zz@proxy:1", "http://a%3ab:secret@proxy:1",
          "http://alice:secret@proxy:1/path", "http://alice:secret@pro xy:1"}) {
        CAPTURE(text);
        auto const parsed = parse_proxy(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == errc::bad_input);
        CHECK(parsed.error().trace.find("write http://host:port") != std::string::npos);
        CHECK(parsed.error().trace.find("secret") == std::string::npos);
    }
}

TEST_CASE("proxy: the request for a tunnel names the collector, and the user where there is one")
{
    auto const request = tunnel_request(*parse_proxy("proxy:1"), {"2001:db8::1", 8443});
    CHECK(request.find("CONNECT [2001:db8::1]:8443 HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n") == 0);
    CHECK(request.find("Authorization") == std::string::npos);
    CHECK(request.ends_with("\r\n\r\n"));
    // The example of RFC 7617 §2.
    auto const known = tunnel_request(*parse_proxy("Aladdin:open%20sesame@proxy:1"), {"host", 1});
    CHECK(known.find("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n") != std::string::npos);
}

TEST_CASE("proxy: what passes by itself is no refusal, for which the agent would stay away for minutes")
{
    auto const proxy = *uplink::parse_proxy("http://proxy:3128");
    CHECK(uplink::check_tunnel(proxy, 200));
    CHECK(uplink::check_tunnel(proxy, 502).error().code == errc::io);
    CHECK(uplink::check_tunnel(proxy, 503).error().code == errc::io);
    CHECK(uplink::check_tunnel(proxy, 403).error().code == errc::refused);
    CHECK(uplink::check_tunnel(proxy, 407).error().code == errc::refused);
}

TEST_CASE("proxy: NO_PROXY names hosts, and all below a name")
{
    CHECK(goes_direct("a.example, rollcall.example", "rollcall.example"));
    CHECK(goes_direct("example", "rollcall.example"));
    CHECK(goes_direct(".example", "rollcall.EXAMPLE"));
    CHECK(goes_direct("127.0.0.1", "127.0.0.1"));
    CHECK(goes_direct("x,*", "rollcall.example"));
    CHECK_FALSE(goes_direct("", "rollcall.example"));
    CHECK_FALSE(goes_direct(",, .", "rollcall.example"));
    CHECK_FALSE(goes_direct("ample", "rollcall.example"));
    CHECK_FALSE(goes_direct("rollcall.example.com", "rollcall.example"));
}

TEST_CASE("proxy: the file in the state folder is its owner's alone; without it there is no proxy")
{
    support::TempDir const dir;
    auto const none = uplink::load_proxy(dir.path());
    REQUIRE(none);
    CHECK_FALSE(*none);
    REQUIRE(uplink::save_proxy(dir.path(), "http://alice:secret@proxy:1"));
    CHECK((*uplink::load_proxy(dir.path()))->credentials == "alice:secret");
    if (!support::on_windows) {
        std::filesystem::permissions(dir / "proxy", std::filesystem::perms(0644));
        CHECK_FALSE(uplink::load_proxy(dir.path()));
    }
    REQUIRE(uplink::save_proxy(dir.path(), "secret"));
    auto const wrong = uplink::load_proxy(dir.path());
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().trace.find((dir / "proxy").string()) == 0);
    CHECK(wrong.error().trace.find("secret") == std::string::npos);
}
