#include <set>

#include "common/wire/limits.hpp"
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
    case Happened::alert_action:
        return entry.alert_action.technician + " " + entry.alert_action.what + " " + entry.alert.title;
    case Happened::action:
        return entry.action.technician + " " + entry.action.what + " " + entry.action.was + ">" + entry.action.became;
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
    for (auto const* const bad : {"x", "1", "1.", "1.4", "1.4.", "1.0.", "1.4.x", "1.8.1", "1.-1.1", "1.4.1x", "."})
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

TEST_CASE("timeline: what is quiet is not told, and of a change only the columns that are news")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        Row const before{{"state", "running"}, {"since_ms", 100}, {"label", unknown(errc::timed_out)}};
        Row const after{{"state", "failed"}, {"since_ms", 300}, {"label", "A"}};
        CHECK(store::change_state(db, "pc", "services", {{"a", before}, {"b", before}}, {}, 100, {"a", "b"}));
        CHECK(store::change_state(db, "pc", "services", {{"c", before}}, {"b"}, 200, {"b"}));
        return store::change_state(db, "pc", "services", {{"a", after}}, {"c"}, 300);
    });
    auto const page = page_of(f);
    CHECK(words(page) == std::vector<std::string>{"vanished services/c", "changed services/a", "appeared services/c"});
    CHECK(page.entries[1].before == Row{{"state", "running"}});
    CHECK(page.entries[1].after == Row{{"state", "failed"}});
}

TEST_CASE("timeline: only rows of some probes, and only some events, page by page")
{
    StoreFixture f;
    fill(f);
    f.write([](sqlite::Database& db) { return store::change_state(db, "pc", "software", {{"x", Row{}}}, {}, 150); });
    CHECK(words(page_of(f, {.events = false, .gaps = false, .alerts = false, .probes = {"software"}})) ==
          std::vector<std::string>{"appeared software/x"});
    CHECK(words(page_of(f, {.events = false, .gaps = false, .alerts = false, .probes = {"software", "services"}}))
              .size() == 5);
    CHECK(words(page_of(f, {.gaps = false, .alerts = false, .probes = {"software"}, .event_names = {"boot"}})) ==
          std::vector<std::string>{"appeared software/x", "event boot"});
    CHECK(page_of(f, {.states = false, .gaps = false, .alerts = false, .event_names = {"'; DROP TABLE event; --"}})
              .entries.empty());
    auto const first = page_of(f, {.probes = {"software"}, .event_names = {"boot"}, .limit = 4});
    CHECK(words(first) ==
          std::vector<std::string>{"resolved Service", "opened Service", "gap series", "appeared software/x"});
    CHECK(words(page_of(f, {.probes = {"software"}, .event_names = {"boot"}, .before = first.next})) ==
          std::vector<std::string>{"event boot"});
}

TEST_CASE("timeline: what people did to the device and about its alerts, once each, whatever the page's length")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        store::Alert alert{.id = "0190aaaa-0000-7000-8000-000000000001",
                           .device_id = "pc",
                           .customer_id = "acme",
                           .item = "service",
                           .subject = "a",
                           .title = "Service",
                           .category = "Apps",
                           .value = "failed",
                           .latest = "running",
                           .created_ms = 200};
        CHECK(store::open_alert(db, alert));
        auto const act = [&](UnixMs at, std::string who, std::string what, std::string text) {
            return store::add_alert_action(db, {.alert_id = alert.id,
                                                .version = 1,
                                                .at_ms = at,
                                                .technician_id = who.empty() ? "" : "id-" + who,
                                                .technician = who,
                                                .what = std::move(what),
                                                .text = std::move(text)});
        };
        // It resolved by itself, was opened again, noted, and resolved by a person.
        CHECK(act(300, "", "resolved", "running"));
        CHECK(act(400, "anna", "reopened", ""));
        CHECK(act(500, "anna", "note", "look at it"));
        CHECK(act(600, "berta", "resolved", ""));
        alert.resolved_ms = 600;
        alert.status_by = "berta";
        CHECK(store::update_alert(db, alert));
        // The next one resolved by itself, and stays so.
        alert.id = "0190aaaa-0000-7000-8000-000000000002";
        alert.title = "Disk";
        alert.item = "disk";
        alert.created_ms = 650;
        alert.resolved_ms.reset();
        alert.status_by.clear();
        CHECK(store::open_alert(db, alert));
        CHECK(act(700, "", "resolved", "fine"));
        alert.resolved_ms = 700;
        CHECK(store::update_alert(db, alert));
        auto const done = [&](UnixMs at, std::string what, std::string was, std::string became) {
            return store::add_device_action(db, {.device_id = "pc",
                                                 .at_ms = at,
                                                 .technician_id = "id-anna",
                                                 .technician = "anna",
                                                 .what = std::move(what),
                                                 .was = std::move(was),
                                                 .became = std::move(became)});
        };
        CHECK(done(600, "renamed", "pc", "Front desk"));
        CHECK_FALSE(done(600, "painted", "", ""));
        return done(800, "retired", "", "");
    });
    std::vector<std::string> const whole{"anna retired >",
                                         "resolved Disk",
                                         "opened Disk",
                                         "berta resolved Service",
                                         "anna renamed pc>Front desk",
                                         "anna note Service",
                                         "anna reopened Service",
                                         " resolved Service",
                                         "opened Service"};
    auto const page = page_of(f);
    CHECK(words(page) == whole);
    CHECK(page.entries[5].alert_action.text == "look at it");
    CHECK(page.entries[5].alert.severity == store::Severity::information);
    for (std::int64_t limit = 1; limit < 10; ++limit) {
        std::vector<std::string> all;
        store::TimelineWish wish{.limit = limit};
        do {
            auto const part = page_of(f, wish);
            for (auto const& entry : part.entries)
                all.push_back(word(entry));
            wish.before = part.next;
        } while (!wish.before.empty());
        CHECK(all == whole);
    }
    CHECK(words(page_of(f, {.alerts = false})) ==
          std::vector<std::string>{"anna retired >", "anna renamed pc>Front desk"});
    CHECK(page_of(f, {.alerts = false, .actions = false}).entries.empty());
}

