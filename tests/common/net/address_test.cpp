#include <doctest/doctest.h>

#include "common/net/address.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;

TEST_CASE("address: names, IPv4 and IPv6 with a port")
{
    CHECK(*net::parse_address("rollcall.example:8443") == net::Address{"rollcall.example", 8443});
    CHECK(*net::parse_address("127.0.0.1:1") == net::Address{"127.0.0.1", 1});
    CHECK(*net::parse_address("[::1]:65535") == net::Address{"::1", 65535});
    for (auto const* const text : {"a:1", "127.0.0.1:8443", "[2001:db8::1]:8443"})
        CHECK(net::to_string(*net::parse_address(text)) == text);
}

TEST_CASE("address: what is no address is told with what is wrong")
{
    for (auto const* const text : {"",           ":",           "host",           "host:",     "host:0",
                                   "host:65536", "host:8443x",  "host: 8443",     ":8443",     "::1:8443",
                                   "[::1]",      "[]:1",        "[host]:8443",    "ho st:1",   "host/path:1",
                                   "-x:1",       "user@host:1", "https://host:1", "[::1:8443", "h\n:1"}) {
        auto const parsed = net::parse_address(text);
        CAPTURE(text);
        REQUIRE(!parsed);
        CHECK(parsed.error().code == errc::bad_input);
        CHECK(parsed.error().trace.find("write host:port") != std::string::npos);
    }
    CHECK(!net::parse_address(std::string(254, 'a') + ":1"));
}

TEST_CASE("address: a URL of https gives host and port, 443 where it names none")
{
    CHECK(*net::parse_https_url("https://rollcall.example") == net::Address{"rollcall.example", 443});
    CHECK(*net::parse_https_url("https://rollcall.example/") == net::Address{"rollcall.example", 443});
    CHECK(*net::parse_https_url("https://127.0.0.1:8443") == net::Address{"127.0.0.1", 8443});
    CHECK(*net::parse_https_url("https://[2001:db8::1]") == net::Address{"2001:db8::1", 443});
    CHECK(*net::parse_https_url("https://[::1]:8443") == net::Address{"::1", 8443});
    for (auto const* const text : {"https://rollcall.example", "https://[::1]", "https://[::1]:8443"})
        CHECK(net::to_https_url(*net::parse_https_url(text)) == text);
    for (auto const* const text :
         {"", "https://", "https:///", "http://host", "host:8443", "https://host/page", "https://host?x",
          "https://me@host", "https://host:0", "https://host:x", "https://::1", "https://[::1", "https://h o"}) {
        CAPTURE(text);
        auto const parsed = net::parse_https_url(text);
        REQUIRE(!parsed);
        CHECK(parsed.error().code == errc::bad_input);
        CHECK(parsed.error().trace.find("write https://host") != std::string::npos);
    }
}
