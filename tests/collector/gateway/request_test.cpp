#include <boost/json.hpp>

#include "collector/gateway/request.hpp"
#include "world.hpp"

using namespace rollcall;
using namespace rollcall::gateway;

TEST_CASE("request: path and query are taken apart and decoded")
{
    auto const target = parse_target("/api/v1/devices%20x/%C3%A4?q=a+b%2Bc&empty=&flag&q=last&%3D=%26");
    REQUIRE(target);
    CHECK(target->path == "/api/v1/devices x/ä");
    CHECK(target->query.at("q") == "last");
    CHECK(target->query.at("empty").empty());
    CHECK(target->query.contains("flag"));
    CHECK(target->query.at("=") == "&");
    CHECK(parse_target("/")->path == "/");
    CHECK(parse_target("/a/")->path == "/a/");
    CHECK(parse_target("/a+b")->path == "/a+b");
    CHECK(parse_target("https://host:8443/a?b=c")->path == "/a");
    CHECK(parse_target("/..a/b..")->path == "/..a/b..");
}

TEST_CASE("request: what two readers could read differently is refused")
{
    for (auto const* const bad : {"",
                                  "*",
                                  "a",
                                  "/%",
                                  "/%4",
                                  "/%zz",
                                  "/%00",
                                  "/a%0d%0ab",
                                  "/..",
                                  "/../etc/passwd",
                                  "/a/../b",
                                  "/a/%2e%2e/b",
                                  "/a/%2E/",
                                  "/a%2fb",
                                  "/a%5cb",
                                  "/a\\b",
                                  "/%ff",
                                  "/%c0%ae%c0%ae/",
                                  "/a?x=%",
                                  "/a?%ff=1",
                                  "https://host",
                                  "http://host?x"}) {
        CAPTURE(bad);
        auto const target = parse_target(bad);
        REQUIRE_FALSE(target);
        CHECK(target.error().code == errc::bad_input);
    }
}

TEST_CASE("request: a problem is told in the API's shape")
{
    auto const problem = make_problem(413, "limit-exceeded", "Too \"long\"", "detail", "remedy", "id-1");
    CHECK(problem.status == 413);
    auto const json = boost::json::parse(problem.body).as_object();
    CHECK(json.at("type") == "urn:rollcall:problem:limit-exceeded");
    CHECK(json.at("title") == "Too \"long\"");
    CHECK(json.at("status") == 413);
    CHECK(json.at("request_id") == "id-1");
}

TEST_CASE("request: heads have the security headers, and cannot be split")
{
    HttpResponse response;
    response.headers = {{"Content-Security-Policy", "default-src 'self'"},
                        {"X-Bad", "a\r\nSet-Cookie: stolen"},
                        {"Bad Name", "x"},
                        {"content-length", "999"},
                        {"Server", "me"}};
    response.body = "12345";
    auto const head = write_head(response, "id-1", "localhost:8443", true);
    CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(head.ends_with("\r\n\r\n"));
    CHECK(head.find("Content-Length: 5\r\n") != std::string::npos);
    CHECK(head.find("999") == std::string::npos);
    CHECK(head.find("X-Request-Id: id-1\r\n") != std::string::npos);
    CHECK(head.find("stolen") == std::string::npos);
    CHECK(head.find("Bad Name") == std::string::npos);
    CHECK(head.find("Server") == std::string::npos);
    CHECK(head.find("default-src 'self'") != std::string::npos);
    CHECK(head.find("default-src 'none'") == std::string::npos);
    for (auto const* const name :
         {"X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "Cross-Origin-Opener-Policy: same-origin",
          "Cross-Origin-Resource-Policy: same-origin", "Permissions-Policy: ", "Date: "})
        CHECK(head.find(name) != std::string::npos);
}

TEST_CASE("request: only full names are told to stay with https")
{
    HttpResponse const response;
    for (auto const* const host : {"", "localhost", "localhost:8443", "127.0.0.1:8443", "[::1]:8443", "nas:8443"}) {
        CAPTURE(host);
        CHECK(write_head(response, "", host, true).find("Strict-Transport-Security") == std::string::npos);
    }
    CHECK(write_head(response, "", "rmm.example.com:8443", true).find("Strict-Transport-Security") !=
          std::string::npos);
}
