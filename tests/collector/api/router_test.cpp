#include <doctest/doctest.h>

#include <map>
#include <string>

#include "collector/view/api/cookie.hpp"
#include "collector/view/api/router.hpp"

using namespace rollcall;
using namespace rollcall::api;
using Query = std::map<std::string, std::string, std::less<>>;

static std::vector<Parameter> declared()
{
    return {text("search", "?"), integer("limit", 1, 500, "100", "?"), boolean("flag", "?"),
            choices("type", {"PC", "Server"}, "?"), order({"age", "name"}, "name")};
}

static std::string fault(Query const& query)
{
    auto const read = Arguments::read(declared(), query);
    if (read) return {};
    CHECK(read.error().status == 400);
    CHECK_FALSE(read.error().detail.empty());
    CHECK_FALSE(read.error().remedy.empty());
    return read.error().field;
}

TEST_CASE("arguments: what is given is read, what is not falls back")
{
    auto const read =
        Arguments::read(declared(), {{"search", "ä"}, {"type", "Server,PC"}, {"flag", "false"}, {"sort", "-age"}});
    REQUIRE(read.has_value());
    CHECK(read->text("search") == "ä");
    CHECK(read->integer("limit") == 100);
    CHECK(read->boolean("flag") == false);
    CHECK(read->choices("type").size() == 2);
    CHECK(read->text("sort") == "-age");

    auto const none = Arguments::read(declared(), {{"search", ""}, {"type", ""}});
    REQUIRE(none.has_value());
    CHECK_FALSE(none->has("search"));
    CHECK_FALSE(none->boolean("flag"));
    CHECK(none->choices("type").empty());
    CHECK(none->text("sort") == "name");
}

TEST_CASE("arguments: wrong ones are named")
{
    CHECK(fault({{"limit", "abc"}}) == "limit");
    CHECK(fault({{"limit", "0"}}) == "limit");
    CHECK(fault({{"limit", "501"}}) == "limit");
    CHECK(fault({{"limit", "1e2"}}) == "limit");
    CHECK(fault({{"limit", " 1"}}) == "limit");
    CHECK(fault({{"limit", "99999999999999999999"}}) == "limit");
    CHECK(fault({{"flag", "yes"}}) == "flag");
    CHECK(fault({{"type", "PC,Toaster"}}) == "type");
    CHECK(fault({{"type", "PC,"}}) == "type");
    CHECK(fault({{"sort", "foo"}}) == "sort");
    CHECK(fault({{"sort", "--age"}}) == "sort");
    CHECK(fault({{"search", std::string(300, 'a')}}) == "search");
    CHECK(fault({{"search", "\xff"}}) == "search");
    CHECK(fault({{"nothing", "1"}}) == "nothing");
    auto const missing = Arguments::read({required(text("customer", "?"))}, {});
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().field == "customer");
}

TEST_CASE("router: path and method choose, and what stands at the braces is handed over")
{
    Router const router({{.method = "GET", .pattern = "/a/{id}"},
                         {.method = "POST", .pattern = "/a/{id}"},
                         {.method = "GET", .pattern = "/a/{id}/b/{name}"}});
    auto const found = router.find("POST", "/a/x y");
    REQUIRE(found.route);
    CHECK(found.route->method == "POST");
    CHECK(found.path == std::vector<std::string>{"x y"});
    CHECK(router.find("GET", "/a/1/b/2").path == std::vector<std::string>{"1", "2"});
    CHECK(router.find("DELETE", "/a/1").allowed == std::set<std::string>{"GET", "POST"});
    for (auto const* const path : {"/a/", "/a", "/a/1/", "/a/1/b", "/", "", "/a/1/b/2/3"}) {
        auto const none = router.find("GET", path);
        CHECK_FALSE(none.route);
        CHECK(none.allowed.empty());
    }
    CHECK_FALSE(router.find("GET", "/a/" + std::string(300, 'x')).route);
}

TEST_CASE("body: only JSON that says so is read")
{
    gateway::HttpRequest request;
    request.body = "{}";
    CHECK(read_body(request).error().status == 415);
    request.headers["content-type"] = "text/plain";
    CHECK(read_body(request).error().status == 415);
    for (auto const* const type : {"application/json", "application/json; charset=utf-8", "application/json ;x"}) {
        request.headers["content-type"] = type;
        CHECK(read_body(request).has_value());
    }
    for (auto const* const body : {"", "{", "{} x", "{\"a\":\"\xff\"}", "[[[[[[[[[[[[]]]]]]]]]]]]", "NaN"}) {
        request.body = body;
        auto const bad = read_body(request);
        REQUIRE_FALSE(bad.has_value());
        CHECK(bad.error().status == 400);
    }
}

TEST_CASE("cookie: it is found among others, and only under its own name")
{
    gateway::HttpRequest request;
    CHECK(cookie_of(request).empty());
    request.headers["cookie"] = "a=b; __Host-rollcall=secret; c=d";
    CHECK(cookie_of(request) == "secret");
    request.headers["cookie"] =
        "x__Host-rollcall=evil;__Host-rollcall2=evil; __Host-rollcall=first; __Host-rollcall=second";
    CHECK(cookie_of(request) == "first");
    CHECK(set_cookie("s", 60) == "__Host-rollcall=s; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=60");
}

TEST_CASE("origin: host and port must both be ours")
{
    auto const same = [](std::string origin, std::string host) {
        gateway::HttpRequest request;
        if (!origin.empty()) request.headers["origin"] = std::move(origin);
        if (!host.empty()) request.headers["host"] = std::move(host);
        return same_origin(request);
    };
    CHECK(same("https://a.example:8443", "a.example:8443"));
    CHECK(same("https://A.example:8443", "a.EXAMPLE:8443"));
    CHECK(same("https://a.example", "a.example:443"));
    CHECK(same("https://[::1]:8443", "[::1]:8443"));
    CHECK_FALSE(same("https://a.example", "a.example:8443"));
    CHECK_FALSE(same("https://a.example:9443", "a.example:8443"));
    CHECK_FALSE(same("http://a.example:8443", "a.example:8443"));
    CHECK_FALSE(same("https://a.example.evil:8443", "a.example:8443"));
    CHECK_FALSE(same("null", "a.example:8443"));
    CHECK_FALSE(same("", "a.example:8443"));
    CHECK_FALSE(same("https://a.example", ""));
    CHECK_FALSE(same("https://", ""));
}
