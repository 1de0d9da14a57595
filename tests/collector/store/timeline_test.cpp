#include <set>

#include "tests/collector/store/upkeep_fixture.hpp"

using namespace rollcall;
using rollcall::test::StoreFixture;
using store::Happened;

namespace
{

store::TimelinePage page_of(StoreFixture const& f, store::TimelineWish const& wish = {})
{
    store::TimelinePage page;
    f.read([&](sqlite::Database& db) -> Result<> {
        auto found = store::timeline(db, "pc", wish);
        if (!found) return found.error();
        page = *std::move(found);
        return {};
    });
    return page;
}

/// "appeared services/a"
std::string word(store::TimelineEntry const& entry)
{
    switch (entry.what) {
    case Happened::appeared:
        return "appeared " + entry.name + "/" + entry.key;
    case Happened::changed:
        return "changed " + entry.name + "/" + entry.key;
    case Happened::vanished:
        return "vanished " + entry.name + "/" + entry.key;
    case Happened::event:
        return "event " + entry.name;
    case Happened::gap:
        return "gap " + entry.gap.lane;
    case Happened::alert_opened:
        return "opened " + entry.alert.title;
    case Happened::alert_resolved:
        return "resolved " + entry.alert.title;
    }
    return "";
}

std::vector<std::string> words(store::TimelinePage const& page)
{
    std::vector<std::string> all;
    for (auto const& entry : page.entries)
        all.push_back(word(entry));
    return all;
}

/// Everything that can happen, twice at one moment.
void fill(StoreFixture const& f)
{
    f.write([](sqlite::Database& db) -> Result<> {
        CHECK(store::change_state(db, "pc", "services",
                                  {{"a", Row{{"state", "running"}, {"label", "A"}}}, {"b", Row{{"state", "running"}}}},
                                  {}, 100));
        CHECK(store::change_state(db, "pc", "services", {{"a", Row{{"state", "failed"}, {"label", "A"}}}}, {"b"}, 200));
        CHECK(store::add_event(db, "pc", "e", {.sequence = 1, .name = "boot", .at_ms = 50, .detail = {}}));
        CHECK(store::add_event(db, "pc", "e",
                               {.sequence = 2, .name = "log_in", .at_ms = 200, .detail = {{"user", "ada"}}}));
        CHECK(store::add_gap(db, "pc", "e",
                             {.lane = "series", .first = 3, .last = 9, .at_ms = 200, .reason = "spool_full"}));
        store::Alert alert{.id = "0190aaaa-0000-7000-8000-000000000001",
                           .device_id = "pc",
                           .customer_id = "acme",
                           .item = "service",
                           .subject = "a",
                           .title = "Service",
                           .severity = store::Severity::critical,
                           .category = "Apps",
                           .value = "failed",
                           .latest = "failed",
                           .created_ms = 200};
        CHECK(store::open_alert(db, alert));
        alert.latest = "running";
        alert.resolved_ms = 300;
        return store::update_alert(db, alert);
    });
}

} // namespace

TEST_CASE("timeline: everything that happened, newest first, with what was and what is")
{
    StoreFixture f;
    fill(f);
    auto const page = page_of(f);
    CHECK(words(page) == std::vector<std::string>{"resolved Service", "opened Service", "event log_in", "gap series",
                                                  "vanished services/b", "changed services/a", "appeared services/b",
                                                  "appeared services/a", "event boot"});
    CHECK(page.next.empty());
    auto const& changed = page.entries[5];
    CHECK(changed.at_ms == 200);
    CHECK(changed.before == Row{{"state", "running"}});
    CHECK(changed.after == Row{{"state", "failed"}});
    CHECK(page.entries[4].before == Row{{"state", "running"}});
    CHECK(page.entries[7].after.size() == 2);
    CHECK(page.entries[2].after == Row{{"user", "ada"}});
    CHECK(page.entries[3].gap.last == 9);
    CHECK(page.entries[1].alert.value == "failed");
    CHECK(page.entries[0].alert.latest == "running");
}

