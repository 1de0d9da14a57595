// Fills a collector without its network through the pipeline (ingest.apply, rules, store, projection), then asks the
// API for pages of Devices and Alerts while devices change, and prints as JSON lines how long each kind of question
// took.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "collector/access/keys.hpp"
#include "collector/backend.hpp"
#include "collector/data_folder.hpp"
#include "collector/pipeline/pipeline.hpp"
#include "collector/view/api/api.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"
#include "common/wire/codec.hpp"

namespace
{

using namespace rollcall;
using namespace std::chrono_literals;
namespace json = boost::json;
using Steady = std::chrono::steady_clock;

constexpr auto password = "a sentence is easy to remember";
constexpr std::size_t most_waiting = 4000;
constexpr UnixMs day_ms = 86'400'000;

template <class T>
T must(Result<T> result)
{
    if (result) return *std::move(result);
    std::fprintf(stderr, "rollcall-lists: %s\n", result.error().trace.c_str());
    std::exit(1);
}
void must(Result<> const& result)
{
    if (result) return;
    std::fprintf(stderr, "rollcall-lists: %s\n", result.error().trace.c_str());
    std::exit(1);
}

/// A device's connection that hears everything and says nothing.
class DeafSocket final : public gateway::AgentSocket
{
public:
    void send(wire::FromCollector) override {}
    void refuse(wire::Refused why) override { std::fprintf(stderr, "refused: %s\n", why.reason.c_str()); }
};

struct Device {
    std::size_t number = 0;
    std::string id;
    gateway::AgentPeer peer;
    std::uint64_t state = 1;
    std::uint64_t series = 1;
};

/// What a machine of this number looks like.
Snapshot os_of(std::size_t n)
{
    static constexpr std::string_view families[] = {"linux", "windows", "macos"};
    auto const family = families[n % 10 < 3 ? 0 : n % 10 < 9 ? 1 : 2];
    return {{"", Row{{"family", std::string(family)},
                     {"name", fmt::format("{} {}", family, 10 + n % 7)},
                     {"version", fmt::format("{}.{}.{}", 10 + n % 7, n % 5, n % 90)},
                     {"host_name", fmt::format("host-{}", n)},
                     {"boot_ms", std::int64_t(1'700'000'000'000 + n * 1000)}}}};
}

Snapshot hardware_of(std::size_t n)
{
    return {{"", Row{{"device_type", n % 6 == 0 ? "Server" : "PC"},
                     {"memory_bytes", std::int64_t(4 + n % 5 * 4) << 30},
                     {"model", fmt::format("Model {}", n % 50)},
                     {"serial", fmt::format("S{:08}", n)}}}};
}

Snapshot services_of(std::size_t n, UnixMs now_ms)
{
    Snapshot rows;
    for (std::size_t i = 0; i < 4; ++i)
        rows[fmt::format("service-{}", (n + i) % 40)] =
            Row{{"state", i == 0   ? "stopped"
                          : i == 1 ? "failed"
                                   : "running"},
                {"expected", true},
                {"since_ms", std::int64_t(now_ms - day_ms - std::int64_t(n))}};
    return rows;
}

Snapshot patches_of(std::size_t n)
{
    Snapshot rows;
    for (std::size_t i = 0; i < n % 9; ++i)
        rows[fmt::format("package-{}", (n * 7 + i) % 300)] =
            Row{{"security", i % 3 == 0}, {"available_version", "2.1"}};
    return rows;
}

Snapshot volumes_of(std::size_t n)
{
    Snapshot rows;
    for (auto const* const mount : {"/", "/srv"})
        rows[mount] = Row{{"file_system", n % 2 == 0 ? "ext4" : "xfs"}, {"size_bytes", std::int64_t(1) << 38}};
    return rows;
}

class Bench
{
public:
    Bench(std::string const& folder, std::size_t devices, std::size_t customers)
        : folder_(must(collector::DataFolder::open(folder)))
        , store_(must(store::Store::open({.file = folder_.database()})))
        , board_(clock_)
        , backend_(folder_, *store_, clock_)
    {
        make_devices(devices, customers);
        auto const sign = [](std::string_view, std::string_view) -> Result<pipeline::SignedCertificate> {
            return fail(errc::refused, "nothing is signed here");
        };
        pipeline_ = must(pipeline::Pipeline::start({.store = *store_,
                                                    .projection = projection_,
                                                    .clock = clock_,
                                                    .profile = rules::default_profile(),
                                                    .sign = sign,
                                                    .board = board_,
                                                    .pace = {},
                                                    .close_device = {}}));
        backend_.use(*pipeline_);
        api_ = std::make_unique<api::Api>(api::Services{.clock = clock_,
                                                        .store = *store_,
                                                        .access = access_,
                                                        .projection = projection_,
                                                        .backend = backend_,
                                                        .board = board_,
                                                        .public_address = [] { return std::string("bench:8443"); },
                                                        .ca_sha256 = [] { return std::string(64, 'a'); },
                                                        .install_pin = [] { return std::string("pin"); },
                                                        .started_ms = clock_.now_ms(),
                                                        .thresholds = {},
                                                        .retention = {}},
                                          must(api::Files::load({})));
    }
    ~Bench()
    {
        stopping_ = true;
        if (changer_.joinable()) changer_.join();
        api_->stop();
        pipeline_->stop();
    }
    Bench(Bench const&) = delete;
    Bench& operator=(Bench const&) = delete;

