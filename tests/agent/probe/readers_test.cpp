#include <functional>
#include <limits>

#include <doctest/doctest.h>

#include "agent/probe/device_type.hpp"
#include "agent/probe/first_seen.hpp"
#include "agent/probe/log_budget.hpp"
#include "agent/probe/probe.hpp"
#include "agent/probe/rates.hpp"
#include "common/core/text.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/limits.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::probe;
using namespace std::chrono_literals;

namespace
{

/// What it is told to say.
class FakePerformance final : public platform::Performance
{
public:
    platform::CpuTimes times;
    platform::Memory space;
    platform::Counters<platform::DiskCounters> drives;
    platform::Counters<platform::NetworkCounters> cards;
    [[nodiscard]] Result<platform::CpuTimes> cpu() const override { return times; }
    [[nodiscard]] Result<platform::Load> load() const override { return fail(errc::permission_denied, "load"); }
    [[nodiscard]] Result<platform::Memory> memory() const override { return space; }
    [[nodiscard]] Result<platform::Counters<platform::DiskCounters>> disks() const override { return drives; }
    [[nodiscard]] Result<platform::Counters<platform::NetworkCounters>> network() const override { return cards; }
};

class FakePatches final : public platform::Patches
{
public:
    std::vector<platform::Patch> waiting;
    [[nodiscard]] Result<std::vector<platform::Patch>> list() override { return waiting; }
};

class FakeSoftware final : public platform::Software
{
public:
    std::vector<platform::Package> installed;
    [[nodiscard]] Result<std::vector<platform::Package>> list() const override { return installed; }
};

class FakeFiles final : public platform::Files
{
public:
    std::vector<platform::ListedFile> seen;
    [[nodiscard]] Result<std::vector<platform::ListedFile>> list() const override { return seen; }
};

class FakeDriveHealth final : public platform::DriveHealth
{
public:
    std::vector<platform::Drive> seen;
    [[nodiscard]] Result<std::vector<platform::Drive>> list() const override { return seen; }
};

struct Fixture {
    std::shared_ptr<platform::Machine> machine = std::make_shared<platform::Machine>();
    std::shared_ptr<support::ManualClock> clock = std::make_shared<support::ManualClock>();
    std::shared_ptr<VolatileMemory> memory = std::make_shared<VolatileMemory>();
    FakePerformance* performance{};
    FakePatches* patches{};
    FakeSoftware* software{};

    Fixture()
    {
        auto fake_performance = std::make_unique<FakePerformance>();
        auto fake_patches = std::make_unique<FakePatches>();
        auto fake_software = std::make_unique<FakeSoftware>();
        performance = fake_performance.get();
        patches = fake_patches.get();
        software = fake_software.get();
        machine->performance = std::move(fake_performance);
        machine->patches = std::move(fake_patches);
        machine->software = std::move(fake_software);
    }
    [[nodiscard]] std::unique_ptr<Reader> reader(std::string_view name) const
    {
        return make_reader(name, {.machine = machine, .memory = memory, .clock = clock});
    }
};

bool is_unknown(Value const& value, std::string_view why)
{
    auto const* const cell = std::get_if<Unknown>(&value);
    return cell != nullptr && cell->reason == why;
}

} // namespace

