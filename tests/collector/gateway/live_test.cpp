#include "common/log/log.hpp"
#include "world.hpp"

using namespace rollcall;
using namespace rollcall::gateway;
using namespace rollcall::gateway::test;
using namespace std::chrono_literals;

namespace
{

Answer open_live(Client& client, std::string const& cookie = "good")
{
    return client.get("/api/v1/live", "Cookie: " + cookie +
                                          "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                          "Sec-WebSocket-Version: 13\r\n"
                                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
}

} // namespace

TEST_CASE("live: who may not is refused with the handler's answer")
{
    World world;
    world.start();
    Client client(world.port, {"http/1.1"});
    CHECK(open_live(client, "bad").status == 401);
    CHECK(client.ended());
    CHECK(world.live_sockets.empty());
}

TEST_CASE("live: texts go both ways, and the end is told")
{
    World world;
    world.start();
    {
        Client client(world.port, {"http/1.1"});
        auto const answer = open_live(client);
        REQUIRE(answer.status == 101);
        CHECK(answer.headers.at("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        REQUIRE(world.until([&] { return world.live_sockets.size() == 1; }));
        CHECK(world.gateway->counters().open_live == 1);
        for (int i = 0; i < 50; ++i)
            world.live_sockets.front()->send(std::to_string(i));
        for (int i = 0; i < 50; ++i)
            CHECK(client.next_message().payload == std::to_string(i));
        client.text("hello");
        CHECK(world.until([&] { return world.live_texts == std::vector<std::string>{"hello"}; }));
    }
    CHECK(world.until([&] { return world.live_gone == 1; }));
    world.live_sockets.front()->send("nobody");
    world.live_sockets.front()->close(1000, "nobody");
}

TEST_CASE("live: the handler can close it with its own code")
{
    World world;
    world.start();
    Client client(world.port);
    REQUIRE(open_live(client).status == 101);
    REQUIRE(world.until([&] { return world.live_sockets.size() == 1; }));
    world.live_sockets.front()->send("last words");
    world.live_sockets.front()->close(4001, std::string(500, 'r'));
    CHECK(client.next_message().payload == "last words");
    CHECK(client.next_message().close_code() == 4001);
}

TEST_CASE("live: a browser that is too far behind is closed")
{
    World world;
    world.options.limits.live_queue_messages = 20;
    world.options.limits.closing = 200ms;
    world.start();
    log::Capture const log;
    Client client(world.port, {}, nullptr, 4096);
    REQUIRE(open_live(client).status == 101);
    REQUIRE(world.until([&] { return world.live_sockets.size() == 1; }));
    for (int i = 0; i < 3000; ++i)
        world.live_sockets.front()->send(std::string(10'000, 'x'));
    CHECK(world.until([&] { return world.live_gone == 1; }));
    CHECK(log.has("live.slow"));
}

TEST_CASE("live: long messages are answered with 1009, binary ones with 1003")
{
    World world;
    world.start();
    Client client(world.port);
    REQUIRE(open_live(client).status == 101);
    SUBCASE("long")
    {
        client.text(std::string(5000, 'x'));
        CHECK(client.next_message().close_code() == 1009);
    }
    SUBCASE("binary")
    {
        client.frame(2, "x");
        CHECK(client.next_message().close_code() == 1003);
    }
    client.frame(8, "\x03\xe8");
    CHECK(world.until([&] { return world.live_gone == 1; }));
}

TEST_CASE("live: browsers are pinged; the silent one is closed, the other one stays")
{
    World world;
    world.options.limits.live_ping = 200ms;
    world.start();
    Client silent(world.port);
    REQUIRE(open_live(silent).status == 101);
    Client lively(world.port);
    REQUIRE(open_live(lively).status == 101);
    for (int i = 0; i < 6; ++i) {
        auto const frame = lively.next();
        CHECK(frame.opcode == 9);
        lively.frame(10, frame.payload);
    }
    CHECK(world.until([&] { return world.live_gone == 1; }));
    world.gateway->close_device("nobody");
    CHECK(world.gateway->counters().open_live == 1);
}

TEST_CASE("live: a stop says 1001")
{
    World world;
    world.options.limits.closing = 500ms;
    world.start();
    Client client(world.port);
    REQUIRE(open_live(client).status == 101);
    REQUIRE(world.until([&] { return world.live_sockets.size() == 1; }));
    world.gateway->stop();
    CHECK(client.next_message().close_code() == 1001);
    CHECK(world.live_gone == 1);
}