    /// Every device connects and tells all it sees.
    void fill()
    {
        auto const begun = Steady::now();
        for (auto& device : devices_) {
            pipeline_->connected(device.peer,
                                 {.protocol = 1,
                                  .agent_version = fmt::format("0.{}.{}", device.number % 3, device.number % 11),
                                  .device_id = device.id,
                                  .boot_id = device.id,
                                  .sent_ms = clock_.now_ms(),
                                  .epoch = device.id,
                                  .event = {1, 1},
                                  .state = {1, 1},
                                  .series = {1, 1}},
                                 socket_);
            wait_for_room();
        }
        drain();
        for (auto& device : devices_) {
            auto const n = device.number;
            say(device, "os", os_of(n));
            say(device, "hardware", hardware_of(n));
            say(device, "services", services_of(n, clock_.now_ms()));
            say(device, "patches", patches_of(n));
            say(device, "volumes", volumes_of(n));
            say(device, "addresses", {{fmt::format("10.{}.{}.{}", n / 62500, n / 250 % 250, n % 250 + 1), Row{}}});
            say(device, "pending_reboot", {{"kernel", Row{{"pending", n % 5 == 0}, {"reason", "a newer kernel"}}}});
            say(device, "last_login",
                {{"", Row{{"user", fmt::format("user{}", n % 900)},
                          {"at_ms", std::int64_t(clock_.now_ms() - std::int64_t(n) * 1000)}}}});
            read(device);
            wait_for_room();
        }
        drain();
        std::this_thread::sleep_for(5s); // The rules' holds, which a second's tick ends.
        drain();
        std::chrono::duration<double> const took = Steady::now() - begun;
        tell("filled", {{"devices", devices_.size()},
                        {"alerts", ask("alerts", {{"limit", "0"}}).at("total").as_int64()},
                        {"seconds", took.count()}});
    }