TEST_CASE("readers: every declared probe has one, and none reads what is not declared")
{
    std::vector<std::string_view> declared;
    for (auto const& one : wire::probes())
        declared.push_back(one.name);
    CHECK(reader_names() == declared);
    CHECK(make_reader("no such probe", {}) == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "cpu: the first sample is not yet a share, the second is")
{
    auto const cpu = reader("cpu");
    performance->times = {.user = 100, .system = 50, .idle = 800, .io_wait = 50, .stolen = 0};
    CHECK(is_unknown(cpu->read()->at("").at("used_percent"), "not_yet_read"));
    performance->times = {.user = 130, .system = 60, .idle = 850, .io_wait = 60, .stolen = 0};
    auto const row = cpu->read()->at("");
    CHECK(std::get<double>(row.at("used_percent")) == doctest::Approx(40));
    CHECK(std::get<double>(row.at("user_percent")) == doctest::Approx(30));
    CHECK(std::get<double>(row.at("system_percent")) == doctest::Approx(10));
    CHECK(std::get<double>(row.at("io_wait_percent")) == doctest::Approx(10));
}

TEST_CASE_FIXTURE(Fixture, "cpu: counters that went back, or did not move, are unknown, never negative")
{
    auto const cpu = reader("cpu");
    performance->times = {.user = 100, .system = 50, .idle = 800, .io_wait = 50, .stolen = 0};
    REQUIRE(cpu->read());
    CHECK(is_unknown(cpu->read()->at("").at("used_percent"), "not_yet_read"));
    performance->times = {.user = 1, .system = 1, .idle = 1, .io_wait = 1, .stolen = 0};
    CHECK(is_unknown(cpu->read()->at("").at("used_percent"), "not_yet_read"));
    // The wait for disks alone may shrink; the rest is still right.
    performance->times = {.user = 11, .system = 1, .idle = 12, .io_wait = 0, .stolen = 0};
    auto const row = cpu->read()->at("");
    CHECK(std::get<double>(row.at("used_percent")) == doctest::Approx(50));
    CHECK(is_unknown(row.at("io_wait_percent"), "not_yet_read"));
}

TEST_CASE_FIXTURE(Fixture, "network_io: rates are per interface, and one that is new begins anew")
{
    auto const io = reader("network_io");
    performance->cards = {.taken = 1'000ms, .of = {{"eth0", {.received_bytes = 1'000, .sent_bytes = 500}}}};
    CHECK(is_unknown(io->read()->at("eth0").at("received_bytes_per_s"), "not_yet_read"));
    performance->cards = {.taken = 3'000ms,
                          .of = {{"eth0", {.received_bytes = 5'000, .sent_bytes = 100}},
                                 {"usb0", {.received_bytes = 9, .sent_bytes = 9}}}};
    auto const rows = io->read();
    REQUIRE(rows);
    CHECK(std::get<double>(rows->at("eth0").at("received_bytes_per_s")) == doctest::Approx(2'000));
    CHECK(is_unknown(rows->at("eth0").at("sent_bytes_per_s"), "not_yet_read"));
    CHECK(is_unknown(rows->at("usb0").at("received_bytes_per_s"), "not_yet_read"));
    performance->cards = {.taken = 3'000ms, .of = performance->cards.of};
    CHECK(is_unknown(io->read()->at("eth0").at("received_bytes_per_s"), "not_yet_read"));
}

TEST_CASE_FIXTURE(Fixture, "disk_io: busy is a share of time and never above 100")
{
    auto const io = reader("disk_io");
    performance->drives = {.taken = 0ms, .of = {{"sda", {}}}};
    REQUIRE(io->read());
    performance->drives = {.taken = 1'000ms,
                           .of = {{"sda", {.read_bytes = 4'096, .written_bytes = 0, .busy_ms = 250}}}};
    auto const row = io->read()->at("sda");
    CHECK(std::get<double>(row.at("read_bytes_per_s")) == doctest::Approx(4'096));
    CHECK(std::get<double>(row.at("busy_percent")) == doctest::Approx(25));
    performance->drives = {.taken = 2'000ms,
                           .of = {{"sda", {.read_bytes = 4'096, .written_bytes = 0, .busy_ms = 1'300}}}};
    CHECK(std::get<double>(io->read()->at("sda").at("busy_percent")) == doctest::Approx(100));
}

TEST_CASE_FIXTURE(Fixture, "memory and swap: no swap space has no share, and it is not 0 %")
{
    performance->space = {.total_bytes = 1'000, .available_bytes = 250, .swap_total_bytes = 0, .swap_free_bytes = 0};
    CHECK(std::get<double>(reader("memory")->read()->at("").at("used_percent")) == doctest::Approx(75));
    auto const swap = reader("swap")->read()->at("");
    CHECK(is_unknown(swap.at("used_percent"), "not_found"));
    CHECK(std::get<std::int64_t>(swap.at("total_bytes")) == 0);
}

TEST_CASE_FIXTURE(Fixture, "readers: a topic that fails makes the whole probe fail with its reason")
{
    auto const load = reader("load")->read();
    REQUIRE_FALSE(load);
    CHECK(reason(load.error()) == "permission_denied");
}

TEST_CASE_FIXTURE(Fixture, "patches: waiting counts from the first sight of each version, also after a restart")
{
    platform::Patch patch{.package = "bash",
                          .installed_version = "1",
                          .available_version = "2",
                          .security = true,
                          .size_bytes = std::int64_t{5},
                          .origin = "x"};
    patches->waiting = {patch};
    auto const first_ms = clock->now_ms();
    auto const since = [&] { return std::get<std::int64_t>(reader("patches")->read()->at("bash").at("since_ms")); };
    CHECK(since() == first_ms);
    clock->advance(24h);
    CHECK(since() == first_ms); // A new reader each time: only the memory knows.
    patches->waiting[0].available_version = "3";
    CHECK(since() == first_ms + 86'400'000);
    // Installed, and later back: it waits anew.
    patches->waiting.clear();
    CHECK(reader("patches")->read()->empty());
    clock->advance(1h);
    patches->waiting = {patch};
    CHECK(since() == clock->now_ms());
}

TEST_CASE("first_seen: what a broken memory holds is seen anew, and nothing waits since tomorrow")
{
    auto seen =
        FirstSeen::parse("bash\t2\t1000\nnoise\nx\t1\t-5\ny\t1\t99999999999999999999\nz\t1\nbash\t9\t2000000\t\n");
    CHECK(seen.see("bash", "2", 5000) == 1000);
    CHECK(seen.see("x", "1", 5000) == 5000);
    seen.forget_unseen();
    CHECK(seen.text() == "bash\t2\t1000\nx\t1\t5000\n");
    auto future = FirstSeen::parse("bash\t2\t9000\n");
    CHECK(future.see("bash", "2", 5000) == 5000);
    test::torment("bash\t2\t1000\nlibc6\t2.36\t2000\n",
                  [](std::string_view text) { return FirstSeen::parse(text).text().size(); });
}

TEST_CASE("device_type: the chassis decides where it can, else the desktop")
{
    using platform::ChassisGroup;
    auto const type = [](ChassisGroup chassis, bool desktop) {
        platform::HardwareFacts hardware;
        hardware.chassis_group = chassis;
        hardware.desktop = desktop;
        return *device_type(hardware);
    };
    CHECK(type(ChassisGroup::portable, false) == "PC");
    CHECK(type(ChassisGroup::portable, true) == "PC");
    CHECK(type(ChassisGroup::server, true) == "Server");
    CHECK(type(ChassisGroup::other, true) == "PC");
    CHECK(type(ChassisGroup::other, false) == "Server");
    CHECK_FALSE(device_type(platform::HardwareFacts{}));
}

TEST_CASE_FIXTURE(Fixture, "readers: hostile names travel as well-formed text, and what is declared still fits")
{
    platform::Package package{.name = test::hostile_name(), .version = "\xFF", .source = "dpkg"};
    package.publisher = std::string(1'000'000, 'x');
    software->installed = {package};
    auto rows = reader("software")->read();
    REQUIRE(rows);
    REQUIRE(rows->size() == 1);
    auto const& [key, row] = *rows->begin();
    CHECK(is_utf8(key));
    CHECK(key.size() <= wire::limits::key_bytes);
    CHECK(key.find('\x1B') == std::string::npos);
    CHECK(std::get<std::string>(row.at("publisher")).size() <= wire::limits::text_bytes);
    CHECK(wire::check(*rows, *wire::find_probe("software")));
}

TEST_CASE_FIXTURE(Fixture, "readers: a hundred thousand rows are cut to the limit, and it is told how many went")
{
    for (int i = 0; i < 100'000; ++i)
        software->installed.push_back({.name = fmt::format("p{:06}", i), .version = "1", .source = "dpkg"});
    auto rows = reader("software")->read();
    REQUIRE(rows);
    CHECK(rows->size() == 100'000);
    CHECK(cut_rows(*rows) == 100'000 - wire::limits::snapshot_rows);
    CHECK(rows->size() == wire::limits::snapshot_rows);
    CHECK(rows->contains("p000000"));
    CHECK(cut_rows(*rows) == 0);
}

TEST_CASE("readers: numbers that are none are unknown")
{
    auto const rows = clean({{"",
                              {{"a", std::numeric_limits<double>::quiet_NaN()},
                               {"b", std::numeric_limits<double>::infinity()},
                               {"c", 1.0}}}});
    CHECK(is_unknown(rows.at("").at("a"), "bad_message"));
    CHECK(is_unknown(rows.at("").at("b"), "bad_message"));
    CHECK(std::get<double>(rows.at("").at("c")) == 1.0);
}

TEST_CASE("rates: no time between and no whole to share in are unknown")
{
    CHECK(is_unknown(per_second(1, 2, 0ms), "not_yet_read"));
    CHECK(is_unknown(per_second(1, 2, -5ms), "not_yet_read"));
    CHECK(is_unknown(per_second(2, 1, 5ms), "not_yet_read"));
    CHECK(is_unknown(percent(1, 0), "not_found"));
    CHECK(std::get<double>(percent(3, 2)) == 100.0);
    CHECK(std::get<double>(percent(-1, 2)) == 0.0);
}

namespace
{

class FakeProcesses final : public platform::Processes
{
public:
    platform::ProcessList seen;
    [[nodiscard]] Result<platform::ProcessList> list() const override { return seen; }
    [[nodiscard]] platform::Fact<std::string> user_of(std::int64_t id) const override
    {
        if (id == 1) return fail(errc::not_found, "user");
        return std::string("alice");
    }
};

class FakeOwnUsage final : public platform::OwnUsage
{
public:
    platform::OwnUsageFacts facts;
    [[nodiscard]] Result<platform::OwnUsageFacts> read() const override { return facts; }
};

class FakeTimeSync final : public platform::TimeSync
{
public:
    platform::TimeSyncFacts facts;
    [[nodiscard]] Result<platform::TimeSyncFacts> read() const override { return facts; }
};

platform::Process process(std::int64_t id, std::chrono::milliseconds cpu, std::int64_t memory_bytes)
{
    return {.id = id, .name = "p", .begun = 5, .cpu = cpu, .memory_bytes = memory_bytes, .started_ms = UnixMs{1'000}};
}

} // namespace

TEST_CASE_FIXTURE(Fixture, "processes: those that work and those that hold memory, and no more than ten of each")
{
    auto fake = std::make_unique<FakeProcesses>();
    auto& seen = fake->seen;
    machine->processes = std::move(fake);
    auto const body = reader("processes");
    for (int id = 1; id <= 100; ++id)
        seen.processes.push_back(process(id, 0ms, id <= 50 ? 0 : id * 1'000'000));
    seen.taken = 10'000ms;
    auto rows = body->read();
    REQUIRE(rows);
    CHECK(rows->size() == 10); // Who worked is not known yet; who holds memory is.
    CHECK(rows->contains("100"));
    CHECK(rows->contains("91"));
    CHECK(is_unknown(rows->at("100").at("cpu_percent"), "not_yet_read"));

    seen.taken = 20'000ms;
    for (auto& one : seen.processes)
        if (one.id <= 20) one.cpu += one.id == 1 ? 20'000ms : 1'000ms;
    rows = body->read();
    REQUIRE(rows);
    CHECK(rows->size() == 20);
    CHECK(std::get<std::int64_t>(rows->at("1").at("cpu_percent")) == 200); // Two threads that never rest.
    CHECK(is_unknown(rows->at("1").at("user"), "not_found"));
    CHECK(std::get<std::string>(rows->at("2").at("user")) == "alice");
    CHECK(rows->contains("10"));
    CHECK_FALSE(rows->contains("11")); // As much work as ten: the first ones stay.
    CHECK(std::get<std::int64_t>(rows->at("100").at("cpu_percent")) == 0);

    // Another process with the same id begins anew.
    seen.taken = 30'000ms;
    seen.processes.back().begun = 6;
    seen.processes.back().cpu = 60'000ms;
    CHECK(is_unknown(body->read()->at("100").at("cpu_percent"), "not_yet_read"));
}

TEST_CASE_FIXTURE(Fixture, "processes: one that breathes is no change")
{
    auto fake = std::make_unique<FakeProcesses>();
    auto& seen = fake->seen;
    machine->processes = std::move(fake);
    auto const body = reader("processes");
    auto const memory_of = [&](std::int64_t bytes) {
        seen.processes = {process(1, 0ms, bytes)};
        return std::get<std::int64_t>(body->read()->at("1").at("memory_bytes"));
    };
    CHECK(memory_of(1'000'000'000) == memory_of(1'005'000'000));
    CHECK(memory_of(1'000'000'000) > 930'000'000);
    CHECK(memory_of(7) == 7);
    seen.processes = {process(1, 0ms, 0), process(2, 0ms, -5)};
    CHECK(body->read()->empty()); // A thread of the kernel holds none.
}

TEST_CASE_FIXTURE(
    Fixture, "agent_health: the share is of the time since the reading before, and the spool's figures are passed on")
{
    auto fake = std::make_unique<FakeOwnUsage>();
    auto& facts = fake->facts;
    machine->own_usage = std::move(fake);
    auto const backlog = std::make_shared<Backlog>();
    auto const body =
        make_reader("agent_health", {.machine = machine, .memory = memory, .clock = clock, .backlog = backlog});
    facts.resident_bytes = std::int64_t{9'000'000};
    facts.cpu = 100ms;
    facts.children = Result<std::chrono::milliseconds>(fail(errc::not_supported, "children"));
    auto row = body->read()->at("");
    CHECK(std::get<std::int64_t>(row.at("resident_bytes")) == 9'000'000);
    CHECK(is_unknown(row.at("cpu_percent"), "not_yet_read"));
    CHECK(is_unknown(row.at("children_cpu_percent"), "not_supported"));
    CHECK(is_unknown(row.at("waiting_records"), "not_yet_read"));
    CHECK(is_unknown(row.at("threads"), "not_yet_read"));
    clock->advance(60s);
    facts.cpu = 130ms;
    backlog->records = 12;
    backlog->bytes = 3'400;
    row = body->read()->at("");
    CHECK(std::get<double>(row.at("cpu_percent")) == doctest::Approx(0.05));
    CHECK(std::get<std::int64_t>(row.at("waiting_records")) == 12);
    CHECK(std::get<std::int64_t>(row.at("waiting_bytes")) == 3'400);
    CHECK(std::get<std::int64_t>(row.at("uptime_seconds")) == 60);
    // Without an agent there is no spool.
    CHECK(is_unknown(reader("agent_health")->read()->at("").at("waiting_bytes"), "not_supported"));
}

TEST_CASE_FIXTURE(Fixture, "time_sync: a clock that is nearly right is right")
{
    auto fake = std::make_unique<FakeTimeSync>();
    auto& facts = fake->facts;
    machine->time_sync = std::move(fake);
    auto const offset = [&](std::int64_t ms) {
        facts.offset_ms = ms;
        return std::get<std::int64_t>(reader("time_sync")->read()->at("").at("offset"));
    };
    CHECK(offset(9) == 0);
    CHECK(offset(-9) == 0);
    CHECK(offset(-25) == -20);
    CHECK(is_unknown(reader("time_sync")->read()->at("").at("source"), "not_yet_read"));
}

TEST_CASE_FIXTURE(Fixture, "file_ages: age is since the last write, also by a server's clock that is a little ahead")
{
    auto fake = std::make_unique<FakeFiles>();
    auto& seen = fake->seen;
    machine->files = std::move(fake);
    auto const age = [&](Result<std::int64_t> const& modified_ms) {
        seen = {{.path = "/srv/backup", .exists = true, .kind = "file", .size_bytes = 7, .modified_ms = modified_ms}};
        return reader("file_ages")->read()->at("/srv/backup").at("age_seconds");
    };
    auto const at_ms = clock->now_ms();
    CHECK(std::get<std::int64_t>(age(at_ms - 90'999)) == 90);
    CHECK(std::get<std::int64_t>(age(at_ms + 59'000)) == 0);
    CHECK(is_unknown(age(at_ms + 61'000), "bad_message"));
    CHECK(is_unknown(age(fail(errc::not_found, "gone")), "not_found"));
    CHECK(std::get<bool>(reader("files")->read()->at("/srv/backup").at("exists")));
}

TEST_CASE_FIXTURE(Fixture, "drive_health: a drive that sleeps is as it was, another one in its place is not")
{
    auto fake = std::make_unique<FakeDriveHealth>();
    auto& seen = fake->seen;
    machine->drive_health = std::move(fake);
    auto const body = reader("drive_health");
    platform::SmartReading awake;
    awake.facts.passed = true;
    awake.facts.power_on_hours = std::int64_t{12'345};
    awake.facts.celsius = std::int64_t{38};
    platform::SmartReading const asleep{.asleep = true, .facts = {}};
    auto const row = [&](platform::SmartReading const& reading, std::string const& serial) {
        seen = {{.name = "sda", .model = "M", .serial = serial, .reading = reading}};
        return body->read()->at("sda");
    };
    CHECK(is_unknown(row(asleep, "1").at("passed"), "not_yet_read"));
    CHECK(std::get<bool>(row(asleep, "1").at("asleep")));
    CHECK(std::get<bool>(row(awake, "1").at("passed")));
    CHECK_FALSE(std::get<bool>(row(awake, "1").at("asleep")));
    CHECK(std::get<std::int64_t>(row(awake, "1").at("power_on_hours")) == 12'300);
    CHECK(std::get<bool>(row(asleep, "1").at("passed")));
    CHECK(std::get<bool>(row(asleep, "1").at("asleep")));
    CHECK(is_unknown(row(asleep, "2").at("passed"), "not_yet_read"));

    seen = {{.name = "sda", .model = "M", .serial = "1", .reading = awake},
            {.name = "sdb", .model = "M", .serial = "2", .reading = asleep},
            {.name = "vda", .model = "M", .serial = "3", .reading = fail(errc::not_supported, "virtual")}};
    auto const curves = reader("drive_temperatures")->read();
    REQUIRE(curves);
    CHECK(curves->size() == 2);
    CHECK(std::get<std::int64_t>(curves->at("sda").at("celsius")) == 38);
    CHECK(is_unknown(curves->at("sdb").at("celsius"), "not_yet_read"));
    auto const rows = body->read();
    for (auto const& [column, value] : rows->at("vda"))
        if (column != "model" && column != "serial") CHECK(is_unknown(value, "not_supported"));
}

TEST_CASE_FIXTURE(Fixture, "drive_health: what a drive said outlives a reading that fails and a restart of the agent")
{
    auto fake = std::make_unique<FakeDriveHealth>();
    auto& seen = fake->seen;
    machine->drive_health = std::move(fake);
    auto body = reader("drive_health");
    platform::SmartReading awake;
    awake.facts.passed = false;
    awake.facts.reallocated_sectors = std::int64_t{7};
    platform::SmartReading const asleep{.asleep = true, .facts = {}};
    auto const row = [&](Result<platform::SmartReading> const& reading, std::string const& serial) {
        seen = {{.name = "sda", .model = "M", .serial = serial, .reading = reading}};
        return body->read()->at("sda");
    };
    CHECK_FALSE(std::get<bool>(row(awake, "1").at("passed")));
    CHECK(is_unknown(row(fail(errc::io, "sda"), "1").at("passed"), "io"));
    auto const told = row(asleep, "1");
    CHECK_FALSE(std::get<bool>(told.at("passed")));
    CHECK(std::get<std::int64_t>(told.at("reallocated_sectors")) == 7);
    CHECK(is_unknown(told.at("pending_sectors"), "not_yet_read"));

    body = reader("drive_health");
    CHECK(row(asleep, "1") == told);
    body = reader("drive_health");
    CHECK(is_unknown(row(fail(errc::timed_out, "sda"), "1").at("passed"), "timed_out"));
    CHECK(row(asleep, "1") == told);
    // Another one in its place, also when nobody was there to see it, and noise in the place of what was said.
    body = reader("drive_health");
    CHECK(is_unknown(row(asleep, "2").at("passed"), "not_yet_read"));
    row(awake, "2");
    memory->put("drive_health.said", "{noise");
    body = reader("drive_health");
    CHECK(is_unknown(row(asleep, "2").at("passed"), "not_yet_read"));
}

namespace
{

/// A memory that keeps what it was told, or fails to.
class TellingMemory final : public Memory
{
public:
    std::vector<wire::Event> told;
    bool full = false;
    std::map<std::string, std::string, std::less<>> values;

    [[nodiscard]] std::optional<std::string> get(std::string_view key) override
    {
        auto const found = values.find(key);
        if (found == values.end()) return std::nullopt;
        return found->second;
    }
    void put(std::string_view key, std::string value) override
    {
        values.insert_or_assign(std::string(key), std::move(value));
    }
    void tell(std::vector<wire::Event> events, std::string_view key, std::string value) override
    {
        if (full) return;
        told.insert(told.end(), events.begin(), events.end());
        put(key, std::move(value));
    }
};

/// A fake: records are numbered from 1, and a position is the number of the last one.
class FakeSystemLog final : public platform::SystemLog
{
public:
    std::vector<std::string> messages;
    bool fails = false;
    std::function<void()> meanwhile = [] {};
    [[nodiscard]] Result<platform::LogReading> read(std::string const& position, std::size_t most) override
    {
        meanwhile();
        if (fails) return fail(errc::permission_denied, "log");
        platform::LogReading reading;
        reading.kept_by = "journald";
        reading.persistent = true;
        auto const from = position.empty() ? messages.size() : std::stoul(position);
        for (auto i = from; i < messages.size(); ++i) {
            if (reading.records.size() < most)
                reading.records.push_back({.at_ms = static_cast<std::int64_t>(i + 1),
                                           .source = "sshd",
                                           .unit = fail(errc::not_found, "unit"),
                                           .priority = "error",
                                           .message = messages[i]});
            else
                ++reading.left_out;
        }
        reading.position = std::to_string(messages.size());
        return reading;
    }
};

struct LogFixture {
    std::shared_ptr<platform::Machine> machine = std::make_shared<platform::Machine>();
    std::shared_ptr<support::ManualClock> clock = std::make_shared<support::ManualClock>();
    std::shared_ptr<TellingMemory> memory = std::make_shared<TellingMemory>();
    FakeSystemLog* log{};

    LogFixture()
    {
        auto fake = std::make_unique<FakeSystemLog>();
        log = fake.get();
        machine->system_log = std::move(fake);
    }
    [[nodiscard]] std::unique_ptr<Reader> reader() const
    {
        return make_reader("system_log", {.machine = machine, .memory = memory, .clock = clock});
    }
    /// Messages of the events told so far; of those left out, how many.
    std::string told()
    {
        std::string all;
        for (auto const& event : memory->told) {
            if (event.name == "log_record") all += std::get<std::string>(event.detail.at("message")) + " ";
            if (event.name == "log_left_out")
                all += "+" + std::to_string(std::get<std::int64_t>(event.detail.at("count"))) + " ";
        }
        memory->told.clear();
        return all;
    }
};

} // namespace

TEST_CASE_FIXTURE(LogFixture, "system_log: each error once, also across a restart of the agent")
{
    log->messages = {"before"};
    auto body = reader();
    auto const rows = body->read();
    REQUIRE(rows);
    CHECK(std::get<std::string>(rows->at("").at("kept_by")) == "journald");
    CHECK(told().empty());
    log->messages.emplace_back("a");
    log->messages.emplace_back("b\xFF");
    REQUIRE(body->read());
    REQUIRE(memory->told.size() == 2);
    for (auto const& event : memory->told) {
        auto const* const type = wire::find_event_type(event.name);
        REQUIRE(type != nullptr);
        CHECK(event.detail.size() == type->columns.size());
        CHECK(event.at_ms < 10); // When it was written, not when it was read.
    }
    CHECK(is_unknown(memory->told[0].detail.at("service"), "not_found"));
    CHECK(told() == "a b\xEF\xBF\xBD ");
    body = reader();
    REQUIRE(body->read());
    CHECK(told().empty());
    log->messages.emplace_back("c");
    body = reader();
    REQUIRE(body->read());
    CHECK(told() == "c ");
}

TEST_CASE_FIXTURE(LogFixture, "system_log: what the spool could not take is told again, and then no more")
{
    auto const body = reader();
    REQUIRE(body->read());
    log->messages = {"a"};
    memory->full = true;
    REQUIRE(body->read());
    CHECK(told().empty());
    memory->full = false;
    REQUIRE(body->read());
    CHECK(told() == "a ");
    REQUIRE(body->read());
    CHECK(told().empty());
}

TEST_CASE_FIXTURE(LogFixture, "system_log: a flood is told by its beginning and its number, then one a minute")
{
    auto const body = reader();
    REQUIRE(body->read());
    log->messages.assign(1'000, "x");
    REQUIRE(body->read());
    CHECK(memory->told.size() == LogBudget::burst + 1);
    CHECK(told().ends_with("x +940 "));
    log->messages.resize(1'010, "y");
    REQUIRE(body->read());
    CHECK(told() == "+10 ");
    clock->advance(61s);
    log->messages.resize(1'020, "z");
    REQUIRE(body->read());
    CHECK(told() == "z +9 ");
    clock->advance(24h);
    log->messages.resize(2'000, "n");
    REQUIRE(body->read());
    CHECK(told().ends_with("n +920 "));
}

TEST_CASE_FIXTURE(LogFixture,
                  "system_log: a second look in a row that ended the agent is not followed by a third for a day")
{
    auto const trying = [&] { return memory->get("system_log.trying").value_or("nothing"); };
    auto const now = [&] { return std::to_string(clock->now_ms()); };
    std::string written;
    log->meanwhile = [&] { written = trying(); };
    REQUIRE(reader()->read());
    CHECK(written == "1 " + now());
    CHECK(trying().empty());
    // What a first look leaves behind where it never comes back.
    memory->put("system_log.trying", "1 " + std::to_string(clock->now_ms() - 60'000));
    REQUIRE(reader()->read());
    CHECK(written == "2 " + now());
    CHECK(trying().empty());
    memory->put("system_log.trying", "2 " + std::to_string(clock->now_ms() - 60'000));
    CHECK(reason(reader()->read().error()) == "io");
    clock->advance(25h);
    auto const body = reader();
    REQUIRE(body->read());
    CHECK(memory->get("system_log.trying") == "");
    // One that fails did come back.
    log->fails = true;
    CHECK(reason(reader()->read().error()) == "permission_denied");
    CHECK(memory->get("system_log.trying") == "");
    // Nor does a clock that went back, or noise, keep it away.
    log->fails = false;
    for (auto const& noise : {"2 " + std::to_string(clock->now_ms() + 1'000'000), std::string("noise"),
                              std::string("99999999999999999999 5"), std::string("2")}) {
        memory->put("system_log.trying", noise);
        CHECK(reader()->read());
    }
}

TEST_CASE_FIXTURE(LogFixture, "system_log: an agent that ends in order during a look leaves no trace of a crash")
{
    auto const trying = [&] { return memory->get("system_log.trying").value_or("nothing"); };
    std::string const once = "1 " + std::to_string(clock->now_ms() - 60'000);
    for (auto const& before : {std::string(), once}) {
        memory->put("system_log.trying", before);
        auto const body = reader();
        body->end(); // Before any look.
        CHECK(trying() == before);
        log->meanwhile = [&] {
            CHECK(trying() != before);
            body->end();
            CHECK(trying() == before);
        };
        REQUIRE(body->read());
        CHECK(trying() == before);
    }
}
