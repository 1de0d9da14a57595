#include <fstream>

#include "common/log/log.hpp"
#include "world.hpp"

using namespace rollcall;
using namespace rollcall::gateway;
using namespace rollcall::gateway::test;
using namespace std::chrono_literals;

namespace
{

/// What a Refused frame says; "" where it is none.
std::string refusal(Frame const& frame)
{
    auto const message = wire::decode_from_collector(frame.payload);
    if (!message || !std::holds_alternative<wire::Refused>(*message)) return {};
    auto const& refused = std::get<wire::Refused>(*message);
    return refused.reason + ": " + refused.remedy;
}

std::string hello_of(World const& world) { return wire::encode(wire::FromAgent(world.hello())); }

} // namespace

TEST_CASE("tls: a browser is never asked for a certificate, a device always")
{
    World world;
    world.start();
    for (auto const& protocols : {std::vector<std::string>{}, {"http/1.1"}, {"h2", "http/1.1"}, {"h2"}}) {
        Client client(world.port, protocols, &world.identity);
        CHECK(client.connected);
        CHECK_FALSE(client.asked);
        CHECK(SSL_version(client.ssl()) == TLS1_3_VERSION);
        bool const knows_http = !protocols.empty() && protocols.back() == "http/1.1";
        CHECK(client.alpn() == (knows_http ? "http/1.1" : ""));
        CHECK(client.get("/x").status == 200);
    }
    Client device(world.port, {"http/1.1", "rollcall-agent/1"}, &world.identity);
    CHECK(device.connected);
    CHECK(device.asked);
    CHECK(device.alpn() == "rollcall-agent/1");
}

/// A certificate as somebody else's authority would have made it.
static BrowserCertificate foreign_certificate(support::TempDir const& folder)
{
    auto const other = Authority::open(folder.path(), {}, real_now());
    REQUIRE(other);
    return {.key_pem = (*other)->material().key_pem, .chain_pem = (*other)->material().chain_pem};
}

static std::string shown_to(Client const& client)
{
    net::Certificate const shown(SSL_get1_peer_certificate(client.ssl()));
    REQUIRE(shown);
    return net::fingerprint(*shown);
}

TEST_CASE("tls: browsers are shown the certificate that was given, agents and enrolment our own; it changes live")
{
    World world;
    support::TempDir const folder;
    auto const given = foreign_certificate(folder);
    auto const fingerprint_of = [](std::string const& pem) {
        return net::fingerprint(**net::certificate_from_pem(pem));
    };
    auto const ours = fingerprint_of(world.options.tls.chain_pem);
    world.options.browser = given;
    world.start();
    auto const check = [&](std::string const& browsers_see) {
        for (auto const& protocols : {std::vector<std::string>{}, {"http/1.1"}, {"h2", "http/1.1"}, {"h2"}}) {
            Client client(world.port, protocols);
            REQUIRE(client.connected);
            CHECK_FALSE(client.asked);
            CHECK(shown_to(client) == browsers_see);
            CHECK(sk_X509_num(SSL_get_peer_cert_chain(client.ssl())) == 2);
            CHECK(client.get("/x").status == 200);
        }
        Client const device(world.port, {"http/1.1", "rollcall-agent/1"}, &world.identity);
        REQUIRE(device.connected);
        CHECK(device.asked);
        CHECK(device.alpn() == "rollcall-agent/1");
        CHECK(shown_to(device) == ours);
        Client enrolment(world.port, {"rollcall-enrol/1"});
        REQUIRE(enrolment.connected);
        CHECK_FALSE(enrolment.asked);
        CHECK(enrolment.alpn() == "rollcall-enrol/1");
        CHECK(shown_to(enrolment) == ours);
        CHECK(enrolment.get("/x").status == 200);
    };
    check(fingerprint_of(given.chain_pem));

    Client before(world.port);
    support::TempDir const another;
    auto const fresh = foreign_certificate(another);
    REQUIRE(world.gateway->show_browsers(fresh));
    check(fingerprint_of(fresh.chain_pem));
    CHECK(before.get("/x").status == 200); // It goes on with what it began with.

    CHECK_FALSE(world.gateway->show_browsers({.key_pem = given.key_pem, .chain_pem = fresh.chain_pem}));
    CHECK_FALSE(world.gateway->show_browsers({.key_pem = fresh.key_pem, .chain_pem = "nothing"}));
    CHECK_FALSE(world.gateway->show_browsers({}));
    check(fingerprint_of(fresh.chain_pem));
}

