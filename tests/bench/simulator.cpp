// Simulated devices for benchmarks: what they tell is made up; key, certificate, spool, uplink and TLS are the agent's
// own, each device with its own.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "agent/spool/spool_thread.hpp"
#include "agent/uplink/enrol.hpp"
#include "agent/uplink/uplink.hpp"
#include "common/core/clock.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"
#include "common/wire/codec.hpp"

namespace
{

using namespace rollcall;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

std::filesystem::path folder_of(std::string const& folder, std::size_t number)
{
    return std::filesystem::path(folder) / fmt::format("{:05}", number);
}

void print(std::string const& line)
{
    std::puts(line.c_str());
    std::fflush(stdout);
}

int complain(Error const& error)
{
    std::fprintf(stderr, "rollcall-simulator: %s\n", error.trace.c_str());
    return 1;
}

struct Plan {
    std::string folder;
    std::size_t first = 0;
    std::size_t count = 1;
    unsigned threads = 4;              ///< Enrolments at a time.
    std::chrono::milliseconds every{}; ///< Between two readings of a device; 0 = none.
    bool flood = false;                ///< As fast as they are acknowledged.
    std::size_t disks = 4;             ///< Lines of three values in each reading, beside four of the processor.
    std::int64_t changes_per_s = 0;    ///< Of all devices together, one after the other; 0 = none.
    bool tell_time = false;            ///< A change is a new name of the machine; with this the name is the time.
};

int enrol(Plan const& plan)
{
    std::string token;
    std::getline(std::cin, token);
    std::atomic<std::size_t> next = plan.first;
    std::atomic<int> failed = 0;
    auto const work = [&] {
        for (auto number = next++; number < plan.first + plan.count && failed == 0; number = next++) {
            uplink::EnrolOptions options;
            options.folder = folder_of(plan.folder, number);
            options.token = token;
            options.host_name = fmt::format("simulated-{:05}", number);
            options.hardware_id = sha256_hex(options.host_name);
            auto const enrolled = uplink::enrol(options);
            if (!enrolled && failed++ == 0) complain(enrolled.error());
        }
    };
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < plan.threads; ++thread)
        threads.emplace_back(work);
    for (auto& thread : threads)
        thread.join();
    return failed == 0 ? 0 : 1;
}

/// A curve like a machine's: a walk with one decimal, as the agent's probes round.
class Curve
{
public:
    explicit Curve(std::uint64_t seed)
        : engine_(seed)
        , value_(static_cast<double>(engine_() % 1000) / 10)
    {
    }
    double next()
    {
        value_ += std::normal_distribution<double>(0.0, 3.0)(engine_);
        value_ = value_ < 0 ? -value_ : value_ > 100 ? 200 - value_ : value_;
        return static_cast<double>(static_cast<std::int64_t>(value_ * 10)) / 10;
    }

private:
    std::mt19937_64 engine_;
    double value_;
};

/// One simulated device.
///
/// Owns: its spool with its thread, its uplink with its thread.  Threads: one.  Blocks: start() and append().
class Device
{
public:
    static Result<std::unique_ptr<Device>> start(Plan const& plan, std::size_t number, Clock const& clock)
    {
        auto const folder = folder_of(plan.folder, number);
        auto identity = uplink::load_identity(folder);
        if (!identity) return identity.error();
        spool::Options const kept{.folder = folder, .clock = &clock, .limits = {}};
        auto spool = spool::Spool::open(kept);
        if (!spool) return spool.error();
        std::unique_ptr<Device> device(new Device(number));
        device->spool_ = std::make_unique<spool::SpoolThread>(std::move(*spool), kept);
        uplink::Uplink::Options options;
        options.identity = std::move(*identity);
        options.boot_id = "simulated";
        options.clock = &clock;
        auto up = uplink::Uplink::start(std::move(options), *device->spool_);
        if (!up) return up.error();
        device->uplink_ = std::move(*up);
        return device;
    }

    [[nodiscard]] bool connected() const { return uplink_->status().state == uplink::Status::State::connected; }

    /// Readings that wait for their acknowledgement.
    std::uint64_t waiting()
    {
        return spool_->call<std::uint64_t>([](spool::Spool& spool) { return spool.count(wire::Lane::series).value(); });
    }

    void append(UnixMs now_ms, std::size_t disks)
    {
        wire::Series cpu{.probe = "cpu", .taken_ms = now_ms, .samples = {{"", {}}}};
        for (int column = 0; column < 4; ++column)
            cpu.samples[0].values.emplace_back(curve_.next());
        wire::Series io{.probe = "disk_io", .taken_ms = now_ms, .samples = {}};
        for (std::size_t disk = 0; disk < disks; ++disk)
            io.samples.push_back({fmt::format("sd{}", static_cast<char>('a' + disk % 26)),
                                  {curve_.next() * 10'000, curve_.next() * 10'000, curve_.next()}});
        auto* const uplink = uplink_.get();
        spool_->post([cpu = std::move(cpu), io = std::move(io), uplink](spool::Spool& spool) mutable {
            auto const one = spool.append(std::move(cpu));
            auto const other = io.samples.empty() ? Result<std::uint64_t>(0) : spool.append(std::move(io));
            if (!one || !other) complain(one ? other.error() : one.error());
            uplink->appended(wire::Lane::series);
        });
    }

