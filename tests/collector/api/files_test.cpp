#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "collector/view/api/files.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;

static void write(std::filesystem::path const& path, std::string const& text)
{
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

static std::string header(gateway::HttpResponse const& response, std::string_view name)
{
    for (auto const& [key, value] : response.headers)
        if (key == name) return value;
    return {};
}

static gateway::HttpRequest get(std::string path)
{
    gateway::HttpRequest request;
    request.method = "GET";
    request.path = std::move(path);
    return request;
}

TEST_CASE("files: the page has a fresh nonce in text and policy, and stands at every path of its own")
{
    support::TempDir const folder;
    write(folder / "index.html", "<meta content=\"__CSP_NONCE__\"><p>__CSP_NONCE__");
    auto const files = api::Files::load(folder.path());
    REQUIRE(files);
    std::string before;
    for (auto const* const path : {"/", "/index.html", "/customers/1/devices"}) {
        auto const response = files->serve(get(path));
        CHECK(response.status == 200);
        CHECK(header(response, "Cache-Control") == "no-store");
        auto const policy = header(response, "Content-Security-Policy");
        auto const at = policy.find("'nonce-");
        REQUIRE(at != std::string::npos);
        auto const nonce = policy.substr(at + 7, policy.find('\'', at + 7) - at - 7);
        CHECK(nonce.size() >= 20);
        CHECK(nonce != before);
        CHECK(response.body == "<meta content=\"" + nonce + "\"><p>" + nonce);
        CHECK(policy.starts_with("default-src 'none'; script-src 'self'; "));
        before = nonce;
    }
}

TEST_CASE("files: assets are kept for ever, others are asked for again, and unknown ones are not there")
{
    support::TempDir const folder;
    write(folder / "index.html", "page");
    write(folder / "assets/app-B3x9.js", "code");
    write(folder / "favicon.svg", "<svg/>");
    auto const files = api::Files::load(folder.path());
    REQUIRE(files);
    auto const script = files->serve(get("/assets/app-B3x9.js"));
    REQUIRE(script.shared_body);
    CHECK(*script.shared_body == "code");
    CHECK(header(script, "Content-Type") == "text/javascript; charset=utf-8");
    CHECK(header(script, "Cache-Control") == "public, max-age=31536000, immutable");
    CHECK(header(files->serve(get("/favicon.svg")), "Cache-Control") == "no-cache");

    auto again = get("/favicon.svg");
    again.headers["if-none-match"] = header(files->serve(get("/favicon.svg")), "ETag");
    CHECK(files->serve(again).status == 304);

    for (auto const* const path : {"/nothing.js", "/../etc/pass.wd", "/assets/../favicon.ico"})
        CHECK(files->serve(get(path)).status == 404);
    auto posted = get("/");
    posted.method = "POST";
    CHECK(files->serve(posted).status == 405);
}

TEST_CASE("files: what is packed beside a file is handed to who takes it, and to nobody else")
{
    support::TempDir const folder;
    write(folder / "index.html", "page");
    write(folder / "assets/app-B3x9.js", "code");
    write(folder / "assets/app-B3x9.js.gz", "packed");
    write(folder / "assets/alone.js.gz", "of nothing");
    write(folder / "favicon.svg", "<svg/>");
    auto const files = api::Files::load(folder.path());
    REQUIRE(files);
    auto const asked = [&files](std::string path, std::string const& takes) {
        auto request = get(std::move(path));
        request.headers["accept-encoding"] = takes;
        return files->serve(request);
    };
    for (auto const* const takes : {"gzip", "gzip, deflate, br", "br,gzip"}) {
        CAPTURE(takes);
        auto const response = asked("/assets/app-B3x9.js", takes);
        REQUIRE(response.shared_body);
        CHECK(*response.shared_body == "packed");
        CHECK(header(response, "Content-Encoding") == "gzip");
        CHECK(header(response, "Content-Type") == "text/javascript; charset=utf-8");
        CHECK(header(response, "Vary") == "Accept-Encoding");
    }
    for (auto const* const takes : {"", "br", "identity", "gzip;q=0", "xgzip"}) {
        CAPTURE(takes);
        auto const response = asked("/assets/app-B3x9.js", takes);
        REQUIRE(response.shared_body);
        CHECK(*response.shared_body == "code");
        CHECK(header(response, "Content-Encoding").empty());
        CHECK(header(response, "Vary") == "Accept-Encoding");
    }
    auto const plain = asked("/assets/app-B3x9.js", "br");
    auto again = get("/assets/app-B3x9.js");
    again.headers["accept-encoding"] = "gzip";
    again.headers["if-none-match"] = header(plain, "ETag");
    CHECK(files->serve(again).status == 200);
    again.headers["if-none-match"] = header(asked("/assets/app-B3x9.js", "gzip"), "ETag");
    CHECK(files->serve(again).status == 304);

    CHECK(header(asked("/favicon.svg", "gzip"), "Content-Encoding").empty());
    CHECK(files->serve(get("/assets/alone.js")).status == 404);
}

TEST_CASE("files: without a page there is a text that says how to build it")
{
    for (auto const& folder : {std::filesystem::path(), std::filesystem::path("/nowhere/at/all")}) {
        auto const files = api::Files::load(folder);
        REQUIRE(files);
        auto const response = files->serve(get("/"));
        CHECK(response.status == 503);
        CHECK(response.body.find("npm run build") != std::string::npos);
    }
}
