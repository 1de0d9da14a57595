#include <doctest/doctest.h>

#include <atomic>
#include <future>

#include "collector/view/api/pool.hpp"

using rollcall::api::Pool;

TEST_CASE("pool: a full queue says no, and what was taken is done before stop returns")
{
    Pool pool(1, 2);
    std::promise<void> started;
    std::promise<void> go_on;
    auto const gate = go_on.get_future().share();
    std::atomic<int> done = 0;
    REQUIRE(pool.submit([&] {
        started.set_value();
        gate.wait();
        ++done;
    }));
    started.get_future().wait();
    CHECK(pool.submit([&] { ++done; }));
    CHECK(pool.submit([&] { ++done; }));
    CHECK_FALSE(pool.submit([&] { ++done; }));
    CHECK(pool.waiting() == 2);
    go_on.set_value();
    pool.stop();
    CHECK(done == 3);
    CHECK_FALSE(pool.submit([] {}));
}
