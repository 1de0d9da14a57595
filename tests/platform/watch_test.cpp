#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "platform/watch.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

TEST_CASE("watch: it starts, stops, and starts once only")
{
    auto const changes = platform::make_changes();
    REQUIRE(changes->start([](std::string_view) {}));
    auto const again = changes->start([](std::string_view) {});
    REQUIRE_FALSE(again);
    CHECK(reason(again.error()) == "conflict");
    changes->stop();
    changes->stop();
    REQUIRE(changes->start([](std::string_view) {}));
}

TEST_CASE("watch: stopping what never started, and dropping what runs, ends cleanly")
{
    platform::make_changes()->stop();
    auto const changes = platform::make_changes();
    REQUIRE(changes->start([](std::string_view) {}));
}

TEST_CASE("watch: a touched package state is told")
{
    // Only root may touch it, and closing it unchanged changes nothing.
    static constexpr auto status = "/var/lib/dpkg/status";
    if (::access(status, W_OK) != 0) return;
    std::mutex mutex;
    std::condition_variable heard;
    std::set<std::string> probes;
    auto const changes = platform::make_changes();
    REQUIRE(changes->start([&](std::string_view probe) {
        std::lock_guard const lock(mutex);
        probes.emplace(probe);
        heard.notify_all();
    }));
    int const file = ::open(status, O_WRONLY | O_CLOEXEC);
    REQUIRE(file >= 0);
    ::close(file);
    std::unique_lock lock(mutex);
    CHECK(heard.wait_for(lock, 30s, [&] { return probes.contains("software") && probes.contains("patches"); }));
}