TEST_CASE("browser certificate: its end and its names, and what is wrong with it")
{
    support::TempDir const folder;
    support::TempDir const another;
    auto const given = foreign_certificate(folder);
    auto const other = foreign_certificate(another);
    auto const end = ends_at(given);
    REQUIRE(end);
    CHECK(*end > real_now() + 300 * 86'400'000LL);
    CHECK(is_for(given, "localhost"));
    CHECK(is_for(given, "127.0.0.1"));
    CHECK_FALSE(is_for(given, "rollcall.example"));
    auto const wrong = [](BrowserCertificate const& certificate, std::string_view part) {
        auto const refused = ends_at(certificate);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().trace.find(part) == 0);
    };
    wrong({.key_pem = given.key_pem, .chain_pem = other.chain_pem}, "browser_key: does not belong");
    wrong({.key_pem = "", .chain_pem = given.chain_pem}, "browser_key: ");
    wrong({.key_pem = given.key_pem, .chain_pem = ""}, "browser_certificate: ");
    wrong({.key_pem = given.key_pem,
           .chain_pem = given.chain_pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
          "browser_certificate: ");
}

TEST_CASE("tls: the server sends its CA along, so that an enrolment can pin it")
{
    World world;
    world.start();
    Client const client(world.port);
    auto* const chain = SSL_get_peer_cert_chain(client.ssl());
    REQUIRE(sk_X509_num(chain) == 2);
    CHECK(net::fingerprint(*sk_X509_value(chain, 1)) == world.authority->fingerprint());
}

TEST_CASE("tls: a device without a certificate is refused and told why")
{
    World world;
    world.start();
    Client client(world.port, {"rollcall-agent/1"});
    CHECK(client.ended());
    CHECK(client.error.find("certificate required") != std::string::npos);
    CHECK(world.until_counters([&](Counters const&) { return world.failures("no_certificate") == 1; }));
}

TEST_CASE("tls: a certificate of another CA is refused, however it is named")
{
    World world;
    world.start();
    support::TempDir const elsewhere;
    auto const stranger = Authority::open(elsewhere.path(), {}, real_now());
    auto const identity = make_identity(**stranger, world.device_id);
    Client client(world.port, {"rollcall-agent/1"}, &identity);
    CHECK(client.ended());
    CHECK(world.until_counters([&](Counters const&) { return world.failures("bad_certificate") == 1; }));
    CHECK(world.hellos.empty());
}

TEST_CASE("tls: the server's own certificate does not make a device")
{
    World world;
    world.start();
    Identity const identity{.key_pem = world.options.tls.key_pem, .certificate_pem = world.options.tls.chain_pem};
    Client client(world.port, {"rollcall-agent/1"}, &identity);
    CHECK(client.ended());
    CHECK(world.until_counters([&](Counters const&) { return world.failures("bad_certificate") == 1; }));
}

TEST_CASE("tls: a device certificate that ran out, or of the future, comes through with its times")
{
    World world;
    world.start();
    auto const key = net::make_key();
    auto const request = net::make_request(**key, "x");
    constexpr std::int64_t day_ms = 86'400'000;
    std::size_t greeted = 0;
    for (auto const away_days : {-(device_days + 1), 30}) {
        auto const made_ms = real_now() + away_days * day_ms;
        auto const made = world.authority->sign(*net::to_pem(**request), world.device_id, made_ms);
        world.identity = {.key_pem = *net::to_pem(**key), .certificate_pem = made->pem};
        AgentClient client(world);
        client.text(hello_of(world));
        ++greeted;
        REQUIRE(world.until([&] { return world.hellos.size() == greeted; }));
    }
    CHECK(world.peers.at(0).expires_ms < real_now());
    CHECK(world.peers.at(1).issued_ms > real_now());
    CHECK(world.peers.at(1).expires_ms - world.peers.at(1).issued_ms == device_days * day_ms + 3'600'000);
}

