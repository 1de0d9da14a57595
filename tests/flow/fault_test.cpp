#include <doctest/doctest.h>

#include <filesystem>
#include <set>

#include <sys/mount.h>

#include "common/wire/limits.hpp"
#include "tests/flow/world.hpp"

using namespace rollcall;
using flow::cell;
using flow::World;
using namespace std::chrono_literals;

namespace
{

constexpr auto year = std::chrono::hours(365 * 24);

void log_in_as(World& world, int number)
{
    auto const name = "s" + std::to_string(number);
    world.machine.change("sessions", [&](flow::Scene& scene) {
        scene.sessions.push_back(flow::session(name, "user " + name, world.device_clock->now_ms()));
    });
}

/// Sessions that began, with the time at which that is stored.
std::multimap<std::string, UnixMs> began(World& world, std::string const& id)
{
    std::multimap<std::string, UnixMs> found;
    for (auto const& event : world.events(id, "log_in"))
        found.emplace(std::string(event.detail.at("session").as_string()), event.at_ms);
    return found;
}

/// A small file system of its own, for as long as this lives.
class SmallDisk
{
public:
    explicit SmallDisk(std::filesystem::path path)
        : path_(std::move(path))
    {
        std::filesystem::create_directory(path_);
        mounted_ = mount("none", path_.c_str(), "tmpfs", 0, "size=200m") == 0;
    }
    ~SmallDisk()
    {
        if (mounted_) umount2(path_.c_str(), MNT_DETACH);
    }
    SmallDisk(SmallDisk const&) = delete;
    SmallDisk& operator=(SmallDisk const&) = delete;
    [[nodiscard]] bool mounted() const { return mounted_; }
    /// As much as is on it, and not a byte more.
    void fill() const
    {
        auto const space = std::filesystem::space(path_);
        resize(space.capacity - space.free);
    }
    void resize(std::uintmax_t bytes) const
    {
        auto const option = "size=" + std::to_string(bytes);
        REQUIRE(mount("none", path_.c_str(), "tmpfs", MS_REMOUNT, option.c_str()) == 0);
    }

private:
    std::filesystem::path path_;
    bool mounted_ = false;
};

} // namespace

TEST_CASE_FIXTURE(World,
                  "flow: a collector with a full disk acknowledges nothing, and with space all goes on by itself")
{
    auto const id = begin({"os", "sessions"});
    REQUIRE(eventually([&] { return device(id).users.value == 0 && waiting(wire::Lane::event) == 0; }));
    stop_collector();
    relay.cut();
    SmallDisk const disk(folder / "disk");
    if (!disk.mounted()) {
        MESSAGE("skipped: no right to mount a small file system");
        return;
    }
    std::filesystem::copy(folder / "collector", folder / "disk/data", std::filesystem::copy_options::recursive);
    start_collector("disk/data");
    relay.restore();
    REQUIRE(eventually_online(id));

    disk.fill();
    constexpr int people = 5;
    for (int number = 1; number <= people; ++number)
        log_in_as(*this, number);
    REQUIRE(eventually([&] { return captured.has("store.commit_failed") && waiting(wire::Lane::event) >= people; }));
    REQUIRE(eventually([&] { return agent().report().uplink.problem.find("storage") != std::string::npos; }));
    CHECK(waiting(wire::Lane::event) >= people);
    CHECK(device(id).users.value == 0); // People still see what is stored.
    CHECK(began(*this, id).empty());

    disk.resize(200UL * 1024 * 1024);
    REQUIRE(eventually([&] { return device(id).users.value == people && waiting(wire::Lane::event) == 0; }));
    auto const stored = began(*this, id);
    CHECK(stored.size() == people);
    for (int number = 1; number <= people; ++number)
        CHECK(stored.count("s" + std::to_string(number)) == 1);
    CHECK(captured.has("store.recovered"));
    CHECK(eventually_online(id));
    CHECK_FALSE(captured.has("agent.gap"));
    stop_agent();
    stop_collector();
}

