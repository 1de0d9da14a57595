// Simulated devices for benchmarks: what they tell is made up; key, certificate, spool, session and TLS are the agent's
// own, each device with its own. What a machine has for itself they share, or two cores would not do for thousands: a
// few event loops instead of two threads each, and their spools are in memory.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "agent/spool/spool_queue.hpp"
#include "agent/uplink/backoff.hpp"
#include "agent/uplink/enrol.hpp"
#include "agent/uplink/identity.hpp"
#include "agent/uplink/outbox.hpp"
#include "agent/uplink/session.hpp"
#include "common/core/clock.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"
#include "common/net/address.hpp"
#include "common/net/tls.hpp"
#include "common/wire/codec.hpp"

namespace
{

using namespace rollcall;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

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
    unsigned loops = 2;                ///< Event loops, each with its thread and its share of the devices.
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

/// None of them ends by itself.
void end_all(std::exception_ptr const& thrown)
{
    try {
        if (thrown) std::rethrow_exception(thrown);
    } catch (std::exception const& bug) {
        std::fprintf(stderr, "rollcall-simulator: %s\n", bug.what());
    }
    std::_Exit(1);
}

/// Does at once what is asked of the spool: one in memory lets nobody wait.
class SpoolAtOnce final : public spool::SpoolQueue
{
public:
    SpoolAtOnce(spool::Spool spool, spool::Options options)
        : options_(std::move(options))
        , spool_(std::move(spool))
    {
    }
    void post(Job job) override { job(spool_); }
    [[nodiscard]] spool::Options const& options() const override { return options_; }
    spool::Spool& spool() { return spool_; }

private:
    spool::Options options_;
    spool::Spool spool_;
};

/// One simulated device.
///
/// Owns: its spool and its session.  Threads: its loop's; connected() any.  Blocks: no.
class Device
{
public:
    static Result<std::unique_ptr<Device>> make(Plan const& plan, std::size_t number, Clock const& clock,
                                                asio::io_context& loop)
    {
        auto identity = uplink::load_identity(folder_of(plan.folder, number));
        if (!identity) return identity.error();
        auto address = net::parse_address(identity->address);
        if (!address) return address.error();
        auto tls = net::make_agent_context(identity->tls);
        if (!tls) return tls.error();
        spool::Options const kept{.folder = {}, .clock = &clock, .limits = {}, .in_memory = true};
        auto spool = spool::Spool::open(kept);
        if (!spool) return spool.error();
        std::unique_ptr<Device> device(new Device(number, clock, loop, *std::move(identity), *std::move(address)));
        device->tls_ = std::make_shared<asio::ssl::context>(tls->release());
        device->spool_ = std::make_unique<SpoolAtOnce>(std::move(*spool), kept);
        return device;
    }

    void start() { asio::co_spawn(loop_, keep_connected(), end_all); }

    [[nodiscard]] bool connected() const { return connected_; }

    /// Readings that wait for their acknowledgement.
    std::uint64_t waiting() { return spool_->spool().count(wire::Lane::series).value(); }

