#include <cmath>
#include <random>

#include "collector/store/upkeep.hpp"
#include "common/log/log.hpp"
#include "tests/collector/store/upkeep_fixture.hpp"

using namespace rollcall;
using namespace std::chrono_literals;
using rollcall::test::day_ms;
using rollcall::test::UpkeepFixture;
using store::Level;

namespace
{

constexpr std::int64_t hour_ms = 3'600'000;

void add(sqlite::Database& db, std::string const& probe, UnixMs at, std::vector<wire::Sample> samples)
{
    REQUIRE(store::add_series(db, "pc", {.probe = probe, .taken_ms = at, .samples = std::move(samples)}));
}

std::vector<store::StoredSeries> readings_of(UpkeepFixture const& f, std::string const& probe, UnixMs from = 0,
                                             UnixMs to = INT64_MAX / 4)
{
    std::vector<store::StoredSeries> all;
    f.read([&](sqlite::Database& db) -> Result<> {
        auto found = store::series_between(db, "pc", probe, from, to);
        if (!found) return found.error();
        all = *std::move(found);
        return {};
    });
    return all;
}

store::Rolled rolled_of(UpkeepFixture const& f, std::string const& probe, Level level, UnixMs from, UnixMs to)
{
    store::Rolled all;
    f.read([&](sqlite::Database& db) -> Result<> {
        auto found = store::rolled_between(db, "pc", probe, level, from, to);
        if (!found) return found.error();
        all = *std::move(found);
        return {};
    });
    return all;
}

/// A day of a machine in use, as its probes would tell it: noise, bursts, a nightly backup, a disk that fills.
class Day
{
public:
    explicit Day(unsigned seed)
        : random_(seed)
    {
    }

