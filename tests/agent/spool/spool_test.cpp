#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <span>
#include <thread>

#include "agent/spool/schema.hpp"
#include "agent/spool/spool.hpp"
#include "agent/spool/spool_thread.hpp"
#include "common/log/log.hpp"
#include "common/wire/codec.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using wire::Lane;

namespace
{

struct SpoolFixture {
    support::TempDir dir;
    support::ManualClock clock;
    log::Capture captured;

    spool::Spool open(spool::Limits limits = {})
    {
        auto opened = spool::Spool::open({.folder = dir.path(), .clock = &clock, .limits = limits});
        REQUIRE(opened);
        return std::move(*opened);
    }

    static wire::Event event(std::string user, UnixMs at_ms = support::ManualClock::start_ms)
    {
        wire::Event made;
        made.name = "log_in";
        made.at_ms = at_ms;
        made.detail["user"] = std::move(user);
        return made;
    }

    static wire::Series series(UnixMs taken_ms = support::ManualClock::start_ms)
    {
        wire::Series made;
        made.probe = "cpu";
        made.taken_ms = taken_ms;
        made.samples.push_back({"", {Value(1.5)}});
        return made;
    }

    /// The time goes on as it does on a machine that runs: somebody looks at the clock every now and then.
    void live(spool::Spool& spool, std::chrono::hours time)
    {
        for (auto gone = 0h; gone < time; gone += 24h) {
            clock.advance(24h);
            REQUIRE(spool.drop_old());
        }
    }

    /// The change from one snapshot to another, as snapshot.diff makes it.
    static wire::State change(Snapshot const& from, Snapshot const& to)
    {
        wire::State made;
        made.probe = "services";
        made.base = from.empty() ? "" : wire::digest(from);
        made.digest = wire::digest(to);
        for (auto const& [key, row] : to)
            if (!from.contains(key) || from.at(key) != row) made.rows[key] = row;
        for (auto const& [key, row] : from)
            if (!to.contains(key)) made.removed.push_back(key);
        return made;
    }

    static Snapshot services(std::string state)
    {
        return {{"cron", {{"state", Value(state)}}}, {"ssh", {{"state", Value("running")}}}};
    }

