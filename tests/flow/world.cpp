#include "tests/flow/world.hpp"

#include <thread>

#include <doctest/doctest.h>

#include <boost/json/serialize.hpp>

#include "agent/hardware_id.hpp"
#include "tests/support/patience.hpp"

namespace rollcall::flow
{

/// How often a wait looks, and how far the device's steady clock then goes.
static constexpr auto look_every = 10ms;
static constexpr auto device_step = 100ms;
/// Lines of the log that a failed wait shows.
static constexpr std::size_t shown_lines = 40;

/// Certificates are checked by the machine's own clock, so the world begins at its time of day.
static std::shared_ptr<support::ManualClock> clock_of_today()
{
    auto made = std::make_shared<support::ManualClock>();
    made->jump(std::chrono::milliseconds(SystemClock().now_ms() - made->now_ms()));
    return made;
}

World::World()
    : clock(clock_of_today())
    , device_clock(std::make_shared<DeviceClock>(clock))
    , machine(clock->now_ms())
{
    start_collector();
}

World::~World()
{
    machine.release();
    agents_.clear();
    collector_.reset();
}

void World::start_collector(std::string const& name)
{
    collector::Collector::Options options;
    options.data = folder / name;
    options.listen = "127.0.0.1";
    options.port = 0;
    options.public_url = "https://localhost:" + std::to_string(relay.port());
    options.clock = clock.get();
    options.threads = 1;
    options.limits.closing = 500ms;
    options.tick_every = 0ms;
    auto started = collector::Collector::start(std::move(options));
    REQUIRE(started);
    collector_ = *std::move(started);
    relay.lead_to(collector_->port());
    page.connect(collector_->port());
    if (std::exchange(entered_, true)) return;
    REQUIRE(collector_->first_password());
    page.enter(*collector_->first_password());
    settle_customer_ = add_customer("Nobody");
}

void World::stop_collector() { collector_.reset(); }

std::string World::add_customer(std::string const& name)
{
    return page.post<api::CustomerRow>("/api/v1/customers", api::NewCustomer{.name = name}).id;
}

api::TokenMade World::add_token(std::string const& customer_id, std::int64_t uses, std::int64_t expires_in_s)
{
    api::NewToken const wish{.customer_id = customer_id, .uses = uses, .expires_in_s = expires_in_s};
    return page.post<api::TokenMade>("/api/v1/enrolment-tokens", wish);
}

Result<uplink::Identity> World::enrol(std::string const& word, std::string const& name, bool replace,
                                      FakeMachine const* on)
{
    auto const fake = (on != nullptr ? *on : machine).machine();
    auto const os = fake->system_info->read();
    REQUIRE(os);
    return uplink::enrol({.folder = folder / name,
                          .token = word,
                          .replace = replace,
                          .proxy = {},
                          .no_proxy = {},
                          .host_name = *os->host_name,
                          .hardware_id = agent::read_hardware_id(*fake)});
}

void World::start_agent(std::string const& name, std::vector<std::string> probes, FakeMachine const* on)
{
    auto const& fake = on != nullptr ? *on : machine;
    agent::Options options;
    options.folder = folder / name;
    options.clock = device_clock;
    options.machine = fake.machine();
    options.changes = fake.changes();
    options.probes = std::move(probes);
    options.backoff = {.least = 5ms, .first = 10ms, .most = 50ms, .refused = 50ms};
    options.heartbeat = 200ms;
    options.idle = idle;
    options.renew_check = look_every;
    options.tick = look_every;
    auto started = agent::Agent::start(std::move(options));
    REQUIRE(started);
    agents_[name] = *std::move(started);
}

void World::copy_disk(std::string const& from, std::string const& to) const
{
    std::filesystem::remove_all(folder / to);
    std::filesystem::copy(folder / from, folder / to, std::filesystem::copy_options::recursive);
}

void World::stop_agent(std::string const& name, std::string_view reason)
{
    agents_.at(name)->stop(reason);
    agents_.erase(name);
}

std::uint64_t World::waiting(wire::Lane lane)
{
    return agent().report().lanes.at(static_cast<std::size_t>(lane)).records;
}

std::string World::begin(std::vector<std::string> probes)
{
    auto const identity = enrol(add_token(add_customer("Acme")).word);
    REQUIRE(identity);
    start_agent("agent", std::move(probes));
    REQUIRE(eventually_online(identity->device_id));
    // The welcome may still be on its way.
    REQUIRE(eventually([&] { return agent().report().uplink.state == uplink::Status::State::connected; }));
    return identity->device_id;
}

void World::pass(std::chrono::milliseconds time)
{
    clock->advance(time);
    if (collector_) collector_->tick();
}

bool World::eventually(std::function<bool()> const& is_so)
{
    auto const end = std::chrono::steady_clock::now() + support::patience;
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > end) {
            auto lines = captured.lines();
            std::erase_if(lines, [](std::string const& line) { return line.starts_with("debug http."); });
            for (auto at = lines.size() - std::min(lines.size(), shown_lines); at < lines.size(); ++at)
                MESSAGE(lines[at]);
            return false;
        }
        std::this_thread::sleep_for(look_every);
        device_clock->wait(device_step);
        if (collector_) collector_->tick();
    }
    return true;
}

void World::settle()
{
    collector_->tick();
    // A write comes back when everything before it has been done.
    add_token(settle_customer_);
}

api::DeviceRow World::device(std::string const& id) { return page.get<api::DeviceRow>("/api/v1/devices/" + id); }

api::DeviceList World::devices() { return page.get<api::DeviceList>("/api/v1/devices"); }

api::ProbeTable World::table(std::string const& id, std::string const& probe)
{
    return page.get<api::ProbeTable>("/api/v1/devices/" + id + "/probes/" + probe);
}

std::vector<api::EventRow> World::events(std::string const& id, std::string const& name)
{
    auto all = page.get<api::EventList>("/api/v1/devices/" + id + "/events?limit=500").items;
    std::erase_if(all, [&](auto const& event) { return event.name != name; });
    return all;
}

std::vector<api::AlertRow> World::alerts(std::string const& item, std::string const& status)
{
    auto all = page.get<api::AlertList>("/api/v1/alerts?status=" + status).items;
    std::erase_if(all, [&](auto const& alert) { return alert.item != item; });
    return all;
}

api::SeriesAnswer World::series(std::string const& id, std::string const& probe)
{
    auto const to_ms = clock->now_ms() + 1000;
    auto const span = "?from_ms=" + std::to_string(to_ms - 600'000) + "&to_ms=" + std::to_string(to_ms);
    return page.get<api::SeriesAnswer>("/api/v1/devices/" + id + "/series/" + probe + span + "&points=600");
}

bool World::eventually_online(std::string const& id)
{
    return eventually([&] { return device(id).availability == "online"; });
}

std::string cell(api::ProbeTable const& table, std::string_view key, std::string_view column)
{
    for (auto const& row : table.rows) {
        if (row.key != key) continue;
        auto const* const found = row.cells.if_contains(column);
        if (found == nullptr) return "[absent]";
        if (auto const* const text = found->if_string()) return std::string(*text);
        if (auto const* const object = found->if_object()) return "[" + boost::json::serialize(*object) + "]";
        return boost::json::serialize(*found);
    }
    return "-";
}

} // namespace rollcall::flow