    /// How many values that is.
    std::int64_t add_to(sqlite::Database& db, UnixMs begin)
    {
        std::int64_t values = 0;
        auto const put = [&](std::string const& probe, UnixMs at, std::vector<wire::Sample> samples) {
            for (auto const& sample : samples)
                values += static_cast<std::int64_t>(sample.values.size());
            add(db, probe, at, std::move(samples));
        };
        for (int i = 0; i < 5760; ++i) {
            // A reading comes a few milliseconds late, and now and then not at all.
            auto const at = begin + i * 15'000 + static_cast<UnixMs>(random_() % 9);
            if (random_() % 2000 == 0) continue;
            step(i);
            put("cpu", at, {{"", {used_, used_ * 0.7, used_ * 0.25, std::max(0.0, noise(0.4))}}});
            put("load", at, {{"", {round2(load_1_), round2(load_5_), round2(load_15_)}}});
            auto const in_use = static_cast<std::int64_t>(memory_) / 4096 * 4096;
            put("memory", at, {{"", {100.0 * memory_ / total, in_use, std::int64_t(total) - in_use}}});
            put("disk_io", at, {disk("nvme0n1", 0.3), disk("sda", 0.02)});
            put("network_io", at, {network("eth0", 40'000), network("wlan0", 300)});
            if (i % 4 != 0) continue;
            put("swap", at, {{"", {12.5, std::int64_t{268'435'456}, std::int64_t{2'147'483'648}}}});
            put("volume_usage", at, {volume("/", free_), volume("/boot", 412'000'000), volume("/home", home_)});
        }
        return values;
    }

private:
    static constexpr double total = 16.0 * 1024 * 1024 * 1024;

    double noise(double width) { return std::normal_distribution(0.0, width)(random_); }
    static double round2(double value) { return std::round(value * 100) / 100; }

    void step(int i)
    {
        auto const busy = 15 + 12 * std::sin(i / 917.0);
        used_ = std::clamp(used_ + 0.2 * (busy - used_) + noise(2.5), 0.3, 100.0);
        auto const running = used_ / 100 * 4;
        load_1_ += (running - load_1_) / 4;
        load_5_ += (running - load_5_) / 20;
        load_15_ += (running - load_15_) / 60;
        memory_ = std::clamp(memory_ + noise(12e6), 2e9, 14e9);
        free_ -= std::max(0.0, noise(200'000));
        home_ -= random_() % 20 == 0 ? 4e6 : 0;
    }
    wire::Sample disk(std::string key, double share)
    {
        bool const works = std::uniform_real_distribution(0.0, 1.0)(random_) < share;
        auto const read = works ? std::exp(noise(1.2) + 12) : 0.0;
        auto const write = works ? std::exp(noise(1.0) + 11) : 0.0;
        return {std::move(key), {read, write, works ? std::min(100.0, std::fabs(noise(4))) : 0.0}};
    }
    wire::Sample network(std::string key, double mean)
    {
        return {std::move(key), {mean * std::exp(noise(0.8)), mean / 4 * std::exp(noise(0.8))}};
    }
    static wire::Sample volume(std::string key, double free)
    {
        return {std::move(key), {100.0 * free / 512e9, static_cast<std::int64_t>(free) / 4096 * 4096}};
    }

    std::mt19937 random_;
    double used_ = 10;
    double load_1_ = 0.5;
    double load_5_ = 0.5;
    double load_15_ = 0.5;
    double memory_ = 6e9;
    double free_ = 180e9;
    double home_ = 300e9;
};

/// Bytes of whole pages, keys and slack included.
std::int64_t pages_of(UpkeepFixture const& f, std::string const& condition)
{
    std::int64_t bytes = 0;
    f.read([&](sqlite::Database& db) -> Result<> {
        auto query = db.prepare("SELECT sum(pgsize) FROM dbstat WHERE " + condition);
        if (!query) return query.error();
        auto const row = query->step();
        if (!row) return row.error();
        bytes = query->integer(0);
        return {};
    });
    return bytes;
}

} // namespace

TEST_CASE("seal: readings come back as before, rolled up besides, and each is kept once")
{
    UpkeepFixture f;
    auto const begin = store::floor_to(f.now(), day_ms) - day_ms;
    f.write([&](sqlite::Database& db) -> Result<> {
        for (int i = 0; i < 960; ++i)
            add(db, "cpu", begin + i * 15'000,
                {{"", {i % 100 * 1.0, i % 7 == 0 ? Value(Unknown{"timed_out"}) : Value(50.0)}}});
        return {};
    });
    auto const before = readings_of(f, "cpu");
    f.settle();
    CHECK(f.count("series") == 0);
    CHECK(f.count("series_block") == 4);
    CHECK(f.upkeep.figures().sealed_readings == 960);
    auto const after = readings_of(f, "cpu");
    REQUIRE(after.size() == 960);
    for (std::size_t i = 0; i < 960; ++i) {
        CHECK(after[i].taken_ms == before[i].taken_ms);
        CHECK(after[i].samples[0].values == before[i].samples[0].values);
    }
    CHECK(readings_of(f, "cpu", begin + 15'000, begin + 45'000).size() == 2);
    auto const minutes = rolled_of(f, "cpu", Level::five_minutes, begin, begin + day_ms);
    auto const& used = minutes.at({"", 0});
    REQUIRE(used.size() == 48);
    CHECK(used[0] == store::Bucket{begin, 20, 0, 9.5, 0, 19});
    CHECK(minutes.at({"", 1})[0].unknowns == 3);
    auto const days = rolled_of(f, "cpu", Level::days, begin, begin + day_ms);
    CHECK(days.at({"", 0}).at(0).count == 960);
    CHECK(days.at({"", 0}).at(0).max == 99);
    f.read([&](sqlite::Database& db) -> Result<> {
        CHECK((*store::latest_series(db, "pc", "cpu"))->taken_ms == begin + 959 * 15'000);
        CHECK_FALSE(*store::latest_series(db, "pc", "load"));
        return {};
    });
}

TEST_CASE("seal: only what is older than some hours; roll-ups tell what is not sealed yet as well")
{
    UpkeepFixture f;
    f.write([&](sqlite::Database& db) -> Result<> {
        for (int i = 0; i < 4 * 240; ++i)
            add(db, "cpu", f.now() - 2 * hour_ms + i * 15'000, {{"", {1.0}}});
        return {};
    });
    f.settle();
    CHECK(f.count("series_block") == 0);
    auto const fresh = rolled_of(f, "cpu", Level::hours, f.now() - day_ms, f.now() + day_ms);
    f.clock.advance(90min);
    f.settle();
    CHECK(f.count("series_block") > 0);
    auto const left = f.count("series");
    CHECK(left == 240);
    CHECK(rolled_of(f, "cpu", Level::hours, 0, f.now() + day_ms) == fresh);
    CHECK(readings_of(f, "cpu").size() == 960);
}

TEST_CASE("seal: a device that comes back late adds to its blocks and roll-ups as if it had been in time")
{
    UpkeepFixture f;
    UpkeepFixture in_time;
    auto const begin = store::floor_to(f.now(), day_ms) - 2 * day_ms;
    auto const put = [&](UpkeepFixture const& into, int first, int step) {
        into.write([&](sqlite::Database& db) -> Result<> {
            for (int i = first; i < 11'520; i += step)
                add(db, "load", begin + i * 15'000, {{"", {i % 97 * 1.0, i % 5 * 1.0, 1.0}}});
            return {};
        });
    };
    put(in_time, 0, 1);
    in_time.settle();
    put(f, 0, 2);
    f.settle();
    put(f, 1, 2);
    f.round();
    CHECK(f.count("series") == 0);
    CHECK(f.count("series_block") == in_time.count("series_block"));
    CHECK(readings_of(f, "load").size() == 11'520);
    for (auto const level : store::rolled_levels) {
        auto const late = rolled_of(f, "load", level, begin, f.now());
        auto const right = rolled_of(in_time, "load", level, begin, f.now());
        REQUIRE(late.size() == right.size());
        for (auto const& [curve, buckets] : right) {
            REQUIRE(late.at(curve).size() == buckets.size());
            for (std::size_t i = 0; i < buckets.size(); ++i) {
                CHECK(late.at(curve)[i].count == buckets[i].count);
                CHECK(late.at(curve)[i].min == buckets[i].min);
                CHECK(late.at(curve)[i].max == buckets[i].max);
                CHECK(std::fabs(late.at(curve)[i].mean - buckets[i].mean) < 0.0151);
            }
        }
    }
}

TEST_CASE("seal: two readings of one moment are both kept, before and after")
{
    UpkeepFixture f;
    auto const at = f.now() - 10 * hour_ms;
    f.write([&](sqlite::Database& db) -> Result<> {
        add(db, "cpu", at, {{"", {1.0}}});
        return {};
    });
    f.settle();
    f.write([&](sqlite::Database& db) -> Result<> {
        add(db, "cpu", at, {{"", {2.0}}});
        return {};
    });
    f.round();
    auto const all = readings_of(f, "cpu");
    REQUIRE(all.size() == 2);
    CHECK(all[1].taken_ms == at + 1);
}

TEST_CASE("seal: a reading that comes in between is not lost, nor kept twice")
{
    UpkeepFixture f;
    auto const at = f.now() - 10 * hour_ms;
    f.write([&](sqlite::Database& db) -> Result<> {
        add(db, "cpu", at, {{"", {1.0}}});
        add(db, "cpu", at + 30'000, {{"", {3.0}}});
        return {};
    });
    std::optional<store::Seal> seal;
    f.read([&](sqlite::Database& db) -> Result<> {
        auto made = store::prepare_seal(db, "pc", "cpu", f.now());
        if (!made) return made.error();
        seal = *std::move(made);
        return {};
    });
    REQUIRE(seal);
    f.write([&](sqlite::Database& db) -> Result<> {
        add(db, "cpu", at + 15'000, {{"", {2.0}}});
        return {};
    });
    auto const refused = f.store->write([&](sqlite::Database& db) { return store::apply_seal(db, *seal); });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::conflict);
    CHECK(f.count("series") == 3);
    CHECK(f.count("series_block") == 0);
    f.settle();
    CHECK(readings_of(f, "cpu").size() == 3);
    auto const again = f.store->write([&](sqlite::Database& db) { return store::apply_seal(db, *seal); });
    CHECK_FALSE(again);
    CHECK(readings_of(f, "cpu").size() == 3);
}

TEST_CASE("seal: damaged blocks and readings are told, and everything else is there")
{
    UpkeepFixture f;
    auto const begin = store::floor_to(f.now(), day_ms) - 2 * day_ms;
    f.write([&](sqlite::Database& db) -> Result<> {
        for (int day = 0; day < 2; ++day)
            for (int i = 0; i < 10; ++i)
                add(db, "cpu", begin + day * day_ms + i * 15'000, {{"", {1.0}}});
        return {};
    });
    f.settle();
    f.write([&](sqlite::Database& db) -> Result<> {
        if (auto r = db.exec("UPDATE series_block SET block = x'010203' WHERE slot_ms = " + std::to_string(begin)); !r)
            return r;
        add(db, "cpu", begin + 1'000'000, {{"", {2.0}}});
        add(db, "cpu", begin + 1'015'000, {{"", {3.0}}});
        return db.exec("UPDATE series SET samples = x'FF' WHERE taken_ms = " + std::to_string(begin + 1'000'000));
    });
    log::Capture log;
    f.round();
    CHECK(log.has("series.damaged"));
    CHECK(f.count("series") == 0);
    CHECK(readings_of(f, "cpu").size() == 11);
    CHECK(rolled_of(f, "cpu", Level::five_minutes, begin, begin + 2 * day_ms).at({"", 0}).size() >= 2);
}

TEST_CASE("seal: blocks go at the age of their kind")
{
    UpkeepFixture f;
    auto const at = store::floor_to(f.now(), day_ms) - 3 * day_ms;
    f.write([&](sqlite::Database& db) -> Result<> {
        add(db, "cpu", at, {{"", {1.0}}});
        return {};
    });
    f.settle();
    auto const live_until = [&](int days) {
        while (f.now() < at + days * day_ms) {
            f.clock.advance(std::chrono::hours(24));
            f.settle();
        }
    };
    CHECK(f.count("series_block") == 4);
    live_until(14);
    CHECK(f.count("series_block") == 4);
    live_until(17);
    CHECK(f.count("series_block WHERE level = 0") == 0);
    CHECK(f.count("series_block") == 3);
    live_until(100);
    CHECK(f.count("series_block") == 2);
    CHECK(rolled_of(f, "cpu", Level::hours, at, at + day_ms).at({"", 0}).at(0).count == 1);
    CHECK(f.upkeep.figures().deleted[static_cast<std::size_t>(store::Expiring::readings)] == 1);
}

TEST_CASE("seal: a realistic day takes at most 2 bytes a value, with keys, rows and the slack of pages")
{
    UpkeepFixture f;
    auto const begin = store::floor_to(f.now(), day_ms) - day_ms;
    std::int64_t values = 0;
    Day day(42);
    f.write([&](sqlite::Database& db) -> Result<> {
        values = day.add_to(db, begin);
        return {};
    });
    auto const raw = pages_of(f, "name = 'series'");
    f.settle();
    CHECK(f.count("series") == 0);
    auto const sealed = pages_of(f, "name IN ('series_block', 'series_name', 'sqlite_autoindex_series_name_1')");
    auto const per_value = static_cast<double>(sealed) / static_cast<double>(values);
    MESSAGE(values << " values: " << static_cast<double>(raw) / static_cast<double>(values) << " bytes each before, "
                   << per_value << " sealed with roll-ups");
    CHECK(values > 90'000);
    CHECK(per_value <= 2.0);
}