    /// One row of one state probe differs.
    void rename(UnixMs now_ms, std::string name)
    {
        auto* const uplink = uplink_.get();
        spool_->post([now_ms, name = std::move(name), uplink](spool::Spool& spool) {
            Snapshot const now{
                {"", {{"family", std::string("linux")}, {"host_name", name}, {"name", std::string("Simulated")}}}};
            auto const before = spool.last("os");
            if (!before) return void(complain(before.error()));
            wire::State change;
            change.probe = "os";
            change.taken_ms = now_ms;
            if (*before) change.base = (*before)->digest;
            change.digest = wire::digest(now);
            change.rows = now;
            auto const appended = spool.append(std::move(change), now);
            if (!appended) complain(appended.error());
            uplink->appended(wire::Lane::state);
        });
    }

private:
    explicit Device(std::size_t number)
        : curve_(number)
    {
    }

    Curve curve_;
    std::unique_ptr<spool::SpoolThread> spool_;
    std::unique_ptr<uplink::Uplink> uplink_;
};

std::atomic<bool> asked_to_stop = false;

void wait_for_all(std::vector<std::unique_ptr<Device>> const& devices, Steady::time_point begun)
{
    for (auto const& device : devices)
        while (!device->connected() && !asked_to_stop)
            std::this_thread::sleep_for(5ms);
    auto const took = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begun);
    print(fmt::format(R"({{"connected": {}, "after_ms": {}}})", devices.size(), took.count()));
}

/// Sends until it is told to stop. Returns how many readings were appended.
void send(Plan const& plan, std::vector<std::unique_ptr<Device>> const& devices, Clock const& clock)
{
    // Readings of a device that may wait: enough to keep the line busy, too few to fill the spool.
    constexpr std::uint64_t most_waiting = 512;
    auto const step = plan.every / static_cast<std::int64_t>(devices.size());
    auto due = Steady::now();
    while (!asked_to_stop) {
        for (auto const& device : devices) {
            if (plan.flood) {
                if (device->waiting() > most_waiting) {
                    std::this_thread::sleep_for(1ms);
                    continue;
                }
                for (int reading = 0; reading < 32; ++reading)
                    device->append(clock.now_ms() + reading, plan.disks);
                continue;
            }
            due += step;
            std::this_thread::sleep_until(due);
            device->append(clock.now_ms(), plan.disks);
            if (asked_to_stop) break;
        }
    }
}

/// Changes at an even pace until it is told to stop.
void change(Plan const& plan, std::vector<std::unique_ptr<Device>> const& devices, Clock const& clock)
{
    auto const step = std::chrono::nanoseconds(1s) / plan.changes_per_s;
    auto due = Steady::now();
    for (std::uint64_t number = 0; !asked_to_stop; ++number) {
        due += step;
        std::this_thread::sleep_until(due);
        auto const now_ms = clock.now_ms();
        auto name = plan.tell_time ? fmt::format("at-{}", now_ms) : fmt::format("busy-{}", number);
        devices[number % devices.size()]->rename(now_ms, std::move(name));
    }
}

int run(Plan const& plan)
{
    SystemClock const clock;
    auto const begun = Steady::now();
    std::vector<std::unique_ptr<Device>> devices;
    for (std::size_t number = plan.first; number < plan.first + plan.count; ++number) {
        auto device = Device::start(plan, number, clock);
        if (!device) return complain(device.error());
        devices.push_back(std::move(*device));
    }
    wait_for_all(devices, begun);
    if (plan.changes_per_s > 0)
        change(plan, devices, clock);
    else if (plan.every.count() > 0 || plan.flood)
        send(plan, devices, clock);
    while (!asked_to_stop)
        std::this_thread::sleep_for(100ms);
    // They die as machines do whose plug is pulled: thousands of farewells are not what is measured.
    std::_Exit(0);
}

} // namespace

int main(int argc, char** argv)
{
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGTERM, [](int) { asked_to_stop = true; });
    log::set_level(log::Level::error);

    CLI::App app{"Simulated devices for benchmarks of Rollcall's collector."};
    app.require_subcommand(1);
    Plan plan;
    std::int64_t every_ms = 0;
    auto const add = [&](char const* name, char const* help) {
        auto* const command = app.add_subcommand(name, help);
        command->add_option("--folder", plan.folder, "Where each device has a folder of its own")->required();
        command->add_option("--first", plan.first, "Number of the first device");
        command->add_option("--count", plan.count, "How many devices");
        return command;
    };
    auto* const enrolling = add("enrol", "Enrol them with the token on standard input");
    enrolling->add_option("--threads", plan.threads, "Enrolments at a time");
    auto* const running = add("run", "Connect them and stay until SIGTERM");
    running->add_option("--every-ms", every_ms, "Between two readings of a device; none where absent");
    running->add_flag("--flood", plan.flood, "Readings as fast as they are acknowledged");
    running->add_option("--disks", plan.disks, "Lines of three values in each reading");
    running->add_option("--changes-per-s", plan.changes_per_s, "Machines renamed per second, instead of readings");
    running->add_flag("--tell-time", plan.tell_time, "The new name is the time");
    CLI11_PARSE(app, argc, argv);
    plan.every = std::chrono::milliseconds(every_ms);
    return *enrolling ? enrol(plan) : run(plan);
}