TEST_CASE("agent: a renewal takes the place of the hello, is answered, and nothing follows it")
{
    World world;
    world.start();
    AgentClient client(world);
    client.text(wire::encode(wire::FromAgent(wire::Renew{.request_pem = "a request"})));
    REQUIRE(world.until([&] { return world.renewals.size() == 1; }));
    CHECK(world.renewals.front().request_pem == "a request");
    CHECK(world.peers.front().device_id == world.device_id);
    CHECK(world.gateway->counters().open_agents == 0);
    world.agent_sockets.front()->send(wire::Renewed{.certificate_pem = "c", .ca_pem = "a"});
    CHECK(std::get<wire::Renewed>(*wire::decode_from_collector(client.next().payload)).certificate_pem == "c");
    client.text(hello_of(world));
    CHECK(refusal(client.next()).find("after renew or separate nothing else is said") != std::string::npos);
    CHECK(client.next().close_code() == 1008);
    CHECK(world.hellos.empty());
    CHECK(world.closings.empty());

    AgentClient connected(world);
    connected.text(hello_of(world));
    REQUIRE(world.until([&] { return world.hellos.size() == 1; }));
    connected.text(wire::encode(wire::FromAgent(wire::Renew{.request_pem = "a request"})));
    CHECK(refusal(connected.next()).find("renew or separate instead of it") != std::string::npos);
}

TEST_CASE("agent: a copy asks for an identity of its own instead of the hello, on a connection of its own")
{
    World world;
    world.start();
    AgentClient client(world);
    client.text(wire::encode(wire::FromAgent(wire::Separate{.request_pem = "a request", .host_name = "copy"})));
    REQUIRE(world.until([&] { return world.separations.size() == 1; }));
    CHECK(world.separations.front().host_name == "copy");
    CHECK(world.peers.front().device_id == world.device_id);
    CHECK(world.gateway->counters().open_agents == 0);
    world.agent_sockets.front()->send(wire::Separated{.device_id = "d", .certificate_pem = "c", .ca_pem = "a"});
    CHECK(std::get<wire::Separated>(*wire::decode_from_collector(client.next().payload)).device_id == "d");
    client.text(hello_of(world));
    CHECK(refusal(client.next()).find("after renew or separate nothing else is said") != std::string::npos);
    CHECK(client.next().close_code() == 1008);
    CHECK(world.closings.empty());

    AgentClient connected(world);
    connected.text(hello_of(world));
    REQUIRE(world.until([&] { return world.hellos.size() == 1; }));
    connected.text(wire::encode(wire::FromAgent(wire::Separate{.request_pem = "a request"})));
    CHECK(refusal(connected.next()).find("separate instead of it") != std::string::npos);
}

TEST_CASE("tls: half a handshake, no handshake and plain HTTP are ended in time")
{
    World world;
    world.options.limits.handshake = 2s;
    world.start();
    int const silent = open_socket(world.port);
    int const half = open_socket(world.port);
    int const plain = open_socket(world.port);
    CHECK(::send(half, "\x16\x03\x01\x02\x00\x01", 6, 0) == 6);
    CHECK(::send(plain, "GET / HTTP/1.1\r\n\r\n", 18, 0) == 18);
    std::array<char, 64> byte{};
    for (int const one : {silent, half}) {
        errno = 0;
        CHECK(::recv(one, byte.data(), byte.size(), 0) <= 0);
        CHECK(errno != EAGAIN);
    }
    while (::recv(plain, byte.data(), byte.size(), 0) > 0) {
    }
    for (int const one : {silent, half, plain})
        ::close(one);
    CHECK(world.until_counters([&](Counters const& now) { return now.open_handshakes == 0; }));
    CHECK(world.failures("timed_out") == 2);
    CHECK(world.failures("protocol") == 1);
}

