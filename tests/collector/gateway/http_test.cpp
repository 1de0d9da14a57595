#include <sys/resource.h>

#include "common/log/log.hpp"
#include "world.hpp"

using namespace rollcall;
using namespace rollcall::gateway;
using namespace rollcall::gateway::test;
using namespace std::chrono_literals;

TEST_CASE("http: a connection is kept for many requests, also for those sent ahead")
{
    World world;
    world.start();
    Client client(world.port, {"http/1.1"});
    REQUIRE(client.connected);
    auto const first = client.get("/a?x=1");
    CHECK(first.status == 200);
    CHECK(first.body == "GET /a ");
    CHECK(is_uuid(first.headers.at("x-request-id")));
    CHECK(first.headers.at("x-content-type-options") == "nosniff");
    CHECK(first.headers.contains("date"));
    CHECK_FALSE(first.headers.contains("server"));

    client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
                "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.response().body == "GET /1 ");
    CHECK(client.response().body == "POST /2 body");
    CHECK(client.response().body == "GET /3 ");
    CHECK(world.requests.size() == 4);
    CHECK(world.requests.front().query.at("x") == "1");
    CHECK(world.requests.front().remote == "127.0.0.1");
    CHECK(world.requests.front().headers.at("host") == "localhost");
    CHECK(world.gateway->counters().http_requests == 4);
}

