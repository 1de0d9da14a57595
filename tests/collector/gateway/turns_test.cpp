#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "collector/gateway/turns.hpp"
#include "world.hpp"

using namespace rollcall;
using namespace rollcall::gateway;
using namespace rollcall::gateway::test;

namespace
{

asio::awaitable<void> step(Turns& turns, bool begun, std::string name, std::vector<std::string>& order)
{
    co_await turns.wait(begun);
    order.push_back(std::move(name));
}

/// What is ready again and again, as the telemetry of many devices is.
void stay_ready(asio::io_context& io, std::vector<std::string>& order, int times)
{
    order.emplace_back("other");
    if (times > 1) asio::post(io, [&io, &order, times] { stay_ready(io, order, times - 1); });
}

} // namespace

TEST_CASE("turns: what was begun comes before what is new, each in its order")
{
    asio::io_context io(1);
    Turns turns(io.get_executor());
    std::vector<std::string> order;
    for (int i = 0; i < 6; ++i)
        asio::co_spawn(io, step(turns, false, "new " + std::to_string(i), order), asio::detached);
    for (int i = 0; i < 2; ++i)
        asio::co_spawn(io, step(turns, true, "begun " + std::to_string(i), order), asio::detached);
    io.run();
    CHECK(order ==
          std::vector<std::string>{"begun 0", "begun 1", "new 0", "new 1", "new 2", "new 3", "new 4", "new 5"});
    CHECK(turns.waiting() == 0);
}

TEST_CASE("turns: what else is ready on the loop waits for a few steps only, however many wait for a turn")
{
    asio::io_context io(1);
    Turns turns(io.get_executor());
    std::vector<std::string> order;
    constexpr int storm = 400;
    for (int i = 0; i < storm; ++i)
        asio::co_spawn(io, step(turns, false, "step", order), asio::detached);
    asio::post(io, [&] { stay_ready(io, order, 2 * storm); });
    io.run();
    std::size_t in_a_row = 0;
    std::size_t longest = 0;
    std::size_t steps = 0;
    for (auto const& what : order) {
        in_a_row = what == "step" ? in_a_row + 1 : 0;
        longest = std::max(longest, in_a_row);
        steps += what == "step" ? 1 : 0;
    }
    CHECK(steps == storm);
    CHECK(longest <= Turns::at_a_time);
}

TEST_CASE("turns: while many connect at once, a device that is connected is heard, and all of them get in")
{
    World world;
    world.options.threads = 1;
    world.options.limits.handshake = std::chrono::seconds(60);
    world.start();
    AgentClient device(world);
    device.text(wire::encode(wire::FromAgent(world.hello())));
    REQUIRE(world.until([&] { return world.hellos.size() == 1; }));
    std::vector<std::thread> crowd;
    std::atomic<int> connected = 0;
    for (int i = 0; i < 48; ++i)
        crowd.emplace_back([&] {
            Client const client(world.port, {"rollcall-agent/1"}, &world.identity);
            connected += client.connected ? 1 : 0;
        });
    for (std::uint64_t i = 1; i <= 50; ++i)
        device.text(World::event(i));
    CHECK(world.until([&] { return world.messages.size() == 50; }));
    for (auto& one : crowd)
        one.join();
    CHECK(connected == 48);
}