TEST_CASE("agent: hello, records, answers and goodbye reach the other side in order")
{
    World world;
    world.start();
    {
        AgentClient client(world);
        client.text(hello_of(world));
        REQUIRE(world.until([&] { return world.hellos.size() == 1; }));
        CHECK(world.peers.front().device_id == world.device_id);
        CHECK(world.peers.front().remote == "127.0.0.1");
        CHECK(world.peers.front().fingerprint ==
              net::fingerprint(**net::certificate_from_pem(world.identity.certificate_pem)));
        CHECK(world.gateway->counters().open_agents == 1);

        world.agent_sockets.front()->send(wire::Welcome{.server_ms = 5});
        CHECK(std::holds_alternative<wire::Welcome>(*wire::decode_from_collector(client.next().payload)));
        for (std::uint64_t i = 1; i <= 20; ++i)
            client.text(World::event(i));
        REQUIRE(world.until([&] { return world.messages.size() == 20; }));
        for (std::uint64_t i = 1; i <= 20; ++i)
            CHECK(std::get<wire::Event>(world.messages[i - 1]).sequence == i);
        world.agent_sockets.front()->send(wire::Ack{.lane = "event", .sequence = 20});
        CHECK(std::get<wire::Ack>(*wire::decode_from_collector(client.next().payload)).sequence == 20);
        client.text(wire::encode(wire::FromAgent(wire::Goodbye{.reason = "stopped"})));
    }
    REQUIRE(world.until([&] { return world.closings.size() == 1; }));
    CHECK(world.closings.front() == "goodbye");
    world.agent_sockets.front()->send(wire::Ack{.lane = "event", .sequence = 21}); // Nobody is there any more.
}

TEST_CASE("agent: the upgrade wants /agent and its subprotocol")
{
    World world;
    world.start();
    {
        Client client(world.port, {"rollcall-agent/1"}, &world.identity);
        CHECK(client.upgrade("/other", "rollcall.v1").status == 404);
        CHECK(client.ended());
    }
    {
        Client client(world.port, {"rollcall-agent/1"}, &world.identity);
        CHECK(client.upgrade("/agent").status == 400);
    }
    {
        Client client(world.port, {"rollcall-agent/1"}, &world.identity);
        CHECK(client.upgrade("/agent", "rollcall.v2").status == 400);
    }
    {
        Client client(world.port, {"rollcall-agent/1"}, &world.identity);
        CHECK(client.get("/api/v1/devices").status == 404);
    }
    Client client(world.port, {"rollcall-agent/1"}, &world.identity);
    auto const answer = client.upgrade("/agent", "other, rollcall.v1");
    CHECK(answer.status == 101);
    CHECK(answer.headers.at("sec-websocket-protocol") == "rollcall.v1");
    CHECK_FALSE(answer.headers.contains("sec-websocket-extensions"));
    CHECK(world.requests.empty());
}