TEST_CASE("http: HEAD is GET without the body, and a close is kept")
{
    World world;
    world.start();
    Client client(world.port);
    client.send("HEAD /big HTTP/1.1\r\nHost: x\r\n\r\n");
    auto const head = client.response(true);
    CHECK(head.status == 200);
    CHECK(head.headers.at("content-length") == "3000000");
    CHECK(client.get("/after").body == "GET /after ");
    client.send("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    auto const last = client.response();
    CHECK(last.headers.at("connection") == "close");
    CHECK(client.ended());
}

TEST_CASE("http: a streamed body comes whole, piece by piece, and the connection is kept")
{
    World world;
    world.start();
    Client client(world.port);
    for (auto const* const path : {"/stream", "/stream-late"}) {
        auto const whole = client.get(path);
        CHECK(whole.status == 200);
        CHECK(whole.headers.at("content-length") == std::to_string(World::Stream::bytes));
        REQUIRE(whole.body.size() == World::Stream::bytes);
        CHECK(whole.body.front() == 'b');
        CHECK(whole.body[World::Stream::piece] == 'c');
    }
    client.send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.response(true).headers.at("content-length") == std::to_string(World::Stream::bytes));
    CHECK(world.stream->asked == 0);
    CHECK(client.get("/after").body == "GET /after ");
    client.send("GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(client.response().body.size() == World::Stream::bytes);
    CHECK(client.ended());
}

TEST_CASE("http: a body whose size nobody knows comes in chunks, and what is cut off is seen")
{
    World world;
    world.start();
    Client client(world.port);
    auto const whole = client.get("/stream-unsized");
    CHECK(whole.headers.at("transfer-encoding") == "chunked");
    CHECK_FALSE(whole.headers.contains("content-length"));
    REQUIRE(whole.body.size() == World::Stream::bytes);
    CHECK(whole.body[World::Stream::piece] == 'c');
    CHECK(client.get("/after").body == "GET /after ");
    client.send("GET /stream-unsized-broken HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.response().body.empty());
    CHECK(world.until_counters([](auto const& counters) { return counters.open_browsers == 0; }));
    Client old(world.port);
    old.send("GET /stream-unsized HTTP/1.0\r\nHost: x\r\n\r\n");
    CHECK(old.response().status == 505);
}

TEST_CASE("http: of a streamed body that nobody reads no more is asked for, and the peer is cut off at its limit")
{
    World world;
    world.options.limits.send = 500ms;
    world.start();
    Client client(world.port, {}, nullptr, 4096);
    client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(world.until([&] { return world.stream != nullptr; }));
    CHECK(world.until_counters([](auto const& counters) { return counters.open_browsers == 0; }));
    CHECK(world.stream->asked > 0);
    // What the two ends of the socket hold, and no more.
    CHECK(world.stream->asked * World::Stream::piece < World::Stream::bytes);
}

TEST_CASE("http: a streamed body that cannot be read to its end ends the connection, so that its loss is seen")
{
    World world;
    world.start();
    Client client(world.port);
    client.send("GET /stream-broken HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.response().body.empty());
    CHECK(world.until_counters([](auto const& counters) { return counters.open_browsers == 0; }));
    Client other(world.port);
    CHECK(other.get("/x").status == 200);
}

TEST_CASE("http: large answers, chunked requests and 100-continue")
{
    World world;
    world.start();
    Client client(world.port);
    CHECK(client.get("/big").body.size() == 3'000'000);
    client.send("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    CHECK(client.response().body == "POST /c abc");
    client.send("POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(client.response().status == 100);
    client.send("ok");
    CHECK(client.response().body == "POST /e ok");
}

TEST_CASE("http: what is too long is answered with a problem that names the limit")
{
    World world;
    world.start();
    auto const limit = std::to_string(world.options.limits.body_bytes);
    SUBCASE("declared body")
    {
        Client client(world.port);
        client.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n");
        auto const answer = client.response();
        CHECK(answer.status == 413);
        CHECK(answer.headers.at("content-type") == "application/problem+json");
        CHECK(answer.body.find(limit) != std::string::npos);
        CHECK(client.ended());
    }
    SUBCASE("chunked body")
    {
        Client client(world.port);
        std::string const chunk(300'000, 'x');
        client.send("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n" + chunk + "\r\n");
        CHECK(client.response().status == 413);
    }
    SUBCASE("header")
    {
        Client client(world.port);
        client.send("GET /x HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(20'000, 'x') + "\r\n\r\n");
        CHECK(client.response().status == 431);
        CHECK(client.ended());
    }
    SUBCASE("address")
    {
        Client client(world.port);
        client.send("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n");
        CHECK(client.response().status == 431);
    }
    CHECK(world.requests.empty());
}

TEST_CASE("http: what is no sound HTTP/1.1 is answered with 400 and reaches no handler")
{
    World world;
    world.start();
    for (auto const* const bad :
         {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a/%2e%2e/b HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /a HTTP/1.1\r\n\r\n", "GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "garbage\r\n\r\n",
          "GET /a HTTP/9.9\r\nHost: x\r\n\r\n",
          "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\n",
          "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc"}) {
        CAPTURE(bad);
        Client client(world.port);
        client.send(bad);
        auto answer = client.response();
        CHECK(answer.status == 400);
        CHECK(answer.headers["content-type"] == "application/problem+json");
        CHECK(client.ended());
    }
    CHECK(world.requests.empty());
}

TEST_CASE("http: a handler cannot split its response, and an unknown WebSocket is a 404")
{
    World world;
    world.start();
    Client client(world.port);
    auto const split = client.get("/split");
    CHECK(split.status == 200);
    CHECK(split.head.find("Set-Cookie") == std::string::npos);
    CHECK(client.get("/api/v1/live").status == 426);
    CHECK(client.upgrade("/agent", "rollcall.v1").status == 404);
    CHECK(client.ended());
}

TEST_CASE("http: slow, silent and unanswered connections are closed")
{
    World world;
    world.options.limits.request = 150ms;
    world.options.limits.idle = 150ms;
    world.options.limits.answer = 150ms;
    world.start();
    SUBCASE("a request that never ends")
    {
        Client client(world.port);
        client.send("GET /a HTTP/1.1\r\nHost: ");
        CHECK(client.ended());
    }
    SUBCASE("no request at all")
    {
        Client client(world.port);
        CHECK(client.ended());
    }
    SUBCASE("a handler that forgets")
    {
        Client client(world.port);
        client.send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
        CHECK(client.ended());
        CHECK(world.until([&] { return world.kept.size() == 1; }));
        world.kept.front()({}); // The connection is gone: that must not matter.
    }
    CHECK(world.until_counters([](Counters const& now) { return now.open_browsers == 0; }));
}

TEST_CASE("http: an answer after the gateway's end, and a second one, harm nobody")
{
    World world;
    world.start();
    Client client(world.port);
    client.send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(world.until([&] { return world.kept.size() == 1; }));
    world.gateway->stop();
    world.kept.front()({});
    world.kept.front()({});
    CHECK(client.ended());
}

TEST_CASE("http: an address has only so many connections")
{
    World world;
    world.options.limits.unauthenticated_per_address = 3;
    world.start();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(std::make_unique<Client>(world.port));
        CHECK(clients.back()->connected);
    }
    CHECK_FALSE(Client(world.port).connected);
    CHECK(world.gateway->counters().refused_per_address == 1);
    clients.clear();
    CHECK(world.until_counters([](Counters const& now) { return now.open_browsers == 0; }));
    CHECK(Client(world.port).connected);
}

TEST_CASE("http: the whole gateway has only so many connections")
{
    World world;
    world.options.limits.connections = 2;
    world.start();
    Client const first(world.port);
    Client const second(world.port);
    CHECK(second.connected);
    CHECK_FALSE(Client(world.port).connected);
    CHECK(world.gateway->counters().refused_total == 1);
}

TEST_CASE("gateway: a port that is taken, an address that is not ours and nonsense are told in a sentence")
{
    World world;
    world.start();
    auto options = world.options;
    options.port = world.port;
    auto const taken = Gateway::start(options, world, world, world);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == errc::conflict);
    CHECK(taken.error().trace.find("port " + std::to_string(world.port) + " is already in use") != std::string::npos);
    CHECK(taken.error().trace.find("another port") != std::string::npos);

    options.port = 0;
    options.address = "192.0.2.1";
    CHECK(Gateway::start(options, world, world, world).error().code == errc::bad_input);
    options.address = "nonsense";
    CHECK(Gateway::start(options, world, world, world).error().code == errc::bad_input);
    options.address = "127.0.0.1";
    options.tls.key_pem = "nonsense";
    CHECK_FALSE(Gateway::start(options, world, world, world));
}

TEST_CASE("gateway: without an address it listens on all, IPv4 too")
{
    World world;
    world.options.address = "";
    world.start();
    Client client(world.port);
    CHECK(client.get("/a").status == 200);
    CHECK(world.requests.front().remote == "127.0.0.1");
}

TEST_CASE("gateway: it stops twice, and with connections open")
{
    World world;
    world.start();
    Client const idle(world.port);
    int const raw = open_socket(world.port);
    REQUIRE(world.until_counters([](Counters const& now) { return now.open_browsers + now.open_handshakes == 2; }));
    world.gateway->stop();
    world.gateway->stop();
    ::close(raw);
    CHECK_FALSE(Client(world.port).connected);
}

TEST_CASE("gateway: with no descriptor left it waits, says so, and goes on when there is one")
{
    World world;
    world.start();
    log::Capture const log;
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit const tight{.rlim_cur = 200, .rlim_max = before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
    std::vector<int> fillers;
    for (int one = ::dup(0); one >= 0; one = ::dup(0))
        fillers.push_back(one);
    REQUIRE_FALSE(fillers.empty());
    ::close(fillers.back());
    fillers.pop_back();
    int const last = open_socket(world.port); // The kernel connects; nobody can accept it.
    CHECK(last >= 0);
    CHECK(world.until_counters([](Counters const& now) { return now.accept_errors > 0; }));
    CHECK(log.has("gateway.accept_failed"));
    for (int const one : fillers)
        ::close(one);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(world.until_counters([](Counters const& now) { return now.accepted == 1; }));
    CHECK(world.gateway->counters().accept_errors < 100); // It did not spin.
    ::close(last);
    CHECK(Client(world.port).get("/a").status == 200);
}

TEST_CASE("gateway: a loop that does not come round is seen")
{
    /// Holds up the loop that asks it.
    class Blocking final : public World
    {
    public:
        void handle(HttpRequest request, std::function<void(HttpResponse)> done) override
        {
            std::unique_lock lock(mutex);
            held = true;
            changed.notify_all();
            changed.wait(lock, [this] { return go_on; });
            lock.unlock();
            World::handle(std::move(request), std::move(done));
        }
        bool held = false;
        bool go_on = false;
    };
    Blocking world;
    world.start();
    CHECK(world.gateway->alive(std::chrono::minutes(1)));
    Client client(world.port);
    REQUIRE(client.connected);
    client.send("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
    REQUIRE(world.until([&] { return world.held; }));
    auto const eventually = [&](auto condition) {
        for (int i = 0; i < 3000 && !condition(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return condition();
    };
    auto const limit = std::chrono::seconds(1);
    CHECK(eventually([&] { return !world.gateway->alive(limit); }));
    {
        std::lock_guard const lock(world.mutex);
        world.go_on = true;
    }
    world.changed.notify_all();
    CHECK(eventually([&] { return world.gateway->alive(limit); }));
    CHECK(client.response().status == 200);
}
