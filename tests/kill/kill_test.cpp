#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

#include "collector/store/store.hpp"
#include "tests/kill/child.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;
using kill_test::Child;

namespace
{

constexpr int short_rounds = 20;
constexpr int long_rounds = 1000;
/// Nothing takes this long on a machine that works; it ends a test that would hang.
constexpr auto patience = 300s;
/// Below the ports that the system hands out, so that nobody else is given ours while the collector is dead.
constexpr int first_port = 20'000;
constexpr int last_port = 29'999;

std::uint64_t number_from(char const* variable, std::uint64_t otherwise)
{
    auto const* const given = std::getenv(variable);
    return given == nullptr || *given == '\0' ? otherwise : std::strtoull(given, nullptr, 10);
}

bool is_free(int port)
{
    int const file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto const address = support::loopback(static_cast<std::uint16_t>(port));
    bool const bound = ::bind(file, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0;
    ::close(file);
    return bound;
}

struct Scene {
    explicit Scene(std::uint64_t chosen)
        : seed(chosen)
        , random(chosen)
        , port(free_port())
    {
    }

    /// Beside the device's numbers: which port is free is no part of the seed.
    static int free_port()
    {
        std::random_device chance;
        for (;;) {
            int const port = std::uniform_int_distribution(first_port, last_port)(chance);
            if (is_free(port)) return port;
        }
    }

    int between(int low, int high) { return std::uniform_int_distribution(low, high)(random); }
    void pause(int low_ms, int high_ms)
    {
        std::this_thread::sleep_for(std::chrono::milliseconds(between(low_ms, high_ms)));
    }
    [[nodiscard]] Child::Output output(std::string const& name) const
    {
        return {folder / (name + ".out"), folder / (name + ".err")};
    }
    [[nodiscard]] std::string path(std::string const& name) const { return (folder / name).string(); }

    template <class Condition>
    void until(std::string const& what, Condition condition)
    {
        auto const end = std::chrono::steady_clock::now() + patience;
        while (!condition()) {
            REQUIRE_MESSAGE(std::chrono::steady_clock::now() < end, what);
            std::this_thread::sleep_for(10ms);
        }
    }

    /// Of a program that is expected to end with 0.
    std::string run(std::string const& name, std::vector<std::string> words)
    {
        Child child(std::move(words), output(name));
        child.start();
        auto const status = child.wait(patience);
        INFO(child.last_words());
        REQUIRE(status == 0);
        return child.said();
    }

    void begin()
    {
        ::setenv("NO_PROXY", "*", 1); // Everything is on the loopback.
        collector.start();
        until("the collector listens", [&] { return collector.said().find("Address:") != std::string::npos; });
        auto const token =
            run("token", {ROLLCALL_COLLECTOR, "create-token", "--data", path("data"), "--customer", "A"});
        std::ofstream(path("token")) << token;
        run("enrol", {ROLLCALL_AGENT, "enrol", "--state", path("state"), "--token-file", path("token")});
        ledger.start();
        until("the ledger listens", [&] { return std::filesystem::exists(path("socket")); });
        device.start();
    }

    void strike(Child& victim)
    {
        if (victim.kill()) return;
        INFO(victim.last_words());
        INFO(ledger.said());
        REQUIRE_MESSAGE(false, "a program ended by itself");
    }

    void round()
    {
        int const victims = between(1, 3);
        if (between(0, 1) == 0)
            pause(0, 300); // While it still starts.
        else
            pause(300, 1200);
        if ((victims & 1) != 0) strike(device);
        if ((victims & 2) != 0) strike(collector);
        if (between(0, 1) == 0) pause(0, 300);
        if ((victims & 2) != 0) collector.start();
        if ((victims & 1) != 0) device.start();
        INFO(ledger.said());
        REQUIRE_FALSE(ledger.ended());
    }

    void finish(std::uint64_t rounds)
    {
        ledger.terminate();
        // While the device was dead the ledger went on: the more rounds, the more is left to be sent.
        auto const written = ledger.wait(patience + std::chrono::seconds(5) * rounds);
        INFO(ledger.said());
        INFO(device.last_words());
        INFO(collector.last_words());
        REQUIRE(written == 0);
        REQUIRE(device.wait(patience) == 0);
        collector.terminate();
        REQUIRE(collector.wait(patience) == 0);
        auto const log = collector.log();
        int renewed = 0;
        for (auto at = log.find("device.certificate_adopted"); at != std::string::npos;
             at = log.find("device.certificate_adopted", at + 1))
            ++renewed;
        std::printf("kill: %s", ledger.said().c_str());
        std::printf("kill: certificates renewed and used: %d\n", renewed);
    }

    std::uint64_t seed;
    std::mt19937_64 random;
    int port;
    support::TempDir folder;
    Child collector{{ROLLCALL_COLLECTOR, "serve", "--data", path("data"), "--listen", "127.0.0.1", "--port",
                     std::to_string(port), "--public-url", "https://127.0.0.1:" + std::to_string(port)},
                    output("collector")};
    Child ledger{{KILL_LEDGER, path("ledger.txt"), path("socket"), std::to_string(seed)}, output("ledger")};
    Child device{{KILL_DEVICE, path("state"), path("socket")}, output("device")};
};

std::map<std::uint64_t, std::string> read_ledger(std::string const& path)
{
    std::map<std::uint64_t, std::string> found;
    std::ifstream file(path);
    std::uint64_t number = 0;
    std::string text;
    while (file >> number >> text)
        found.emplace(number, text);
    return found;
}

struct Stored {
    std::vector<std::pair<std::uint64_t, std::string>> events; ///< Number and text, in the order of their arrival.
    std::vector<wire::Gap> gaps;
};

Stored read_store(std::filesystem::path const& data)
{
    Stored found;
    auto const store = store::Store::open({.file = data / "rollcall.db", .readers = 1});
    REQUIRE(store);
    auto const read = (*store)->read([&](sqlite::Database& db) -> Result<> {
        auto const devices = store::all_devices(db);
        if (!devices) return devices.error();
        if (devices->size() != 1) return fail(errc::conflict, "not one device");
        auto const& id = devices->front().id;
        auto const events = store::events_of(db, id, INT64_MAX);
        if (!events) return events.error();
        for (auto const& event : *events)
            found.events.emplace_back(
                std::strtoull(std::get<std::string>(event.detail.at("session")).c_str(), nullptr, 10),
                std::get<std::string>(event.detail.at("user")));
        auto gaps = store::gaps_of(db, id);
        if (!gaps) return gaps.error();
        found.gaps = std::move(*gaps);
        return {};
    });
    REQUIRE(read);
    return found;
}

} // namespace

TEST_CASE(
    "kill: after kill -9 of agent and collector at any moment, what was ever offered is stored, each exactly once")
{
    auto const rounds =
        number_from("ROLLCALL_KILL_ROUNDS", number_from("ROLLCALL_LONG", 0) != 0 ? long_rounds : short_rounds);
    auto const seed = number_from("ROLLCALL_KILL_SEED", std::random_device{}());
    std::printf("kill: rounds=%llu seed=%llu\n", static_cast<unsigned long long>(rounds),
                static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    CAPTURE(seed);

    Scene scene(seed);
    scene.begin();
    for (std::uint64_t round = 0; round < rounds; ++round) {
        CAPTURE(round);
        scene.round();
    }
    scene.finish(rounds);

    auto const ledger = read_ledger(scene.path("ledger.txt"));
    auto const stored = read_store(scene.folder / "data");
    REQUIRE(!ledger.empty());
    std::map<std::uint64_t, int> times;
    std::uint64_t false_texts = 0;
    for (auto const& [number, text] : stored.events) {
        ++times[number];
        auto const offered = ledger.find(number);
        false_texts += offered == ledger.end() || offered->second != text ? 1 : 0;
    }
    CHECK(false_texts == 0);
    CHECK(std::ranges::all_of(times, [](auto const& one) { return one.second == 1; }));
    std::uint64_t missing = 0;
    std::uint64_t untold = 0;
    for (auto const& [number, text] : ledger) {
        if (times.contains(number)) continue;
        ++missing;
        untold += std::ranges::none_of(stored.gaps, [n = number](wire::Gap const& gap) {
            return gap.lane == "event" && gap.first <= n && n <= gap.last;
        });
    }
    CHECK(untold == 0);
    CHECK(missing == 0); // The spool was never full, so there was no reason for a gap either.
    CHECK(stored.gaps.empty());
    CHECK(stored.events.size() == ledger.size());
    std::printf("kill: rounds=%llu ledger=%zu stored=%zu missing=%llu gaps=%zu\n",
                static_cast<unsigned long long>(rounds), ledger.size(), stored.events.size(),
                static_cast<unsigned long long>(missing), stored.gaps.size());
}