TEST_CASE("agent: a message that does not fit is refused with the name of what is wrong")
{
    World world;
    world.start();
    auto const [text, word] = [&]() -> std::pair<std::string, std::string> {
        auto const good = hello_of(world);
        auto said = world.hello();
        SUBCASE("truncated JSON") { return {good.substr(0, good.size() / 2), "message: "}; }
        SUBCASE("no JSON at all") { return {"hello there", "message: "}; }
        SUBCASE("a wrong type")
        {
            auto bad = good;
            return {bad.replace(bad.find("\"boot\""), 6, "17"), "hello.boot_id"};
        }
        SUBCASE("a missing field")
        {
            auto bad = good;
            return {bad.replace(bad.find("\"epoch\":"), 8, "\"epuch\":"), "hello.epoch"};
        }
        SUBCASE("another device's name")
        {
            said.device_id = make_uuid(real_now());
            return {wire::encode(wire::FromAgent(said)), "hello.device_id"};
        }
        SUBCASE("not hello") { return {World::event(1), "hello"}; }
        return {};
    }();
    if (text.empty()) return;
    AgentClient client(world);
    client.text(text);
    auto const answer = client.next();
    CAPTURE(refusal(answer));
    CHECK(refusal(answer).starts_with("message: "));
    CHECK(refusal(answer).find(word) != std::string::npos);
    CHECK(client.next().close_code() == 1008);
    client.frame(8, "\x03\xf0");
    CHECK(client.ended());
    CHECK(world.hellos.empty());
    CHECK(world.closings.empty());
    CHECK(world.gateway->counters().agent_messages_refused == 1);
}

TEST_CASE("agent: later messages are checked too, and the handler hears the end once")
{
    World world;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    SUBCASE("a bad record") { client.text(R"({"type":"event","sequence":"one"})"); }
    SUBCASE("hello again") { client.text(hello_of(world)); }
    CHECK(refusal(client.next()).starts_with("message: "));
    CHECK(client.next().close_code() == 1008);
    client.frame(8, "\x03\xf0");
    CHECK(client.ended());
    REQUIRE(world.until([&] { return !world.closings.empty(); }));
    CHECK(world.closings == std::vector<std::string>{"refused"});
}

TEST_CASE("agent: what a newer agent says is skipped, and logged once")
{
    World world;
    world.start();
    log::Capture const log;
    AgentClient client(world);
    client.text(hello_of(world));
    for (int i = 0; i < 3; ++i)
        client.text(R"({"type":"from_the_future","sequence":1})");
    client.text(World::event(1));
    REQUIRE(world.until([&] { return world.messages.size() == 1; }));
    auto const lines = log.lines();
    CHECK(std::count_if(lines.begin(), lines.end(), [](std::string const& line) {
              return line.find("agent.unknown_message") != std::string::npos;
          }) == 1);
    CHECK(world.until([&] { return world.closings.empty(); })); // Under its lock.
}

TEST_CASE("agent: ten megabytes are answered with 1009 and logged")
{
    World world;
    world.start();
    log::Capture const log;
    AgentClient client(world);
    client.text(hello_of(world));
    client.text(std::string(10'000'000, 'x'));
    CHECK(client.next().close_code() == 1009);
    CHECK(client.ended());
    REQUIRE(world.until([&] { return !world.closings.empty(); }));
    CHECK(world.closings.front() == "too_big");
    CHECK(log.has("agent.message_too_long"));
}

TEST_CASE("agent: a message just within the limit arrives")
{
    World world;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    client.text(R"({"type":"from_the_future","x":")" + std::string(4'000'000, 'x') + "\"}");
    client.text(World::event(1));
    CHECK(world.until([&] { return world.messages.size() == 1; }));
}

TEST_CASE("agent: binary frames and text that is not UTF-8 end the session")
{
    World world;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    SUBCASE("binary")
    {
        client.frame(2, "\x01\x02");
        CHECK(client.next().close_code() == 1003);
    }
    SUBCASE("UTF-8")
    {
        client.text("\xff\xfe");
        CHECK(client.next().close_code() == 1007);
    }
    client.frame(8, "\x03\xe8");
    CHECK(world.until([&] { return world.closings.size() == 1; }));
}

TEST_CASE("agent: heartbeats carry the clock; other payloads are tolerated")
{
    World world;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    REQUIRE(world.until([&] { return world.hellos.size() == 1; }));
    client.frame(10, "1800000000000");
    client.frame(10, "");
    client.frame(10, "12x");
    client.frame(10, "-5");
    client.frame(9, "are you there");
    REQUIRE(world.until([&] { return world.clocks.size() == 5; }));
    CHECK(world.clocks == std::vector<UnixMs>{1'800'000'000'000, 0, 0, 0, 0});
    CHECK(client.next().opcode == 10);
}

