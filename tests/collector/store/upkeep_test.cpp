#include "common/log/log.hpp"
#include "tests/collector/store/upkeep_fixture.hpp"

using namespace rollcall;
using namespace std::chrono_literals;
using rollcall::test::day_ms;
using rollcall::test::StoreFixture;
using rollcall::test::UpkeepFixture;
using store::Retention;

static UnixMs days(std::int64_t count) { return count * day_ms; }

TEST_CASE("retention: every limit is checked by its name")
{
    CHECK(store::check(Retention{}));
    Retention short_lived;
    short_lived.events = Retention::Days(0);
    auto const refused = store::check(short_lived);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::bad_input);
    CHECK(refused.error().trace.starts_with("retention.events: 0 days is not within 1 to 36500"));
    Retention endless;
    endless.days = Retention::Days(36'501);
    CHECK_FALSE(store::check(endless));
}

TEST_CASE("upkeep: each kind goes at its age, and what is so now stays")
{
    UpkeepFixture f;
    auto const old = f.now() - days(366);
    auto const young = f.now() - days(364);
    f.write([&](sqlite::Database& db) -> Result<> {
        CHECK(store::change_state(db, "pc", "services", {{"a", Row{}}, {"b", Row{}}, {"c", Row{}}}, {}, old - 5));
        CHECK(store::change_state(db, "pc", "services", {}, {"a"}, old));
        CHECK(store::change_state(db, "pc", "services", {}, {"b"}, young));
        for (auto const at : {old, young}) {
            CHECK(store::add_device_action(db, {.device_id = "pc", .at_ms = at, .what = "retired"}));
            CHECK(store::add_gap(db, "pc", "e", {.lane = "event", .first = 1, .last = 1, .at_ms = at, .reason = "x"}));
            auto const id = std::to_string(at);
            store::Alert alert{
                .id = id, .device_id = "pc", .customer_id = "acme", .item = id, .category = "Disk", .created_ms = 1};
            CHECK(store::open_alert(db, alert));
            alert.resolved_ms = at;
            CHECK(store::update_alert(db, alert));
            CHECK(store::add_alert_action(db, {.alert_id = id, .at_ms = at, .what = "note", .text = "t"}));
        }
        store::Alert open{.id = "o", .device_id = "pc", .customer_id = "acme", .item = "i", .created_ms = 1};
        CHECK(store::open_alert(db, open));
        return {};
    });
    f.add_event(1, old);
    f.add_event(2, young);
    f.settle();
    CHECK(f.count("state_row") == 2);
    CHECK(f.count("gap") == 1);
    CHECK(f.count("alert") == 2);
    CHECK(f.count("alert_action") == 1);
    CHECK(f.count("event") == 1);
    CHECK(f.count("device_action") == 1);
    auto const figures = f.upkeep.figures();
    CHECK(figures.deleted == std::array<std::uint64_t, 9>{1, 1, 1, 1, 1});
    CHECK(figures.failures == 0);
}

TEST_CASE("upkeep: much to delete goes in bounded steps, one after the other, and then there is peace")
{
    UpkeepFixture f;
    f.write([&](sqlite::Database& db) -> Result<> {
        for (std::uint64_t i = 1; i <= 1700; ++i)
            CHECK(store::add_event(db, "pc", "e",
                                   {.sequence = i, .name = "boot", .at_ms = f.now() - days(400) + std::int64_t(i)}));
        return {};
    });
    f.add_event(5000, f.now());
    log::Capture log;
    auto left = f.count("event");
    int deleting = 0;
    for (;;) {
        auto const more = f.upkeep.step();
        REQUIRE(more);
        if (!*more) break;
        auto const now_left = f.count("event");
        CHECK(left - now_left <= store::rows_per_step);
        deleting += now_left < left ? 1 : 0;
        left = now_left;
    }
    CHECK(deleting == 4);
    CHECK(left == 1);
    CHECK(log.has("upkeep.deleted"));
    CHECK_FALSE(*f.upkeep.step());
    CHECK(f.round() > 0);
    CHECK(f.count("event") == 1);
}

TEST_CASE("upkeep: all devices have their turn")
{
    UpkeepFixture f;
    f.write([&](sqlite::Database& db) -> Result<> {
        for (int i = 0; i < 150; ++i) {
            auto const id = "pc" + std::to_string(i);
            CHECK(store::add_device(db, StoreFixture::device(id)));
            CHECK(store::add_event(db, id, "e", {.sequence = 1, .name = "boot", .at_ms = f.now() - days(500)}));
        }
        return {};
    });
    f.settle();
    CHECK(f.count("event") == 0);
}

TEST_CASE("upkeep: a clock that jumps a year ahead and back deletes nothing, across a restart too")
{
    UpkeepFixture f;
    f.add_event(1, f.now());
    f.settle();
    f.clock.jump(std::chrono::hours(24 * 370));
    log::Capture log;
    f.round();
    CHECK(log.has("upkeep.clock_ahead"));
    CHECK(f.upkeep.figures().clock_ahead);
    CHECK(f.count("event") == 1);
    {
        // Devices go on sending, with stamps of the wrong year; a new start sees only those.
        f.seen();
        store::Upkeep again({.store = *f.store, .clock = f.clock, .retention = {}});
        while (*again.step()) {
        }
        CHECK(again.figures().clock_ahead);
        CHECK(f.count("event") == 1);
    }
    f.clock.jump(-std::chrono::hours(24 * 370));
    f.round();
    CHECK_FALSE(f.upkeep.figures().clock_ahead);
    CHECK(f.count("event") == 1);
    CHECK(log.has("upkeep.clock_trusted"));
}

TEST_CASE("upkeep: a collector that was off for months deletes again after a week")
{
    UpkeepFixture f;
    f.add_event(1, f.now() - days(300));
    f.settle();
    f.clock.jump(std::chrono::hours(24 * 100));
    f.round();
    CHECK(f.count("event") == 1);
    for (int day = 0; day < 7; ++day) {
        f.clock.advance(std::chrono::hours(24));
        f.settle();
    }
    CHECK(f.count("event") == 0);
}

TEST_CASE("upkeep: its thread works by itself and ends when it is told")
{
    UpkeepFixture f;
    f.add_event(1, f.now() - days(400));
    f.upkeep.start();
    for (int i = 0; i < 1000 && f.count("event") > 0; ++i)
        std::this_thread::sleep_for(10ms);
    CHECK(f.count("event") == 0);
    f.upkeep.stop();
    f.upkeep.stop();
}