TEST_CASE("timeline: of what people did to a device the last are kept, and it goes with the device")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        CHECK(store::add_device(db, StoreFixture::device("other")));
        for (std::int64_t i = 0; i < store::device_actions_kept + 5; ++i)
            CHECK(store::add_device_action(db, {.device_id = "pc", .at_ms = i, .what = "monitored"}));
        return store::add_device_action(db, {.device_id = "other", .at_ms = 1, .what = "monitored"});
    });
    auto const page = page_of(f, {.limit = 2000});
    CHECK(page.entries.size() == static_cast<std::size_t>(store::device_actions_kept));
    CHECK(page.entries.back().at_ms == 5);
    f.write([](sqlite::Database& db) -> Result<> {
        for (;;) {
            auto const more = store::purge_some(db, "pc", 500);
            if (!more) return more.error();
            if (!*more) return {};
        }
    });
    f.read([](sqlite::Database& db) -> Result<> {
        auto query = db.prepare("SELECT group_concat(device_id) FROM device_action");
        REQUIRE(query);
        REQUIRE(*query->step());
        CHECK(query->text(0) == "other");
        return {};
    });
}

TEST_CASE("timeline: a change of as many rows as are taken at once is told whole, page by page")
{
    StoreFixture f;
    static constexpr std::int64_t page_entries = 2000;
    f.write([](sqlite::Database& db) -> Result<> {
        Snapshot rows;
        for (std::size_t i = 0; i < wire::limits::snapshot_rows; ++i)
            rows["p" + std::to_string(i)] = Row{{"version", std::string(100, '1')}};
        return store::change_state(db, "pc", "software", rows, {}, 100);
    });
    std::set<std::string> keys;
    store::TimelineWish wish{.limit = page_entries};
    std::size_t pages = 0;
    do {
        auto const page = page_of(f, wish);
        ++pages;
        for (auto const& entry : page.entries)
            keys.insert(entry.key);
        wish.before = page.next;
    } while (!wish.before.empty());
    CHECK(keys.size() == wire::limits::snapshot_rows);
    CHECK(pages == wire::limits::snapshot_rows / page_entries);
}

TEST_CASE("timeline: a large history is read by its index")
{
    StoreFixture f;
    f.read([](sqlite::Database& db) -> Result<> {
        auto query = db.prepare("EXPLAIN QUERY PLAN SELECT id FROM state_row AS s WHERE s.device_id = 'pc' "
                                "AND s.told = 1 AND (s.valid_from_ms, s.id) < (5, 5) "
                                "ORDER BY s.valid_from_ms DESC, s.id DESC LIMIT 3");
        REQUIRE(query);
        REQUIRE(*query->step());
        CHECK(query->text(3).find("state_row_began") != std::string::npos);
        CHECK_FALSE(*query->step());
        return {};
    });
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