TEST_CASE("agent: silence ends the session, a heartbeat keeps it")
{
    World world;
    world.options.limits.silence = 2000ms;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    for (int i = 0; i < 10; ++i) {
        std::this_thread::sleep_for(300ms);
        client.frame(10, "1");
    }
    {
        std::lock_guard const lock(world.mutex);
        CHECK(world.closings.empty());
    }
    CHECK(client.ended());
    REQUIRE(world.until([&] { return world.closings.size() == 1; }));
    CHECK(world.closings.front() == "silent");
}

TEST_CASE("agent: whoever falls silent is noticed within 30 s, and a heartbeat may be late by three repeats of TCP")
{
    constexpr auto sweep = 500ms; // The longest there is.
    CHECK(Limits{}.silence + 2 * sweep <= 29s);
    CHECK(Limits{}.silence - wire::limits::heartbeat >= 1s + 2s + 4s);
}

TEST_CASE("agent: without a hello there is no session")
{
    World world;
    world.options.limits.handshake = 4s;
    world.start();
    AgentClient client(world);
    CHECK(client.ended());
    CHECK(world.hellos.empty());
    CHECK(world.closings.empty());
}

TEST_CASE("agent: a full queue stops the reading until it goes on")
{
    World world;
    world.options.limits.silence = 200ms;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    REQUIRE(world.until([&] { return world.hellos.size() == 1; }));
    world.full = true;
    for (std::uint64_t i = 1; i <= 5; ++i)
        client.text(World::event(i));
    REQUIRE(world.until([&] { return world.messages.size() == 1; }));
    std::this_thread::sleep_for(500ms); // Longer than the silence: it is not the device that is silent.
    std::function<void()> resume;
    {
        std::lock_guard const lock(world.mutex);
        CHECK(world.messages.size() == 1);
        CHECK(world.closings.empty());
        world.full = false;
        resume = world.resume;
    }
    resume();
    CHECK(world.until([&] { return world.messages.size() == 5; }));
    resume(); // Once too often must not matter.
}

TEST_CASE("agent: who runs ahead of the acknowledgements is refused")
{
    World world;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    auto const limit = wire::limits::unacknowledged_records;
    for (std::uint64_t i = 1; i <= limit; ++i)
        client.text(World::event(i));
    REQUIRE(world.until([&] { return world.messages.size() == limit; }));
    world.agent_sockets.front()->send(wire::Ack{.lane = "event", .sequence = 2});
    CHECK(client.next().opcode == 1);
    client.text(World::event(limit + 1));
    client.text(World::event(limit + 2));
    REQUIRE(world.until([&] { return world.messages.size() == limit + 2; }));
    client.text(World::event(limit + 3));
    CHECK(refusal(client.next()).starts_with("protocol: "));
}

TEST_CASE("agent: readings come out as records, which count one by one")
{
    World world;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    auto const readings = [](std::uint64_t first, std::size_t count) {
        std::vector<wire::Series> series;
        for (std::size_t i = 0; i < count; ++i)
            series.push_back({.sequence = first + i, .probe = "cpu", .taken_ms = 1000, .samples = {{"", {1.5}}}});
        return wire::encode(wire::FromAgent(wire::pack(std::move(series))));
    };
    auto const limit = wire::limits::unacknowledged_records;
    client.text(readings(1, limit));
    REQUIRE(world.until([&] { return world.messages.size() == limit; }));
    auto const* const last = std::get_if<wire::Series>(&world.messages.back());
    REQUIRE(last != nullptr);
    CHECK(last->sequence == limit);
    world.agent_sockets.front()->send(wire::Ack{.lane = "series", .sequence = 2});
    CHECK(client.next().opcode == 1);
    client.text(readings(limit + 1, 2));
    REQUIRE(world.until([&] { return world.messages.size() == limit + 2; }));
    client.text(readings(limit + 3, 1));
    CHECK(refusal(client.next()).starts_with("protocol: "));
}

