#include <doctest/doctest.h>

#include <future>
#include <string>

#include "collector/view/api/install.hpp"
#include "collector/view/api/limits.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/release_folder.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using api::Install;

namespace
{

struct World {
    World()
    {
        support::make_release(folder.path(),
                              {.version = "0.2.0", .channel = "stable", .systems = {"linux", "windows"}});
        look();
    }
    void look()
    {
        updates::SeenFiles seen;
        auto const shelf =
            std::make_shared<updates::Shelf>(updates::read_shelf(folder.path(), support::release_public_key(), seen));
        board.put_shelf(shelf);
        for (auto const& release : shelf->releases)
            board.put_note({.version = to_string(release->version()), .first_seen_ms = 1});
    }
    gateway::HttpResponse get(std::string path, std::map<std::string, std::string, std::less<>> headers = {},
                              std::string remote = "192.0.2.1") const
    {
        gateway::HttpRequest request;
        request.method = "GET";
        request.path = std::move(path);
        request.headers = std::move(headers);
        request.remote = std::move(remote);
        request.id = "request-1";
        return install.answer(request);
    }
    [[nodiscard]] std::string address_of(std::string const& name) const
    {
        for (auto const& file : board.shelf()->releases.front()->manifest.files)
            if (file.name == name) return "/install/files/" + file.sha256 + "/" + name;
        return {};
    }

    support::TempDir folder;
    support::ManualClock clock;
    updates::Board board{clock};
    Install install{{.board = board,
                     .address = [] { return std::string("rollcall.example:8443"); },
                     .pin = [] { return std::string("cGlu"); }}};
};

std::string all_of(gateway::HttpBody& body)
{
    std::string text;
    while (text.size() < body.size().value()) {
        std::promise<Result<std::string>> promise;
        body.next([&](Result<std::string> piece) { promise.set_value(std::move(piece)); });
        auto const piece = promise.get_future().get();
        REQUIRE(piece);
        REQUIRE_FALSE(piece->empty());
        text += *piece;
    }
    return text;
}

std::string header_of(gateway::HttpResponse const& response, std::string_view name)
{
    for (auto const& [key, value] : response.headers)
        if (key == name) return value;
    return {};
}

constexpr auto program = "rollcall-agent-0.2.0-linux.program";
constexpr auto content = "a program 0.2.0 linux program";

} // namespace

TEST_CASE("install: a file is found by its hash and its name together, whole or in part")
{
    World const world;
    auto const address = world.address_of(program);
    auto const whole = world.get(address);
    REQUIRE(whole.status == 200);
    REQUIRE(whole.stream);
    CHECK(all_of(*whole.stream) == content);
    auto const etag = header_of(whole, "ETag");
    CHECK(etag == '"' + sha256_hex(content) + '"');
    CHECK(header_of(whole, "Accept-Ranges") == "bytes");

    auto const part = world.get(address, {{"range", "bytes=2-8"}});
    REQUIRE(part.status == 206);
    CHECK(all_of(*part.stream) == "program");
    CHECK(header_of(part, "Content-Range") == "bytes 2-8/29");
    auto const rest = world.get(address, {{"range", "bytes=22-"}, {"if-range", etag}});
    REQUIRE(rest.status == 206);
    CHECK(all_of(*rest.stream) == "program");
    // Of another content nothing must be put behind what is there.
    CHECK(world.get(address, {{"range", "bytes=22-"}, {"if-range", "\"other\""}}).status == 200);
    CHECK(world.get(address, {{"range", "bytes=29-"}}).status == 416);
    CHECK(header_of(world.get(address, {{"range", "bytes=29-"}}), "Content-Range") == "bytes */29");
    CHECK(world.get(address, {{"if-none-match", etag}}).status == 304);
}

TEST_CASE("install: no address leads to anything but files of releases")
{
    World const world;
    auto const address = world.address_of(program);
    auto const hash = sha256_hex(content);
    for (auto const& path :
         {std::string("/install/files/"), std::string("/install/files/x"), "/install/files/" + hash,
          "/install/files/" + hash + "/", "/install/files/" + hash + "/../manifest.json",
          "/install/files/" + hash + "/manifest.json", "/install/files/" + std::string(64, '0') + "/" + program,
          "/install/files//" + std::string(program), address + "/x", std::string("/install/0.2.0/manifest.json")})
        CHECK(world.get(path).status == 404);
}

TEST_CASE("install: a file that is gone or cut since it was looked at is no half answer")
{
    World world;
    auto const address = world.address_of(program);
    auto const open = world.get(address);
    support::write_file(world.folder / "0.2.0" / program, "a");
    std::promise<Result<std::string>> promise;
    open.stream->next([&](Result<std::string> piece) { promise.set_value(std::move(piece)); });
    CHECK_FALSE(promise.get_future().get());
    std::filesystem::remove(world.folder / "0.2.0" / program);
    CHECK(world.get(address).status == 404);
    world.look();
    CHECK(world.get(address).status == 404);
}

