#include <doctest/doctest.h>

#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "agent/uplink/fetch.hpp"
#include "agent/uplink/identity.hpp"
#include "tests/agent/uplink/fake_collector.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

namespace
{

struct FetchFixture {
    support::TempDir dir;
    support::FakeCollector collector;
    std::string const content = [] {
        std::string bytes(300'000, '\0');
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<char>(i * 31 % 251);
        return bytes;
    }();
    Stop stop;

    FetchFixture() { REQUIRE(uplink::save_identity(dir.path(), collector.identity())); }

    uplink::FetchOptions options() const
    {
        uplink::FetchOptions what;
        what.folder = dir.path();
        what.target = "/install/files/abc/program";
        what.etag = "abc";
        what.bytes = content.size();
        what.part = dir / "part";
        what.idle = 2s;
        return what;
    }
    std::string part() const
    {
        std::ifstream file(dir / "part", std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void put_part(std::string const& bytes) const { std::ofstream(dir / "part", std::ios::binary) << bytes; }

    static std::string answer(std::string const& status, std::string const& body, std::string const& more = {})
    {
        return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), more, body);
    }
    std::string rest(std::size_t from) const
    {
        return answer("206 Partial Content", content.substr(from),
                      fmt::format("Content-Range: bytes {}-{}/{}\r\n", from, content.size() - 1, content.size()));
    }
};

bool has(std::string const& head, std::string const& line) { return head.find(line) != std::string::npos; }

} // namespace

TEST_CASE_FIXTURE(FetchFixture,
                  "fetch: a file is fetched whole, without a certificate of ours and from no other collector")
{
    std::string asked;
    collector.then_raw([&](std::string const& head) {
        asked = head;
        return answer("200 OK", content);
    });
    REQUIRE(uplink::fetch(options(), stop));
    CHECK(part() == content);
    CHECK(asked.starts_with("GET /install/files/abc/program HTTP/1.1\r\n"));
    CHECK_FALSE(has(asked, "Range:"));
    // There is nothing left to ask for.
    REQUIRE(uplink::fetch(options(), stop));
    CHECK(collector.connections() == 1);
}

TEST_CASE_FIXTURE(FetchFixture, "fetch: what is cut off goes on where it was, if it still is the same file")
{
    collector.then_raw([&](std::string const&) {
        auto bytes = answer("200 OK", content);
        return bytes.substr(0, bytes.size() - 100'000);
    });
    auto const cut = uplink::fetch(options(), stop);
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == errc::io);
    auto const have = part().size();
    CHECK(have > 0);
    CHECK(have <= content.size() - 100'000);
    std::string asked;
    collector.then_raw([&](std::string const& head) {
        asked = head;
        return rest(have);
    });
    REQUIRE(uplink::fetch(options(), stop));
    CHECK(part() == content);
    CHECK(has(asked, fmt::format("Range: bytes={}-\r\n", have)));
    CHECK(has(asked, "If-Range: \"abc\"\r\n"));
}

TEST_CASE_FIXTURE(FetchFixture,
                  "fetch: a collector that has another file by now sends it whole, and the old part is gone")
{
    put_part("of something else");
    collector.then_raw([&](std::string const&) { return answer("200 OK", content); });
    REQUIRE(uplink::fetch(options(), stop));
    CHECK(part() == content);
}

TEST_CASE_FIXTURE(FetchFixture, "fetch: not one byte more than was agreed is taken, however it is announced")
{
    SUBCASE("by its length")
    {
        collector.then_raw([&](std::string const&) { return answer("200 OK", content + "x"); });
    }
    SUBCASE("in chunks")
    {
        collector.then_raw([&](std::string const&) {
            return fmt::format(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{0:x}\r\n{1}\r\n{0:x}\r\n{1}\r\n0\r\n\r\n",
                content.size(), content);
        });
    }
    SUBCASE("after a part")
    {
        put_part(content.substr(0, 1000));
        collector.then_raw([&](std::string const&) {
            return fmt::format("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1000-{}/{}\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                               content.size() - 1, content.size(), content.size(), content);
        });
    }
    auto const done = uplink::fetch(options(), stop);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == errc::limit_exceeded);
    CHECK_FALSE(std::filesystem::exists(dir / "part"));
}

TEST_CASE_FIXTURE(FetchFixture, "fetch: fewer bytes than were agreed are no file")
{
    collector.then_raw([&](std::string const&) { return answer("200 OK", content.substr(1)); });
    auto const done = uplink::fetch(options(), stop);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == errc::io);
}

TEST_CASE("fetch: what an answer means is told by its status and range alone")
{
    CHECK(*uplink::answer_begins(200, "", 0, 10) == 0);
    CHECK(*uplink::answer_begins(200, "", 4, 10) == 0);
    CHECK(*uplink::answer_begins(206, "bytes 4-9/10", 4, 10) == 4);
    for (auto const* const range :
         {"", "bytes 0-9/10", "bytes 4-8/10", "bytes 4-9/11", "bytes 4-9/*", "items 4-9/10"}) {
        CAPTURE(range);
        CHECK(uplink::answer_begins(206, range, 4, 10).error().code == errc::bad_message);
    }
    CHECK(uplink::answer_begins(206, "bytes 0-9/10", 0, 10).error().code == errc::bad_message);
    CHECK(uplink::answer_begins(404, "", 0, 10).error().code == errc::not_found);
    CHECK(uplink::answer_begins(403, "", 0, 10).error().code == errc::not_found);
    CHECK(uplink::answer_begins(416, "", 4, 10).error().code == errc::refused);
    CHECK(uplink::answer_begins(302, "", 0, 10).error().code == errc::refused);
    CHECK(uplink::answer_begins(503, "", 0, 10).error().code == errc::busy);
    CHECK(uplink::answer_begins(429, "", 0, 10).error().code == errc::busy);
}

TEST_CASE_FIXTURE(FetchFixture, "fetch: somebody else who answers is not asked")
{
    collector.turn_false();
    auto const done = uplink::fetch(options(), stop);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == errc::unauthenticated);
    CHECK_FALSE(std::filesystem::exists(dir / "part"));
}

TEST_CASE_FIXTURE(FetchFixture, "fetch: a stop ends it at once, and a collector that says nothing is left")
{
    SUBCASE("stop")
    {
        collector.then_raw([&](std::string const&) {
            stop.request();
            std::this_thread::sleep_for(100ms);
            return std::string();
        });
        CHECK(uplink::fetch(options(), stop).error().code == errc::cancelled);
    }
    SUBCASE("silence")
    {
        auto what = options();
        what.idle = 200ms;
        collector.then_raw([&](std::string const&) {
            std::this_thread::sleep_for(600ms);
            return std::string();
        });
        CHECK(uplink::fetch(what, stop).error().code == errc::timed_out);
    }
}