TEST_CASE("agent: readings that cannot be are refused with the name of what is wrong")
{
    World world;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    client.text("[1,5]");
    CHECK(refusal(client.next()).find("readings: must be 1 to 256") != std::string::npos);
}

TEST_CASE("agent: a series that travels alone, as it lies in the spool, is refused")
{
    World world;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    client.text(R"({"type":"series","sequence":1,"probe":"cpu","taken_ms":5,"samples":[["",1.5]]})");
    CHECK(refusal(client.next()).find("series travel as readings") != std::string::npos);
    CHECK(world.messages.empty());
}

TEST_CASE("agent: a refusal of the handler is told and ends the session")
{
    World world;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    REQUIRE(world.until([&] { return world.hellos.size() == 1; }));
    world.agent_sockets.front()->refuse({.reason = "revoked", .remedy = "enrol again"});
    client.text(World::event(1)); // Is no longer taken.
    CHECK(refusal(client.next()) == "revoked: enrol again");
    CHECK(client.next().close_code() == 1008);
    client.frame(8, "\x03\xf0");
    REQUIRE(world.until([&] { return world.closings.size() == 1; }));
    CHECK(world.closings.front() == "refused");
}

TEST_CASE("agent: a revoked device's connections are closed, another's are not")
{
    World world;
    world.start();
    AgentClient first(world);
    first.text(hello_of(world));
    REQUIRE(world.until([&] { return world.hellos.size() == 1; }));
    world.gateway->close_device(make_uuid(real_now()));
    world.gateway->close_device(world.device_id);
    CHECK(first.next().close_code() == 1008);
    first.frame(8, "\x03\xf0");
    REQUIRE(world.until([&] { return world.closings.size() == 1; }));
    CHECK(world.closings.front() == "dropped");
}

TEST_CASE("agent: one that does not read is closed at the queue's limit")
{
    World world;
    world.options.limits.agent_queue_bytes = 100'000;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    REQUIRE(world.until([&] { return world.hellos.size() == 1; }));
    wire::Resync big;
    big.probes.assign(20, std::string(1000, 'x'));
    for (int i = 0; i < 2000; ++i)
        world.agent_sockets.front()->send(big);
    REQUIRE(world.until([&] { return world.closings.size() == 1; }));
    CHECK(world.closings.front() == "slow");
}

TEST_CASE("agent: a stop says 1001 and tells the handler")
{
    World world;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    REQUIRE(world.until([&] { return world.hellos.size() == 1; }));
    std::thread peer([&] {
        CHECK(client.next().close_code() == 1001);
        client.frame(8, "\x03\xe9");
        CHECK(client.ended());
    });
    world.gateway->stop();
    peer.join();
    CHECK(world.closings == std::vector<std::string>{"stopping"});
}

TEST_CASE("agent: a stop does not wait for one that does not answer")
{
    World world;
    world.options.limits.closing = 200ms;
    world.start();
    AgentClient client(world);
    client.text(hello_of(world));
    REQUIRE(world.until([&] { return world.hellos.size() == 1; }));
    world.gateway->stop();
    CHECK(world.closings == std::vector<std::string>{"stopping"});
}

TEST_CASE("gateway: a thousand connections come and go and leave nothing")
{
    World world;
    world.start();
    auto const descriptors = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                             std::filesystem::directory_iterator());
    };
    auto const before = descriptors();
    for (int i = 0; i < 250; ++i) {
        AgentClient client(world);
        client.text(hello_of(world));
        Client browser(world.port);
        CHECK(browser.get("/x").status == 200);
        Client const refused(world.port, {"rollcall-agent/1"});
        ::close(open_socket(world.port));
    }
    CHECK(world.until_counters([](Counters const& now) {
        return now.open_agents + now.open_browsers + now.open_handshakes == 0 && now.accepted == 1000;
    }));
    CHECK(world.until([&] { return world.closings.size() == world.hellos.size(); }));
    CHECK(descriptors() == before);
}