    void append(UnixMs now_ms, std::size_t disks)
    {
        wire::Series cpu{.probe = "cpu", .taken_ms = now_ms, .samples = {{"", {}}}};
        for (int column = 0; column < 4; ++column)
            cpu.samples[0].values.emplace_back(curve_.next());
        auto const one = spool_->spool().append(std::move(cpu));
        if (!one) complain(one.error());
        if (disks > 0) {
            wire::Series io{.probe = "disk_io", .taken_ms = now_ms, .samples = {}};
            io.samples.reserve(disks);
            for (std::size_t disk = 0; disk < disks; ++disk)
                io.samples.push_back({fmt::format("sd{}", static_cast<char>('a' + disk % 26)),
                                      {wire::rounded(curve_.next() * 10'000, wire::Unit::bytes_per_s),
                                       wire::rounded(curve_.next() * 10'000, wire::Unit::bytes_per_s), curve_.next()}});
            auto const other = spool_->spool().append(std::move(io));
            if (!other) complain(other.error());
        }
        tell(wire::Lane::series);
    }

    /// One row of one state probe differs.
    void rename(UnixMs now_ms, std::string const& name)
    {
        Snapshot const now{
            {"", {{"family", std::string("linux")}, {"host_name", name}, {"name", std::string("Simulated")}}}};
        wire::State change;
        change.probe = "os";
        change.taken_ms = now_ms;
        change.base = digest_;
        change.digest = digest_ = wire::digest(now);
        change.rows = now;
        auto const appended = spool_->spool().append(std::move(change), now);
        if (!appended) complain(appended.error());
        tell(wire::Lane::state);
    }

private:
    Device(std::size_t number, Clock const& clock, asio::io_context& loop, uplink::Identity identity,
           net::Address address)
        : curve_(number)
        , random_([engine = std::mt19937_64(number)]() mutable {
            return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
        })
        , backoff_({}, random_)
        , clock_(clock)
        , loop_(loop)
        , identity_(std::move(identity))
        , address_(std::move(address))
        , pause_(loop)
    {
    }

    void tell(wire::Lane lane)
    {
        outbox_.appended(lane);
        if (session_) session_->wake();
    }

    asio::awaitable<void> keep_connected()
    {
        for (;;) {
            session_.emplace(uplink::Session::Context{.address = address_,
                                                      .proxy = proxy_,
                                                      .tls = tls_,
                                                      .spool = *spool_,
                                                      .outbox = outbox_,
                                                      .clock = clock_,
                                                      .device_id = identity_.device_id,
                                                      .boot_id = boot_id_,
                                                      .hardware = hardware_,
                                                      .heartbeat = wire::limits::heartbeat,
                                                      .idle = wire::limits::agent_idle,
                                                      .connected = [this](UnixMs) { connected_ = true; },
                                                      .acknowledged = [this] { backoff_.acknowledged(); },
                                                      .offered = takes_no_updates_});
            auto const end = co_await session_->run();
            connected_ = false;
            session_.reset();
            if (end.new_epoch) continue;
            pause_.expires_after(end.refused ? backoff_.next_after_refusal() : backoff_.next());
            co_await pause_.async_wait(quietly);
        }
    }

    Curve curve_;
    std::function<void(wire::Update const&)> const takes_no_updates_{};
    std::function<double()> random_;
    uplink::Backoff backoff_;
    Clock const& clock_;
    asio::io_context& loop_;
    uplink::Identity identity_;
    net::Address address_;
    std::optional<uplink::Proxy> proxy_;
    std::string boot_id_ = "simulated";
    std::function<wire::Hardware()> hardware_; ///< None to tell of.
    std::shared_ptr<asio::ssl::context> tls_;
    std::unique_ptr<SpoolAtOnce> spool_;
    uplink::Outbox outbox_;
    std::optional<uplink::Session> session_;
    std::string digest_; ///< Of what it told last.
    std::atomic<bool> connected_ = false;
    asio::steady_timer pause_;
};

using Devices = std::vector<std::unique_ptr<Device>>;

std::atomic<bool> asked_to_stop = false;

void wait_for_all(std::vector<Devices> const& shares, std::size_t count, Steady::time_point begun)
{
    for (auto const& share : shares)
        for (auto const& device : share)
            while (!device->connected() && !asked_to_stop)
                std::this_thread::sleep_for(5ms);
    auto const took = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begun);
    print(fmt::format(R"({{"connected": {}, "after_ms": {}}})", count, took.count()));
}

/// As many readings as are acknowledged, one device after the other.
asio::awaitable<void> flood(asio::io_context& loop, Devices& devices, Clock const& clock, std::size_t disks)
{
    // Readings of a device that may wait: enough to keep the line busy, too few to fill the spool.
    constexpr std::uint64_t most_waiting = 512;
    asio::steady_timer pause(loop);
    for (;;) {
        bool busy = false;
        for (auto const& device : devices) {
            if (device->waiting() > most_waiting) continue;
            busy = true;
            for (int reading = 0; reading < 32; ++reading)
                device->append(clock.now_ms() + reading, disks);
            pause.expires_after(0ms); // Others of this loop, too.
            co_await pause.async_wait(quietly);
        }
        pause.expires_after(busy ? 0ms : 1ms);
        co_await pause.async_wait(quietly);
    }
}

/// Calls `next` with one device after the other, at an even pace.
asio::awaitable<void> in_turn(asio::io_context& loop, Devices& devices, std::chrono::nanoseconds step,
                              std::function<void(Device&)> next)
{
    asio::steady_timer pause(loop, Steady::now());
    for (std::size_t number = 0;; ++number) {
        pause.expires_at(pause.expiry() + step);
        co_await pause.async_wait(quietly);
        next(*devices[number % devices.size()]);
    }
}

void set_to_work(Plan const& plan, asio::io_context& loop, Devices& devices, Clock const& clock)
{
    auto const share = static_cast<double>(devices.size()) / static_cast<double>(plan.count);
    auto const nanoseconds = [](double seconds) {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
    };
    if (devices.empty()) return;
    if (plan.changes_per_s > 0) {
        auto const step = nanoseconds(1.0 / (static_cast<double>(plan.changes_per_s) * share));
        auto const rename = [&plan, &clock, number = 0](Device& device) mutable {
            auto const now_ms = clock.now_ms();
            device.rename(now_ms,
                          plan.tell_time ? fmt::format("at-{}", now_ms) : fmt::format("busy-{}", number++ % 1000));
        };
        asio::co_spawn(loop, in_turn(loop, devices, step, rename), end_all);
    } else if (plan.flood) {
        asio::co_spawn(loop, flood(loop, devices, clock, plan.disks), end_all);
    } else if (plan.every.count() > 0) {
        auto const read = [&plan, &clock](Device& device) { device.append(clock.now_ms(), plan.disks); };
        asio::co_spawn(loop, in_turn(loop, devices, plan.every / static_cast<std::int64_t>(devices.size()), read),
                       end_all);
    }
}

int run(Plan const& plan)
{
    SystemClock const clock;
    std::vector<std::unique_ptr<asio::io_context>> loops;
    std::vector<Devices> shares(plan.loops);
    for (unsigned loop = 0; loop < plan.loops; ++loop)
        loops.push_back(std::make_unique<asio::io_context>(1));
    for (std::size_t number = 0; number < plan.count; ++number) {
        auto const home = number % plan.loops;
        auto device = Device::make(plan, plan.first + number, clock, *loops[home]);
        if (!device) return complain(device.error());
        shares[home].push_back(std::move(*device));
    }
    auto const begun = Steady::now();
    std::vector<std::thread> threads;
    for (unsigned home = 0; home < plan.loops; ++home) {
        for (auto const& device : shares[home])
            device->start();
        threads.emplace_back([&loop = *loops[home]] {
            auto const busy = asio::make_work_guard(loop);
            loop.run();
        });
    }
    wait_for_all(shares, plan.count, begun);
    for (unsigned home = 0; home < plan.loops; ++home)
        asio::post(*loops[home], [&, home] { set_to_work(plan, *loops[home], shares[home], clock); });
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
    running->add_option("--loops", plan.loops, "Event loops that share the devices")->check(CLI::Range(1, 64));
    running->add_flag("--flood", plan.flood, "Readings as fast as they are acknowledged");
    running->add_option("--disks", plan.disks, "Lines of three values in each reading");
    running->add_option("--changes-per-s", plan.changes_per_s, "Machines renamed per second, instead of readings");
    running->add_flag("--tell-time", plan.tell_time, "The new name is the time");
    CLI11_PARSE(app, argc, argv);
    plan.every = std::chrono::milliseconds(every_ms);
    return *enrolling ? enrol(plan) : run(plan);
}