TEST_CASE("install: so many fetch at once, of each address some only; a place is free again when its fetch is over")
{
    World const world;
    auto const address = world.address_of(program);
    std::vector<gateway::HttpResponse> open;
    for (std::size_t number = 0; number < api::limits::downloads_per_address; ++number)
        open.push_back(world.get(address));
    auto const busy = world.get(address);
    CHECK(busy.status == 503);
    CHECK(header_of(busy, "Retry-After") == "30");
    CHECK(world.get(address, {}, "192.0.2.2").status == 200);
    open.pop_back();
    CHECK(world.get(address).status == 200);
    for (std::size_t number = 0; open.size() < api::limits::downloads; ++number) {
        open.push_back(world.get(address, {}, "10.0." + std::to_string(number / 8) + ".1"));
        REQUIRE(open.back().status == 200);
    }
    CHECK(world.get(address, {}, "203.0.113.9").status == 503);
}

TEST_CASE("install: the scripts carry the collector, its key and the files of the newest stable release")
{
    World world;
    auto const for_linux = world.get("/install/linux.sh").body;
    CHECK(for_linux.starts_with("#!/bin/sh\n"));
    CHECK(for_linux.find("collector='rollcall.example:8443'") != std::string::npos);
    CHECK(for_linux.find("pin='cGlu'") != std::string::npos);
    CHECK(for_linux.find("missing=''") != std::string::npos);
    auto const deb = std::string("a program 0.2.0 linux deb");
    CHECK(for_linux.find("deb x86_64 25 " + sha256_hex(deb) + " rollcall-agent-0.2.0-linux.deb") != std::string::npos);
    CHECK(for_linux.find("windows") == std::string::npos);
    CHECK(for_linux.find("program x86_64") == std::string::npos);
    CHECK(world.get("/install/windows.ps1").body.find("msi x86_64") != std::string::npos);
    CHECK(world.get("/install/macos.sh")
              .body.find("missing='Release 0.2.0 in this collector has no package for macos.") != std::string::npos);
    for (auto const* const name : {"linux.sh", "macos.sh", "windows.ps1"})
        for (auto const* const place : {"@ADDRESS@", "@PIN@", "@VERSION@", "@MISSING@", "@FILES@"})
            CHECK(world.get(std::string("/install/") + name).body.find(place) == std::string::npos);

    // Nobody new begins with a release that is not for everybody, or that failed.
    support::make_release(world.folder.path(), {.version = "0.3.0", .channel = "beta"});
    world.look();
    CHECK(world.get("/install/linux.sh").body.find("version='0.2.0'") != std::string::npos);
    // Nor with one that stopped itself; that is another reason than that there is none.
    world.board.put_note({.version = "0.2.0", .first_seen_ms = 1, .stopped_ms = 2, .stopped_why = "2 of 2"});
    CHECK(world.get("/install/linux.sh").body.find("none is for new machines") != std::string::npos);
    world.board.put_note({.version = "0.2.0", .first_seen_ms = 1});
    // Nor with one that somebody put there who cannot sign.
    auto const forged = support::make_release(world.folder.path(), {.version = "0.4.0"});
    support::write_file(forged / "manifest.sig", support::sign_release("something else"));
    world.look();
    CHECK(world.get("/install/linux.sh").body.find("version='0.2.0'") != std::string::npos);
    auto const page = world.get("/install").body;
    CHECK(page.find("Agent 0.2.0") != std::string::npos);
    CHECK(page.find(sha256_hex(content)) != std::string::npos);
}

TEST_CASE("install: ranges that cannot be read mean the whole, and those behind the end nothing")
{
    using Kind = api::Span::Kind;
    auto const kind = [](std::string_view header) { return api::read_range(header, 100).kind; };
    for (auto const* const header :
         {"", "bytes", "bytes=", "bytes=-", "bytes=x-1", "bytes=1-x", "bytes=5-4", "lines=1-2", "bytes=0-1,5-6",
          "bytes= 1-2", "bytes=1", "bytes=99999999999999999999-"})
        CHECK(kind(header) == Kind::whole);
    CHECK(kind("bytes=100-") == Kind::unsatisfiable);
    CHECK(kind("bytes=-0") == Kind::unsatisfiable);
    auto const last = api::read_range("bytes=-500", 100);
    CHECK(last.kind == Kind::part);
    CHECK(last.first == 0);
    CHECK(last.last == 99);
    CHECK(api::read_range("bytes=10-1000", 100).last == 99);
    CHECK(api::read_range("bytes=0-", 0).kind == Kind::unsatisfiable);
}