    /// Readings that move the list's columns, so many a second.
    void change(std::size_t per_second)
    {
        changer_ = std::thread([this, per_second] {
            auto next = Steady::now();
            for (std::size_t turn = 0; !stopping_; ++turn) {
                read(devices_[turn * 7919 % devices_.size()]);
                next += std::chrono::nanoseconds(1'000'000'000 / per_second);
                std::this_thread::sleep_until(next);
            }
        });
    }

    void log_in()
    {
        auto const first = must(access_.first_password()).value_or(password);
        open_session(first);
        if (first == password) return;
        json::object const change{{"current_password", first}, {"new_password", password}};
        static_cast<void>(send("POST", "/api/v1/session/password", {}, json::serialize(change)));
    }

    using Query = std::map<std::string, std::string, std::less<>>;

    void measure(std::string_view what, std::string const& list, Query const& query, std::size_t times)
    {
        std::vector<double> took;
        std::int64_t total = 0;
        for (std::size_t i = 0; i < times; ++i) {
            auto const begun = Steady::now();
            auto const answer = send("GET", "/api/v1/" + list, query, {});
            std::chrono::duration<double, std::milli> const span = Steady::now() - begun;
            took.push_back(span.count());
            if (answer.status != 200) {
                tell("failed", {{"question", what}, {"answer", answer.body}});
                return;
            }
            if (i == 0) total = json::parse(answer.body).at("total").as_int64();
        }
        std::ranges::sort(took);
        auto const at = [&](double share) {
            return took[std::min(took.size() - 1, static_cast<std::size_t>(share * static_cast<double>(took.size())))];
        };
        tell("measured", {{"list", list},
                          {"question", what},
                          {"total", total},
                          {"p50_ms", at(0.5)},
                          {"p99_ms", at(0.99)},
                          {"most_ms", took.back()}});
    }

private:
    static void tell(std::string_view kind, json::object about)
    {
        about["kind"] = kind;
        std::puts(json::serialize(about).c_str());
        std::fflush(stdout);
    }

    void make_devices(std::size_t devices, std::size_t customers)
    {
        auto const now_ms = clock_.now_ms();
        must(store_->write([&](sqlite::Database& db) -> Result<> {
            std::vector<std::pair<std::string, std::string>> owners;
            for (std::size_t n = 0; n < customers; ++n) {
                store::Customer const customer{
                    .id = make_uuid(now_ms), .name = fmt::format("Customer {}", n), .created_ms = now_ms};
                store::EnrolmentToken const token{.id = make_uuid(now_ms),
                                                  .customer_id = customer.id,
                                                  .secret_sha256 = sha256_hex(customer.id),
                                                  .created_ms = now_ms,
                                                  .expires_ms = now_ms + day_ms,
                                                  .uses = 10'000,
                                                  .uses_left = 10'000};
                if (auto done = store::add_customer(db, customer); !done) return done;
                if (auto done = store::add_token(db, token); !done) return done;
                owners.emplace_back(customer.id, token.id);
            }
            for (std::size_t n = 0; n < devices; ++n) {
                auto const& [customer_id, token_id] = owners[n * 31 % customers];
                Device device{.number = n, .id = make_uuid(now_ms), .peer = {}};
                device.peer = {.connection = n + 1,
                               .fingerprint = sha256_hex(device.id),
                               .device_id = device.id,
                               .remote = "192.0.2.1",
                               .issued_ms = now_ms,
                               .expires_ms = now_ms + 365 * day_ms};
                store::Device const known{.id = device.id,
                                          .customer_id = customer_id,
                                          .name = fmt::format("desktop-{}", n * 2654435761U % 1'000'000),
                                          .fingerprint = device.peer.fingerprint,
                                          .token_id = token_id,
                                          .enrolled_ms = now_ms,
                                          .issued_ms = now_ms};
                if (auto done = store::add_device(db, known); !done) return done;
                devices_.push_back(std::move(device));
            }
            return {};
        }));
    }

    void say(Device& device, std::string const& probe, Snapshot rows)
    {
        wire::State state{.sequence = device.state++, .probe = probe, .taken_ms = clock_.now_ms()};
        state.digest = wire::digest(rows);
        state.rows = std::move(rows);
        static_cast<void>(pipeline_->received(device.peer, std::move(state), [] {}));
    }

    void read(Device& device)
    {
        auto const n = device.number + device.series;
        auto const series = [&](std::string const& probe, std::vector<wire::Sample> samples) {
            static_cast<void>(pipeline_->received(device.peer,
                                                  wire::Series{.sequence = device.series++,
                                                               .probe = probe,
                                                               .taken_ms = clock_.now_ms(),
                                                               .samples = std::move(samples)},
                                                  [] {}));
        };
        series("cpu", {{"", {double(n % 80), 1.0, 1.0, 0.0}}});
        series("memory", {{"", {double(n % 85), std::int64_t{1} << 30, std::int64_t{1} << 31}}});
        series("volume_usage", {{"/", {double(20 + n % 75), std::int64_t{1} << 36}},
                                {"/srv", {double(15 + n % 80), std::int64_t{1} << 37}}});
    }

    void wait_for_room()
    {
        while (store_->queued() > most_waiting)
            std::this_thread::sleep_for(2ms);
    }
    void drain()
    {
        for (int i = 0; i < 3; ++i)
            must(store_->write([](sqlite::Database&) -> Result<> { return {}; }));
    }

    gateway::HttpResponse send(std::string method, std::string path, Query query, std::string body)
    {
        gateway::HttpRequest request;
        request.method = std::move(method);
        request.path = std::move(path);
        request.query = std::move(query);
        request.body = std::move(body);
        request.id = "bench";
        request.remote = "127.0.0.1";
        request.headers = {{"host", "bench:8443"},
                           {"origin", "https://bench:8443"},
                           {"content-type", "application/json"},
                           {"cookie", cookie_},
                           {"x-csrf-token", csrf_}};
        std::promise<gateway::HttpResponse> answered;
        api_->handle(std::move(request), [&](gateway::HttpResponse answer) { answered.set_value(std::move(answer)); });
        return answered.get_future().get();
    }
    json::value ask(std::string const& list, Query const& query)
    {
        return json::parse(send("GET", "/api/v1/" + list, query, {}).body);
    }
    void open_session(std::string const& word)
    {
        auto const answer =
            send("POST", "/api/v1/session", {}, json::serialize(json::object{{"name", "admin"}, {"password", word}}));
        for (auto const& [name, value] : answer.headers)
            if (name == "Set-Cookie") cookie_ = value.substr(0, value.find(';'));
        csrf_ = json::parse(answer.body).at("csrf_token").as_string();
    }

    SystemClock clock_;
    collector::DataFolder folder_;
    std::unique_ptr<store::Store> store_;
    access::Access access_{*store_, clock_, must(access::Keys::open(folder_.path(), true))};
    view::Projection projection_;
    updates::Board board_;
    collector::PipelineBackend backend_;
    std::unique_ptr<pipeline::Pipeline> pipeline_;
    std::unique_ptr<api::Api> api_;
    std::shared_ptr<DeafSocket> socket_ = std::make_shared<DeafSocket>();
    std::vector<Device> devices_;
    std::string cookie_;
    std::string csrf_;
    std::atomic<bool> stopping_ = false;
    std::thread changer_;
};

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Measures the lists of a collector that was filled without sockets");
    std::string folder;
    std::size_t devices = 100'000;
    std::size_t customers = 2'000;
    std::size_t changes = 500;
    std::size_t times = 100;
    bool fill_only = false;
    app.add_option("--folder", folder, "A new data folder")->required();
    app.add_option("--devices", devices, "How many");
    app.add_option("--customers", customers, "How many");
    app.add_option("--changes", changes, "A second, while it is asked");
    app.add_option("--times", times, "How often each question is asked");
    app.add_flag("--fill-only", fill_only, "Asks nothing: a collector will be started on the folder");
    CLI11_PARSE(app, argc, argv);

    Bench bench(folder, devices, customers);
    bench.log_in();
    bench.fill();
    if (fill_only) return 0;
    bench.change(changes);
    for (auto const& key : view::device_sort_keys())
        bench.measure("by " + key, "devices", {{"sort", key}}, times);
    for (auto const& key : view::alert_sort_keys())
        bench.measure("by " + key, "alerts", {{"sort", key}}, times);
    auto const half = std::to_string(devices / 2);
    bench.measure("from the middle", "devices", {{"offset", half}, {"limit", "500"}}, times);
    bench.measure("from the middle", "alerts", {{"offset", half}, {"limit", "500"}}, times);
    bench.measure("search", "devices", {{"search", "desktop-77"}}, times);
    bench.measure("search", "alerts", {{"search", "service-7"}}, times);
    bench.measure("type, availability", "devices",
                  {{"type", "Server"}, {"availability", "online"}, {"sort", "customer"}}, times);
    bench.measure("severity, category", "devices", {{"severity", "critical"}, {"category", "Availability"}}, times);
    bench.measure("pending reboot", "devices", {{"pending_reboot", "true"}, {"sort", "-patches"}}, times);
    bench.measure("severity, status, type", "alerts",
                  {{"severity", "critical,warning"}, {"status", "open"}, {"type", "PC"}, {"sort", "device"}}, times);
    bench.measure("filter over columns", "devices",
                  {{"filter", "patches > 3 and name contains 7 and not type is Server"}, {"sort", "os"}}, times);
    bench.measure("filter over columns", "alerts",
                  {{"filter", "severity >= critical and device.os_family is linux"}, {"sort", "title"}}, times);
    bench.measure("filter over a probe", "devices", {{"filter", "volumes.free_percent < 16"}}, times / 10 + 1);
    bench.measure("filter over a probe of few", "devices",
                  {{"filter", "name contains 77 and volumes.free_percent < 16"}}, times / 10 + 1);
    return 0;
}
