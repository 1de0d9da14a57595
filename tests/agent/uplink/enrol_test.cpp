#include <doctest/doctest.h>

#include <filesystem>
#include <future>

#include "agent/uplink/enrol.hpp"
#include "agent/uplink/proxy.hpp"
#include "common/core/stop.hpp"
#include "common/wire/codec.hpp"
#include "tests/agent/uplink/fake_collector.hpp"
#include "tests/agent/uplink/fake_proxy.hpp"
#include "tests/support/result.hpp"
#include "tests/support/system.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

namespace
{

constexpr auto device = "01900000-0000-7000-8000-000000000002";

struct EnrolFixture {
    support::TempDir dir;
    Stop stop; // The collector's scripts use it: it outlives their thread.
    support::FakeCollector collector;

    uplink::EnrolOptions options()
    {
        return {.folder = dir / "state",
                .token = collector.token("secret"),
                .replace = false,
                .proxy = {},
                .no_proxy = {},
                .host_name = "kiosk",
                .hardware_id = "h"};
    }
    /// What a real collector does with a good token.
    std::pair<int, std::string> accept(std::string const& body)
    {
        auto const request = wire::decode_enrol_request(body);
        if (!request || request->token != "secret") return {400, "{}"};
        return {200,
                wire::encode(wire::EnrolAnswer{device, support::certify(request->request_pem, device, collector.ca()),
                                               *net::to_pem(*collector.ca().certificate)})};
    }
};

} // namespace

TEST_CASE_FIXTURE(EnrolFixture, "enrol: key, certificate and CA are saved together, for the owner only")
{
    collector.then_post([this](std::string const& body) { return accept(body); });
    auto const enrolled = uplink::enrol(options());
    REQUIRE(enrolled);
    CHECK(enrolled->device_id == device);

    auto const saved = uplink::load_identity(dir / "state");
    REQUIRE(saved);
    CHECK(saved->address == collector.address());
    CHECK(saved->tls.key_pem == enrolled->tls.key_pem);
    CHECK(net::make_agent_context(saved->tls));
    CHECK(support::is_private(dir / "state" / "identity.json"));
    CHECK(support::is_private(dir / "state"));
}

TEST_CASE_FIXTURE(EnrolFixture, "enrol: an identity is replaced only when that is asked for")
{
    collector.then_post([this](std::string const& body) { return accept(body); });
    collector.then_post([this](std::string const& body) { return accept(body); });
    auto wanted = options();
    auto const first = uplink::enrol(wanted);
    REQUIRE(first);
    auto const refused = uplink::enrol(wanted);
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::conflict);
    CHECK(refused.error().trace.find("--replace") != std::string::npos);
    wanted.replace = true;
    auto const second = uplink::enrol(wanted);
    REQUIRE(second);
    CHECK(second->tls.key_pem != first->tls.key_pem);
}

TEST_CASE_FIXTURE(EnrolFixture, "enrol: what the collector objects to is shown with its remedy, and nothing is saved")
{
    collector.then_post([](std::string const&) {
        return std::pair<int, std::string>(
            403, R"({"title":"Token","detail":"This token expired on 2026-11-20","remedy":"Make a new one"})");
    });
    auto const refused = uplink::enrol(options());
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::refused);
    CHECK(refused.error().trace == "enrol: the collector says: This token expired on 2026-11-20. Make a new one");
    CHECK(!uplink::has_identity(dir / "state"));
}

TEST_CASE_FIXTURE(EnrolFixture, "enrol: told to stop while the collector hangs, it ends at once and saves nothing")
{
    std::promise<void> let_go;
    collector.then_post([this, held = let_go.get_future().share()](std::string const&) {
        stop.request();
        held.wait();
        return std::pair<int, std::string>(503, "{}");
    });
    auto wanted = options();
    wanted.stop = &stop;
    auto const stopped = uplink::enrol(wanted);
    let_go.set_value();
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == errc::cancelled);
    CHECK(!uplink::has_identity(dir / "state"));
}