TEST_CASE_FIXTURE(World, "flow: a connection that a router forgot is dialled again, and nothing is lost or doubled")
{
    idle = 1s;
    auto const id = begin({"os", "sessions"});
    REQUIRE(eventually([&] { return device(id).users.value == 0 && waiting(wire::Lane::event) == 0; }));
    relay.forget();
    for (int number = 1; number <= 3; ++number)
        log_in_as(*this, number);
    CHECK(eventually([&] { return device(id).users.value == 3 && waiting(wire::Lane::event) == 0; }));
    CHECK(began(*this, id).size() == 3);
    CHECK(eventually_online(id));
    // The old one had not ended for the collector.
    CHECK(captured.has("agent.replaced"));
    CHECK_FALSE(captured.has("agent.gap"));
}

TEST_CASE_FIXTURE(World, "flow: ten thousand rows that change at once are all there as they are now")
{
    constexpr int packages = 10'000;
    auto const all_in = [](std::string const& version) {
        return [version](flow::Scene& scene) {
            auto const like = scene.software.front();
            scene.software.assign(packages, like);
            for (int i = 0; i < packages; ++i) {
                auto& one = scene.software[static_cast<std::size_t>(i)];
                one.name = "package-" + std::to_string(packages + i);
                one.version = version;
            }
        };
    };
    machine.change("software", all_in("1.0"));
    auto const id = begin({"os", "software", "sessions"});
    REQUIRE(eventually([&] { return table(id, "software").total == packages; }));
    pass(60s);
    machine.change("software", all_in("2.0"));
    log_in_as(*this, 1);
    CHECK(eventually([&] { return cell(table(id, "software"), "package-10000", "version") == "2.0"; }));
    CHECK(table(id, "software").total == packages);
    CHECK(table(id, "software").as_of_ms == clock->now_ms());
    CHECK(eventually([&] { return began(*this, id).size() == 1; }));
    CHECK(eventually([&] { return waiting(wire::Lane::state) == 0; }));
    auto const last = page.get<api::ProbeTable>("/api/v1/devices/" + id + "/probes/software?search=package-19999");
    CHECK(cell(last, "package-19999", "version") == "2.0");
    CHECK_FALSE(captured.has("agent.bad_record"));
    CHECK_FALSE(captured.has("agent.gap"));
    CHECK(device(id).availability == "online");
}

TEST_CASE_FIXTURE(World, "flow: a clock that is a year off, either way, or jumps moves nothing that happened")
{
    auto const begun_ms = clock->now_ms();
    device_clock->go_wrong(-year);
    auto const id = begin({"os", "hardware", "sessions", "services", "load"});
    REQUIRE(eventually([&] { return device(id).users.value == 0 && device(id).clock_offset_ms; }));
    auto const offset = [&] { return device(id).clock_offset_ms.value_or(0); };
    CHECK(offset() == -std::chrono::milliseconds(year).count());

    int number = 0;
    auto const now_and_then = [&](std::chrono::milliseconds wrong) {
        device_clock->go_wrong(wrong);
        pass(60s);
        ++number;
        log_in_as(*this, number);
        REQUIRE(eventually([&] { return device(id).users.value == number && waiting(wire::Lane::event) == 0; }));
        auto const stored = began(*this, id);
        auto const newest = stored.find("s" + std::to_string(number));
        REQUIRE(newest != stored.end());
        CHECK(newest->second == clock->now_ms());
        CHECK(table(id, "sessions").as_of_ms == clock->now_ms());
        CHECK(eventually([&] { return offset() == wrong.count(); }));
    };
    now_and_then(-year);
    now_and_then(year); // Two years ahead at once,
    now_and_then(0ms);  // and set right.
    now_and_then(-year);
    now_and_then(0ms);

    // All that was read lies within the test's few minutes.
    REQUIRE_FALSE(series(id, "load").curves.empty());
    for (auto const& event : page.get<api::EventList>("/api/v1/devices/" + id + "/events?limit=500").items) {
        CAPTURE(event.name);
        CHECK(event.at_ms >= begun_ms);
        CHECK(event.at_ms <= clock->now_ms());
    }
    settle();
    CHECK(alerts("device_offline", "open").empty());
    CHECK(page.get<api::AlertList>("/api/v1/alerts?status=open").items.empty());
    CHECK(device(id).availability == "online");
}