TEST_CASE("timeline: page by page it is the same list, each entry once, whatever the page's length")
{
    StoreFixture f;
    fill(f);
    f.write([](sqlite::Database& db) -> Result<> {
        Snapshot rows;
        for (int i = 0; i < 50; ++i)
            rows["p" + std::to_string(i)] = Row{{"version", "1"}};
        return store::change_state(db, "pc", "software", rows, {}, 200);
    });
    auto const whole = words(page_of(f, {.limit = 1000}));
    CHECK(whole.size() == 59);
    for (std::int64_t const limit : {1, 2, 7, 58, 59, 60}) {
        std::vector<std::string> all;
        store::TimelineWish wish{.limit = limit};
        do {
            auto const page = page_of(f, wish);
            CHECK(page.entries.size() <= static_cast<std::size_t>(limit));
            for (auto const& entry : page.entries)
                all.push_back(word(entry));
            wish.before = page.next;
        } while (!wish.before.empty());
        CHECK(all == whole);
    }
}

TEST_CASE("timeline: only the kinds that are wanted, only this device, and no place that is none")
{
    StoreFixture f;
    fill(f);
    f.write([](sqlite::Database& db) -> Result<> {
        CHECK(store::add_device(db, StoreFixture::device("other")));
        return store::add_event(db, "other", "e", {.sequence = 1, .name = "boot", .at_ms = 60, .detail = {}});
    });
    CHECK(words(page_of(f, {.states = false, .gaps = false, .alerts = false})) ==
          std::vector<std::string>{"event log_in", "event boot"});
    CHECK(words(page_of(f, {.events = false, .gaps = false, .alerts = false})).size() == 4);
    for (auto const* const bad : {"x", "1", "1.", "1.2", "1.2.", "1.2.x", "1.9.1", "1.-1.1", "1.2.1x", "."})
        f.read([&](sqlite::Database& db) -> Result<> {
            auto const found = store::timeline(db, "pc", {.before = bad});
            CHECK_FALSE(found);
            if (!found) CHECK(found.error().code == errc::bad_input);
            return {};
        });
}

TEST_CASE("timeline: what came before is left out where it is too old to be kept")
{
    StoreFixture f;
    fill(f);
    f.write([](sqlite::Database& db) { return db.exec("DELETE FROM state_row WHERE valid_to_ms IS NOT NULL"); });
    auto const page = page_of(f, {.events = false, .gaps = false, .alerts = false});
    REQUIRE(page.entries.size() == 1);
    CHECK(page.entries[0].what == Happened::changed);
    CHECK(page.entries[0].before.empty());
    CHECK(page.entries[0].after.size() == 2);
}

TEST_CASE("sizes: growth is measured over at most a week, and not told before there is enough of it")
{
    rollcall::test::UpkeepFixture f;
    auto const day = rollcall::test::day_ms;
    auto const growth = [&](std::int64_t bytes) {
        std::optional<store::Growth> found;
        f.read([&](sqlite::Database& db) -> Result<> {
            auto const read = store::growth(db, f.now(), bytes);
            if (!read) return read.error();
            found = *read;
            return {};
        });
        return found;
    };
    CHECK_FALSE(growth(5));
    f.write([&](sqlite::Database& db) -> Result<> {
        CHECK(store::add_size_sample(db, f.now() - 500 * day, 1));
        CHECK(store::add_size_sample(db, f.now() - 30 * day, 1));
        return store::add_size_sample(db, f.now() - day / 24, 70);
    });
    CHECK(f.count("size_sample") == 2);
    CHECK_FALSE(growth(100));
    f.write([&](sqlite::Database& db) { return store::add_size_sample(db, f.now() - 5 * day, 50); });
    CHECK(growth(100)->bytes_per_day == doctest::Approx(10));
    CHECK(growth(100)->since_ms == f.now() - 5 * day);
    CHECK(growth(0)->bytes_per_day == doctest::Approx(-10));
    f.settle();
    CHECK(f.count("size_sample") == 4);
    CHECK(f.upkeep.figures().bytes_per_day);
    f.round();
    CHECK(f.count("size_sample") == 4);
}