TEST_CASE_FIXTURE(EnrolFixture, "enrol: a stranger who answers at the address never hears the token")
{
    collector.turn_false();
    auto const refused = uplink::enrol(options());
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::unauthenticated);
    CHECK(refused.error().trace.find("not the collector of this token") != std::string::npos);
    CHECK(!uplink::has_identity(dir / "state"));
}

TEST_CASE_FIXTURE(EnrolFixture, "enrol: an answer that does not fit is an error, and nothing is saved")
{
    auto const stranger = support::issue("ca", "", nullptr);
    collector.then_post([](std::string const&) { return std::pair<int, std::string>(200, "{\"device_id\":"); });
    CHECK(!uplink::enrol(options()));
    collector.then_post([&](std::string const& body) { // issued by somebody else
        auto const request = wire::decode_enrol_request(body);
        return std::pair<int, std::string>(
            200, wire::encode(wire::EnrolAnswer{device, support::certify(request->request_pem, device, stranger),
                                                *net::to_pem(*stranger.certificate)}));
    });
    CHECK(uplink::enrol(options()).error().code == errc::unauthenticated);
    collector.then_post([&](std::string const&) { // for another key
        auto const other = support::issue(device, "", &collector.ca());
        return std::pair<int, std::string>(200,
                                           wire::encode(wire::EnrolAnswer{device, *net::to_pem(*other.certificate),
                                                                          *net::to_pem(*collector.ca().certificate)}));
    });
    CHECK(uplink::enrol(options()).error().code == errc::conflict);
    collector.then_post(
        [](std::string const&) { return std::pair<int, std::string>(200, std::string(1UL << 20U, ' ')); });
    CHECK(!uplink::enrol(options()));
    CHECK(!uplink::has_identity(dir / "state"));
}

TEST_CASE_FIXTURE(EnrolFixture, "enrol: what is no token, and who cannot be reached, is told")
{
    auto wanted = options();
    for (auto const* const word : {"", "rc1.", "rc1.????", "hello", "rc2.e30"}) {
        wanted.token = word;
        auto const wrong = uplink::enrol(wanted);
        REQUIRE(!wrong);
        CHECK(wrong.error().code == errc::bad_input);
    }
    wanted.token = wire::encode_token({"127.0.0.1:1", std::string(64, 'a'), "secret"});
    auto const nobody = uplink::enrol(wanted);
    REQUIRE(!nobody);
    CHECK(nobody.error().code == errc::io);
    CHECK(nobody.error().trace.find("127.0.0.1:1") != std::string::npos);
}

TEST_CASE_FIXTURE(EnrolFixture, "enrol: through a proxy, which sees TLS only, and is kept for the agent")
{
    support::FakeProxy const proxy(support::FakeProxy::Manner::forward, "alice:sec ret");
    collector.then_post([this](std::string const& body) { return accept(body); });
    collector.then_post([this](std::string const& body) { return accept(body); });
    auto wanted = options();
    wanted.proxy = proxy.url("alice:sec%20ret");
    REQUIRE(uplink::enrol(wanted));
    REQUIRE(proxy.requests().size() == 1);
    CHECK(proxy.requests().front().find("CONNECT " + collector.address() + " HTTP/1.1\r\n") == 0);
    CHECK(proxy.carried().size() > 500);
    for (auto const* const secret : {"secret", "/enrol", "BEGIN CERTIFICATE"})
        CHECK(proxy.carried().find(secret) == std::string::npos);
    auto const kept = uplink::load_proxy(dir / "state");
    REQUIRE(kept);
    REQUIRE(*kept);
    CHECK((*kept)->credentials == "alice:sec ret");

    // Once more without the environment: by the one that was kept.
    wanted.proxy = {};
    wanted.replace = true;
    REQUIRE(uplink::enrol(wanted));
    CHECK(proxy.requests().size() == 2);
}