    template <class Message = wire::State>
    static std::vector<Message> all(spool::Spool& spool, Lane lane, std::uint64_t after = 0)
    {
        auto const batch = spool.next_batch(lane, after, 10'000, 1UL << 30U);
        REQUIRE(batch);
        std::vector<Message> found;
        for (auto const& record : *batch) {
            auto const message = wire::decode_from_agent(record.text);
            REQUIRE(message);
            if (auto const* const one = std::get_if<Message>(&*message)) found.push_back(*one);
        }
        return found;
    }
};

} // namespace

TEST_CASE_FIXTURE(SpoolFixture, "spool: lanes are numbered apart from 1, and survive a restart with their epoch")
{
    std::string epoch;
    {
        auto spool = open();
        epoch = spool.epoch();
        CHECK(epoch.size() == 32);
        CHECK(spool.range(Lane::event)->first == 1);
        CHECK(spool.range(Lane::event)->next == 1);
        CHECK(*spool.append(event("anna")) == 1);
        CHECK(*spool.append(event("bert")) == 2);
        CHECK(*spool.append(series()) == 1);
        REQUIRE(spool.forget(Lane::event, 1));
        REQUIRE(spool.remember("boot_id", "b1"));
    }
    auto spool = open();
    CHECK(spool.epoch() == epoch);
    CHECK(spool.range(Lane::event)->first == 2);
    CHECK(spool.range(Lane::event)->next == 3);
    CHECK(spool.range(Lane::series)->next == 2);
    auto const events = all<wire::Event>(spool, Lane::event);
    REQUIRE(events.size() == 1);
    CHECK(events[0].sequence == 2);
    CHECK(std::get<std::string>(events[0].detail.at("user")) == "bert");
    CHECK(**spool.recall("boot_id") == "b1");
    CHECK(!spool.recall("nothing")->has_value());
    CHECK(spool.bytes(Lane::event) > 0);
    REQUIRE(spool.forget(Lane::event, 2));
    CHECK(spool.bytes(Lane::event) == 0);
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: a batch has as many records and bytes as were asked for, and one at least")
{
    auto spool = open();
    for (int i = 0; i < 10; ++i)
        REQUIRE(spool.append(event("anna")));
    CHECK(spool.next_batch(Lane::event, 0, 3, 100000)->size() == 3);
    CHECK(spool.next_batch(Lane::event, 8, 3, 100000)->size() == 2);
    CHECK(spool.next_batch(Lane::event, 0, 10, 1)->size() == 1);
    CHECK(spool.next_batch(Lane::event, 10, 10, 1)->empty());
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: changes of a state that wait are one; what is on its way stays as it is")
{
    auto spool = open();
    auto const a = services("running");
    auto const b = services("stopped");
    auto const c = services("failed");
    REQUIRE(spool.append(change({}, a), a));
    REQUIRE(spool.append(change(a, b), b));
    auto states = all(spool, Lane::state); // now on their way
    REQUIRE(states.size() == 1);
    CHECK(states[0].sequence == 2);
    CHECK(states[0].base.empty());
    CHECK(states[0].rows == b);

    REQUIRE(spool.append(change(b, c), c));
    REQUIRE(spool.append(change(c, a), a));
    states = all(spool, Lane::state);
    REQUIRE(states.size() == 2);
    CHECK(states[0].sequence == 2);
    CHECK(states[1].sequence == 4);
    CHECK(states[1].base == wire::digest(b));
    CHECK(states[1].digest == wire::digest(a));
    CHECK(states[1].rows.size() == 1);
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: what a probe saw last survives a restart, and a failure does not touch it")
{
    auto const a = services("running");
    {
        auto spool = open();
        REQUIRE(spool.append(change({}, a), a));
        wire::State unknown;
        unknown.probe = "services";
        unknown.base = unknown.digest = wire::digest(a);
        unknown.unknown = "timed_out";
        REQUIRE(spool.append(unknown, {}));
        CHECK(*spool.count(Lane::state) == 2);
        REQUIRE(spool.append(unknown, {})); // again: nothing new
        CHECK(*spool.count(Lane::state) == 2);
    }
    auto spool = open();
    auto const last = spool.last("services");
    REQUIRE(last);
    REQUIRE(last->has_value());
    CHECK((*last)->rows == a);
    CHECK((*last)->unknown == "timed_out");
    CHECK(spool.digests()->at("services") == wire::digest(a));
    CHECK(!spool.last("nothing")->has_value());
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: after a welcome only what the collector needs waits")
{
    auto spool = open();
    auto const a = services("running");
    auto const b = services("stopped");
    REQUIRE(spool.append(change({}, a), a));
    auto volumes = change({}, b);
    volumes.probe = "volumes";
    REQUIRE(spool.append(volumes, b));
    for (int i = 0; i < 3; ++i)
        REQUIRE(spool.append(event("anna")));
    auto const told = *spool.digests();

    wire::Welcome welcome;
    welcome.event = 2;
    welcome.need = {"volumes", "never_heard_of"};
    CHECK(*spool.welcomed(welcome, told) == spool::Welcomed::go_on);
    CHECK(spool.range(Lane::event)->first == 3);
    auto states = all(spool, Lane::state);
    REQUIRE(states.size() == 2);
    CHECK(states[0].probe == "services"); // the collector has it: only that it was read
    CHECK(states[0].rows.empty());
    CHECK(states[0].base == states[0].digest);
    CHECK(states[1].probe == "volumes");
    CHECK(states[1].base.empty());
    CHECK(states[1].rows == b);

    // Changed between hello and welcome: the collector cannot have it.
    auto changed = change(b, a);
    changed.probe = "volumes";
    REQUIRE(spool.append(changed, a));
    REQUIRE(spool.forget(Lane::state, 100));
    CHECK(*spool.welcomed({}, told) == spool::Welcomed::go_on);
    states = all(spool, Lane::state);
    REQUIRE(states.size() == 1);
    CHECK(states[0].base.empty());
    CHECK(states[0].rows == a);
}

TEST_CASE_FIXTURE(SpoolFixture,
                  "spool: a collector that is ahead of us makes us begin a new epoch, and nothing is lost")
{
    auto spool = open();
    auto const old = spool.epoch();
    REQUIRE(spool.append(event("anna")));
    REQUIRE(spool.append(event("bert")));
    REQUIRE(spool.forget(Lane::event, 1));
    wire::Welcome welcome;
    welcome.event = 7;
    CHECK(*spool.welcomed(welcome, {}) == spool::Welcomed::new_epoch);
    CHECK(spool.epoch() != old);
    auto const events = all<wire::Event>(spool, Lane::event);
    REQUIRE(events.size() == 1);
    CHECK(events[0].sequence == 1);
    CHECK(std::get<std::string>(events[0].detail.at("user")) == "bert");
    CHECK(spool.range(Lane::event)->next == 2);
    CHECK(open().epoch() == spool.epoch());
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: a lane over its limit loses its oldest, and a gap says which")
{
    auto spool = open({.event_bytes = 3000, .state_bytes = 3000, .series_bytes = 3000});
    for (int i = 0; i < 200; ++i) {
        REQUIRE(spool.append(event("anna")));
        CHECK(spool.bytes(Lane::event) < 3400);
    }
    auto const gaps = all<wire::Gap>(spool, Lane::event);
    auto const kept = all<wire::Event>(spool, Lane::event);
    REQUIRE(gaps.size() == 1);
    REQUIRE(!kept.empty());
    CHECK(gaps[0].lane == "event");
    CHECK(gaps[0].reason == "spool_full");
    CHECK(gaps[0].first == 1);
    CHECK(gaps[0].last + 1 == kept.front().sequence);
    CHECK(kept.back().sequence == 200);
    CHECK(spool.range(Lane::event)->first == 1);
    CHECK(captured.has("spool.dropped"));
    CHECK(all<wire::Series>(spool, Lane::series).empty());
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: a gap is as wide in a new epoch as it was in the old one")
{
    auto spool = open({.event_bytes = 3000});
    for (int i = 0; i < 200; ++i)
        REQUIRE(spool.append(event("anna")));
    auto const before = all<wire::Gap>(spool, Lane::event);
    REQUIRE(before.size() == 1);
    wire::Welcome welcome;
    welcome.event = 1000;
    CHECK(*spool.welcomed(welcome, {}) == spool::Welcomed::new_epoch);
    auto const after = all<wire::Gap>(spool, Lane::event);
    REQUIRE(after.size() == 1);
    CHECK(after[0].first == 1);
    CHECK(after[0].last == before[0].last - before[0].first + 1);
    CHECK(after[0].reason == "spool_full");
    CHECK(all<wire::Event>(spool, Lane::event).front().sequence == after[0].last + 1);
    CHECK(spool.range(Lane::event)->first == 1);
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: what is older than its lane keeps becomes one gap; states have no age")
{
    static constexpr auto day = 24h;
    auto spool = open({.event_age = 30 * day, .series_age = 3 * day});
    auto const a = services("running");
    REQUIRE(spool.append(change({}, a), a));
    for (int i = 0; i < 40; ++i) {
        REQUIRE(spool.append(event("anna", clock.now_ms())));
        REQUIRE(spool.append(series(clock.now_ms())));
        live(spool, day);
    }
    auto const only_gap = [&](Lane lane, std::uint64_t last) {
        auto const gaps = all<wire::Gap>(spool, lane);
        REQUIRE(gaps.size() == 1);
        CHECK(gaps[0].reason == "too_old");
        CHECK(gaps[0].first == 1);
        CHECK(gaps[0].last == last);
        CHECK(spool.range(lane)->first == 1);
    };
    // The 40th is a day old, so the 10th is 31 days old, and the 11th exactly 30.
    only_gap(Lane::event, 10);
    CHECK(all<wire::Event>(spool, Lane::event).front().sequence == 11);
    only_gap(Lane::series, 37);
    CHECK(all<wire::Series>(spool, Lane::series).size() == 3);
    CHECK(all(spool, Lane::state).size() == 1);
    CHECK(captured.has("spool.dropped"));

    live(spool, 100 * day);
    only_gap(Lane::event, 40);
    only_gap(Lane::series, 40);
    CHECK(*spool.count(Lane::event) == 1);
    CHECK(all(spool, Lane::state).size() == 1);
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: much that is too old goes in small steps, and ends as one gap")
{
    constexpr auto records = 3 * spool::old_per_step - 10;
    auto spool = open();
    for (std::size_t i = 0; i < records; ++i)
        REQUIRE(spool.append(series(clock.now_ms())));
    REQUIRE(spool.append(series(clock.now_ms() + 1000 * 3600)));
    for (int hour = 0; hour < 14 * 24; ++hour) {
        clock.advance(1h);
        auto const more = spool.drop_old();
        REQUIRE(more);
        CHECK(!*more);
    }
    CHECK(*spool.count(Lane::series) == records + 1);
    clock.advance(1min);
    auto waiting = records + 1;
    for (;;) {
        auto const more = spool.drop_old();
        REQUIRE(more);
        auto const left = *spool.count(Lane::series);
        CHECK(left < waiting);
        CHECK(left + spool::old_per_step > waiting);
        waiting = left;
        if (!*more) break;
    }
    CHECK(waiting == 2);
    auto const gaps = all<wire::Gap>(spool, Lane::series);
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0].first == 1);
    CHECK(gaps[0].last == records);
    std::size_t bytes = 0;
    auto const batch = spool.next_batch(Lane::series, 0, 10, 1UL << 20U);
    REQUIRE(batch);
    for (auto const& record : *batch)
        bytes += record.text.size();
    CHECK(spool.bytes(Lane::series) == bytes);
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: a clock that is set a year ahead drops nothing for a week, nor after a restart")
{
    static constexpr auto day = 24h;
    std::optional<spool::Spool> spool = open();
    live(*spool, day);
    REQUIRE(spool->append(series(clock.now_ms())));
    clock.jump(366 * day);
    REQUIRE(spool->drop_old());
    CHECK(captured.has("spool.clock_ahead"));
    live(*spool, 3 * day);
    spool.reset();
    spool = open();
    live(*spool, 3 * day);
    CHECK(all<wire::Series>(*spool, Lane::series).size() == 1);
    SUBCASE("it is set right again")
    {
        clock.jump(-366 * day);
        live(*spool, 7 * day);
        CHECK(all<wire::Series>(*spool, Lane::series).size() == 1);
        live(*spool, 2 * day);
        CHECK(all<wire::Series>(*spool, Lane::series).empty());
    }
    SUBCASE("it stays so")
    {
        live(*spool, 2 * day);
        CHECK(all<wire::Series>(*spool, Lane::series).empty());
        CHECK(all<wire::Gap>(*spool, Lane::series).size() == 1);
    }
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: what a clock noted that was never set is as old as what follows it")
{
    auto spool = open();
    REQUIRE(spool.append(series(1000)));
    REQUIRE(spool.append(series(clock.now_ms())));
    live(spool, 14 * 24h);
    CHECK(*spool.count(Lane::series) == 2);
    live(spool, 24h);
    auto const gaps = all<wire::Gap>(spool, Lane::series);
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0].last == 2);
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: a file of the first schema goes on, and its records grow old with later ones")
{
    {
        auto db = sqlite::Database::open({.path = dir / "spool.db"});
        REQUIRE(db);
        REQUIRE(sqlite::migrate(*db, std::span(spool::migrations).first(1), 1));
        auto old = event("anna");
        old.sequence = 1;
        auto insert = db->prepare("INSERT INTO record (lane, sequence, first, probe, body) VALUES (0, 1, 1, '', ?)");
        REQUIRE(insert);
        REQUIRE(insert->bind(wire::encode(wire::FromAgent(old))).run());
        REQUIRE(db->exec("UPDATE lane SET next = 2 WHERE lane = 0"));
    }
    auto spool = open();
    CHECK(*spool.append(event("bert", clock.now_ms())) == 2);
    CHECK(all<wire::Event>(spool, Lane::event).size() == 2);
    live(spool, 367 * 24h);
    auto const gaps = all<wire::Gap>(spool, Lane::event);
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0].last == 2);
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: a damaged file is moved aside and told, once, and the last one is kept")
{
    std::string old;
    {
        auto spool = open();
        old = spool.epoch();
        REQUIRE(spool.append(event("anna")));
    }
    std::ofstream(dir / "spool.db.corrupt-1") << "older";
    std::ofstream(dir / "spool.db", std::ios::trunc) << std::string(9000, 'x');
    auto spool = open();
    CHECK(spool.epoch() != old);
    CHECK(captured.has("spool.corrupt"));
    auto const gaps = all<wire::Gap>(spool, Lane::event);
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0].reason == "spool_corrupt");
    CHECK(*spool.append(event("bert")) == 2);
    CHECK(!std::filesystem::exists(dir / "spool.db.corrupt-1"));
    CHECK(std::filesystem::exists(dir / ("spool.db.corrupt-" + std::to_string(clock.now_ms()))));
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: the gap of a damaged file stays what it is when what came after it is dropped")
{
    std::ofstream(dir / "spool.db") << std::string(9000, 'x');
    auto spool = open({.event_bytes = 3000, .event_age = 30 * 24h});
    for (int i = 0; i < 200; ++i)
        REQUIRE(spool.append(event("anna")));
    auto const reasons = [](std::vector<wire::Gap> const& gaps) {
        std::string all;
        for (auto const& gap : gaps)
            all.append(gap.reason).append(" ");
        return all;
    };
    auto const full = all<wire::Gap>(spool, Lane::event);
    REQUIRE(reasons(full) == "spool_corrupt spool_full ");
    CHECK(full[0].first == 1);
    CHECK(full[0].last == 1);
    CHECK(full[1].first == 2);
    CHECK(full[1].last + 1 == all<wire::Event>(spool, Lane::event).front().sequence);
    CHECK(spool.bytes(Lane::event) < 3400);

    live(spool, 32 * 24h);
    auto const old = all<wire::Gap>(spool, Lane::event);
    REQUIRE(reasons(old) == "spool_corrupt spool_full too_old ");
    CHECK(old[1].last == full[1].last);
    CHECK(old[2].first == full[1].last + 1);
    CHECK(old[2].last == 201);
    CHECK(*spool.count(Lane::event) == 3);
    CHECK(spool.range(Lane::event)->first == 1);
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: a file whose middle was overwritten is moved aside too")
{
    {
        auto spool = open();
        for (int i = 0; i < 500; ++i)
            REQUIRE(spool.append(event(std::string(200, 'a'))));
    }
    {
        std::fstream file(dir / "spool.db", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(20000);
        file << std::string(30000, '\xff');
    }
    auto spool = open();
    CHECK(captured.has("spool.corrupt"));
    CHECK(all<wire::Gap>(spool, Lane::event).size() == 1);
    REQUIRE(spool.append(event("bert")));
}

TEST_CASE_FIXTURE(SpoolFixture,
                  "spool: of a damaged file everything is saved that can be read, and what is lost is told")
{
    constexpr int records = 3000;
    std::string old;
    {
        auto spool = open();
        old = spool.epoch();
        REQUIRE(spool.remember("device_id", "1"));
        for (int i = 1; i <= records; ++i) {
            REQUIRE(spool.append(event("user " + std::to_string(i) + std::string(200, '.'))));
            if (i % 10 == 0) REQUIRE(spool.append(series()));
        }
    }
    auto const size = std::filesystem::file_size(dir / "spool.db");
    {
        std::fstream file(dir / "spool.db", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(size / 2 / 4096 * 4096));
        file << std::string(3 * 4096, '\xff');
    }
    auto spool = open();
    CHECK(captured.has("spool.corrupt"));
    CHECK(captured.has("spool.salvaged"));
    CHECK(spool.epoch() != old);
    CHECK(*spool.recall("device_id") == "1");
    auto const events = all<wire::Event>(spool, Lane::event);
    CHECK(events.size() < records);
    CHECK(events.size() > records / 2);
    CHECK(all<wire::Series>(spool, Lane::series).size() > records / 20);
    for (std::size_t i = 0; i < events.size(); ++i)
        CHECK(events[i].sequence == i + 2); // After the gap, without a hole.
    for (std::size_t i = 1; i < events.size(); ++i) {
        auto const number = [](wire::Event const& one) {
            return std::stoi(std::get<std::string>(one.detail.at("user")).substr(5));
        };
        CHECK(number(events[i]) > number(events[i - 1]));
    }
    for (auto const lane : {Lane::event, Lane::series}) {
        auto const gaps = all<wire::Gap>(spool, lane);
        REQUIRE(gaps.size() == 1);
        CHECK(gaps[0].reason == "spool_corrupt");
        CHECK(gaps[0].first == 1);
    }
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: what was only in the log of a damaged file is saved, too")
{
    support::TempDir const copy;
    {
        auto spool = open();
        REQUIRE(spool.append(event("anna")));
        // As after a loss of power: the log was not yet moved into the file.
        std::filesystem::copy(dir / "spool.db", copy / "spool.db");
        std::filesystem::copy(dir / "spool.db-wal", copy / "spool.db-wal");
    }
    std::filesystem::remove(dir / "spool.db");
    std::filesystem::copy(copy / "spool.db", dir / "spool.db");
    std::filesystem::copy(copy / "spool.db-wal", dir / "spool.db-wal");
    auto spool = open();
    auto const events = all<wire::Event>(spool, Lane::event);
    REQUIRE(events.size() == 1);
    CHECK(std::get<std::string>(events[0].detail.at("user")) == "anna");
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: a new device begins with nothing of the old one")
{
    auto spool = open();
    auto const a = services("running");
    auto const old = spool.epoch();
    REQUIRE(spool.append(event("anna")));
    REQUIRE(spool.append(change({}, a), a));
    REQUIRE(spool.remember("device_id", "1"));
    REQUIRE(spool.start_over());
    CHECK(spool.epoch() != old);
    CHECK(*spool.count(Lane::event) == 0);
    CHECK(spool.digests()->empty());
    CHECK(!spool.recall("device_id")->has_value());
    CHECK(*spool.append(event("bert")) == 1);
}

TEST_CASE_FIXTURE(SpoolFixture, "spool thread: jobs run in their order, and all of them before its end")
{
    std::vector<int> order;
    {
        spool::Options const options{.folder = dir.path(), .clock = &clock, .limits = {}};
        spool::SpoolThread thread(open(), options);
        for (int i = 0; i < 100; ++i)
            thread.post([&order, i](spool::Spool&) { order.push_back(i); });
        CHECK(thread.call<std::size_t>([&order](spool::Spool&) { return order.size(); }) == 100);
        thread.post([&order](spool::Spool&) { order.push_back(100); });
    }
    REQUIRE(order.size() == 101);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE_FIXTURE(SpoolFixture, "spool thread: what became too old while nobody ran is dropped without being asked for")
{
    constexpr auto records = spool::old_per_step + 1;
    auto spool = open();
    REQUIRE(spool.drop_old());
    for (std::size_t i = 0; i < records; ++i)
        REQUIRE(spool.append(series(clock.now_ms())));
    // Days on which somebody looked at the clock and did nothing else.
    for (int day = 0; day < 15; ++day) {
        clock.advance(24h);
        if (day < 13) REQUIRE(spool.drop_old());
    }
    spool::SpoolThread thread(std::move(spool), {.folder = dir.path(), .clock = &clock, .limits = {}});
    for (;;) {
        auto const left = thread.call<std::uint64_t>([](spool::Spool& one) { return *one.count(Lane::series); });
        if (left == 1) break;
        std::this_thread::yield();
    }
}

TEST_CASE_FIXTURE(SpoolFixture,
                  "spool: series that wait too long are thinned from their older end, and each number stays told")
{
    auto spool = open({.series_bytes = 60'000});
    constexpr int readings = 900; // Each ten seconds, of two probes: two hours and a half.
    std::uint64_t last = 0;
    for (int i = 0; i < readings; ++i) {
        for (auto const* const probe : {"cpu", "load"}) {
            auto reading = series();
            reading.probe = probe;
            reading.taken_ms = clock.now_ms();
            auto const sequence = spool.append(reading);
            REQUIRE(sequence);
            last = *sequence;
        }
        clock.advance(std::chrono::seconds(10));
    }
    CHECK(captured.has("spool.thinned"));
    CHECK(spool.bytes(Lane::series) <= 60'000);
    auto const kept = all<wire::Series>(spool, Lane::series);
    auto const gaps = all<wire::Gap>(spool, Lane::series);
    CHECK(kept.front().taken_ms == support::ManualClock::start_ms); // The coarse curve begins where the fine one did.
    CHECK(kept.back().taken_ms == clock.now_ms() - 10'000);
    std::vector<int> told(last + 1);
    for (auto const& one : kept)
        ++told[one.sequence];
    for (auto const& gap : gaps) {
        CHECK(gap.reason == "thinned");
        for (auto n = gap.first; n <= gap.last; ++n)
            ++told[n];
    }
    CHECK(std::all_of(told.begin() + 1, told.end(), [](int times) { return times == 1; }));
}

TEST_CASE_FIXTURE(SpoolFixture,
                  "spool: events and what is remembered with them are there together, also after a restart")
{
    {
        auto spool = open();
        REQUIRE(spool.append(std::vector<wire::Event>{event("alice"), event("bob")}, "position", "2"));
        REQUIRE(spool.append(std::vector<wire::Event>{}, "other", "0"));
    }
    auto spool = open();
    auto const events = all<wire::Event>(spool, Lane::event);
    REQUIRE(events.size() == 2);
    CHECK(events[0].sequence == 1);
    CHECK(events[1].sequence == 2);
    CHECK(*spool.recall("position") == "2");
    CHECK(*spool.recall("other") == "0");
    CHECK(spool.bytes(Lane::event) > 0);
}

TEST_CASE_FIXTURE(SpoolFixture, "spool: events that are too many for their lane push out the oldest, with a gap")
{
    auto spool = open({.event_bytes = 2'000});
    std::vector<wire::Event> const events(100, event(std::string(50, 'x')));
    REQUIRE(spool.append(events, "position", "100"));
    CHECK(spool.bytes(Lane::event) <= 2'000);
    CHECK(all<wire::Gap>(spool, Lane::event).size() == 1);
    CHECK(all<wire::Event>(spool, Lane::event).back().sequence == 100);
    CHECK(*spool.recall("position") == "100");
}