TEST_CASE_FIXTURE(EnrolFixture,
                  "enrol: a proxy that does not let through is told with what to do, and nothing is saved")
{
    using Manner = support::FakeProxy::Manner;
    auto const refused = [this](Manner manner, std::string const& credentials, errc code, std::string_view what) {
        support::FakeProxy const proxy(manner, "alice:right");
        auto wanted = options();
        wanted.proxy = proxy.url(credentials);
        if (manner == Manner::hang) wanted.limit = 300ms;
        auto const enrolled = uplink::enrol(wanted);
        REQUIRE(!enrolled);
        CAPTURE(enrolled.error().trace);
        CHECK(enrolled.error().code == code);
        CHECK(enrolled.error().trace.find("proxy 127.0.0.1:" + std::to_string(proxy.port())) != std::string::npos);
        CHECK(enrolled.error().trace.find(what) != std::string::npos);
        CHECK(enrolled.error().trace.find("wrong") == std::string::npos);
        CHECK(!uplink::has_identity(dir / "state"));
        CHECK(!std::filesystem::exists(dir / "state" / "proxy"));
    };
    refused(Manner::forward, "", errc::refused, "wants a user name and a password");
    refused(Manner::forward, "alice:wrong", errc::refused, "does not accept user name and password");
    refused(Manner::forbid, "alice:right", errc::refused, "status 403");
    refused(Manner::hang, "alice:right", errc::timed_out, "");
    refused(Manner::close, "alice:right", errc::io, "");
    refused(Manner::nonsense, "alice:right", errc::io, "");
    auto wanted = options();
    wanted.proxy = "https://alice:wrong@proxy:1";
    CHECK(uplink::enrol(wanted).error().code == errc::bad_input);
    CHECK(collector.connections() == 0);

    // Where NO_PROXY names the collector, the proxy does not count.
    collector.then_post([this](std::string const& body) { return accept(body); });
    wanted.no_proxy = "127.0.0.1,localhost";
    CHECK(uplink::enrol(wanted));
    CHECK(!std::filesystem::exists(dir / "state" / "proxy"));

    // Nor does one of an earlier place.
    REQUIRE(uplink::save_proxy(dir / "state", "http://alice:secret@127.0.0.1:1"));
    wanted.replace = true;
    collector.then_post([this](std::string const& body) { return accept(body); });
    CHECK(uplink::enrol(wanted));
    CHECK(!std::filesystem::exists(dir / "state" / "proxy"));
}

TEST_CASE("enrol: what a broken collector says cannot harm the terminal")
{
    auto const error = uplink::enrolment_refusal(500, "{\"detail\":\"\\u001b[2J" + std::string(5000, 'x') + "\"}");
    CHECK(error.trace.find('\x1b') == std::string::npos);
    CHECK(error.trace.size() < 1000);
    CHECK(uplink::enrolment_refusal(502, "<html>").trace.find("502") != std::string::npos);
    CHECK(uplink::enrolment_refusal(400, "[]").code == errc::refused);
}

TEST_CASE("identity: a missing file says what to do, a damaged one too")
{
    support::TempDir const dir;
    auto const missing = uplink::load_identity(dir.path());
    REQUIRE(!missing);
    CHECK(missing.error().code == errc::not_found);
    CHECK(missing.error().trace.find("rollcall-agent enrol") != std::string::npos);
    REQUIRE(uplink::save_identity(dir.path(), {"host:1", device, {"k", "c", "a"}}));
    CHECK(uplink::load_identity(dir.path()));
    REQUIRE(uplink::save_identity(dir.path(), {"host:1", "nobody", {"k", "c", "a"}}));
    CHECK(uplink::load_identity(dir.path()).error().code == errc::corrupt);
    REQUIRE(uplink::save_identity(dir.path(), {"host:1", device, {"", "c", "a"}}));
    CHECK(uplink::load_identity(dir.path()).error().trace.find("key_pem") != std::string::npos);
}
