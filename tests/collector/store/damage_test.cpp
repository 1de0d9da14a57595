#include <fstream>

#include "collector/store/health.hpp"
#include "collector/store/salvage.hpp"
#include "collector/store/write_check.hpp"
#include "common/log/log.hpp"
#include "tests/collector/store/fixture.hpp"
#include "tests/support/manual_clock.hpp"

using namespace rollcall;
using rollcall::test::StoreFixture;

namespace
{

constexpr std::uint64_t many = 3000;
constexpr std::uintmax_t any_size = 1UL << 40U;

std::string contents_of(std::filesystem::path const& path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// Fills the pages of a file that hold a text.
void damage_pages_with(std::filesystem::path const& file, std::string const& text, char filling = '\xA5')
{
    constexpr std::size_t page = 4096;
    auto bytes = contents_of(file);
    REQUIRE(bytes.find(text) != std::string::npos);
    for (auto place = bytes.find(text); place != std::string::npos; place = bytes.find(text))
        bytes.replace(place / page * page, page, std::string(page, filling));
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

/// A store with many events and some rows of a state, whose file has lost the page that holds one of the events.
struct Damaged : StoreFixture {
    std::filesystem::path file = folder / "rollcall.db";

    Damaged()
    {
        write([](sqlite::Database& db) -> Result<> {
            for (std::uint64_t i = 1; i <= many; ++i) {
                wire::Event const event{.sequence = i,
                                        .name = "boot",
                                        .at_ms = static_cast<UnixMs>(i),
                                        .detail = {{"boot_id", "boot number " + std::to_string(i) + " of this pc"}}};
                if (auto r = store::add_event(db, "pc", "epoch", event); !r) return r;
            }
            for (auto const lane : {wire::Lane::event, wire::Lane::series})
                if (auto r = store::set_high_water(db, "pc", "epoch", lane, many); !r) return r;
            Snapshot const rows{{"nginx", Row{{"state", std::string("running")}}}};
            if (auto r = store::change_state(db, "pc", "services", rows, {}, 5); !r) return r;
            return store::save_probe_status(db, "pc", {.probe = "services", .digest = "d", .as_of_ms = 5});
        });
        store.reset();
        damage_pages_with(file, "boot number 1500 of");
    }

    static std::size_t events_in(store::Store& opened)
    {
        std::size_t found = 0;
        REQUIRE(opened.read([&](sqlite::Database& db) -> Result<> {
            auto const events = store::events_of(db, "pc", 10 * many);
            if (!events) return events.error();
            found = events->size();
            return {};
        }));
        return found;
    }
};

} // namespace

TEST_CASE_FIXTURE(Damaged, "store: a damaged file is told at the start with what to do, and stays as it is")
{
    auto const before = contents_of(file);
    auto const refused = store::Store::open({.file = file, .checked_bytes = any_size});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::corrupt);
    CHECK(refused.error().trace.find("check: ") != std::string::npos);
    CHECK(store::remedy_for(refused.error()).find("rollcall-collector restore") != std::string::npos);
    CHECK(contents_of(file) == before);
}

TEST_CASE_FIXTURE(Damaged, "store: damage that is met later is told once, and everything else goes on")
{
    log::Capture const captured;
    auto const opened = store::Store::open({.file = file});
    REQUIRE(opened);
    CHECK((*opened)->damage());
    for (int i = 0; i < 3; ++i)
        CHECK_FALSE((*opened)->read([](sqlite::Database& db) -> Result<> {
            auto const events = store::events_of(db, "pc", 10 * many);
            return events ? Result<>() : events.error();
        }));
    auto const damage = (*opened)->damage();
    REQUIRE_FALSE(damage);
    CHECK(damage.error().trace.find(file.string()) != std::string::npos);
    CHECK(damage.error().trace.find("rollcall-collector salvage") != std::string::npos);
    auto const lines = captured.lines();
    CHECK(std::ranges::count_if(lines,
                                [](auto const& line) { return line.find("store.damaged") != std::string::npos; }) == 1);

    CHECK((*opened)->write([](sqlite::Database& db) {
        return store::add_event(db, "pc", "epoch", {.sequence = many + 1, .name = "boot", .at_ms = 1, .detail = {}});
    }));
    CHECK((*opened)->read([](sqlite::Database& db) -> Result<> {
        auto const rows = store::state_snapshot(db, "pc", "services");
        if (!rows) return rows.error();
        CHECK(rows->contains("nginx"));
        return {};
    }));
}

TEST_CASE_FIXTURE(Damaged, "salvage: everything that can be read of a damaged database is saved, what is lost is told")
{
    auto const before = contents_of(file);
    auto const saved = store::salvage_database(file, folder / "saved.db", 77);
    REQUIRE(saved);
    CHECK(contents_of(file) == before);
    CHECK(saved->at("device") == store::SavedTable{.rows = 1, .whole = true});
    CHECK(saved->at("state_row") == store::SavedTable{.rows = 1, .whole = true});
    auto const& events = saved->at("event");
    CHECK_FALSE(events.whole);
    // One page is gone, from wherever the rows were read.
    CHECK(events.rows < static_cast<std::int64_t>(many));
    CHECK(events.rows > static_cast<std::int64_t>(many) - 200);

    auto const opened = store::Store::open({.file = folder / "saved.db", .checked_bytes = any_size});
    REQUIRE(opened);
    CHECK(events_in(**opened) == static_cast<std::size_t>(events.rows));
    CHECK((*opened)->read([](sqlite::Database& db) -> Result<> {
        auto const gaps = store::gaps_of(db, "pc");
        if (!gaps) return gaps.error();
        REQUIRE(gaps->size() == 1); // Of the events; all series are there.
        CHECK(gaps->front().lane == "event");
        CHECK(gaps->front().last == many);
        CHECK(gaps->front().at_ms == 77);
        CHECK(gaps->front().reason == "store_damaged");
        auto const mark = store::high_water(db, "pc", "epoch", wire::Lane::event);
        if (!mark) return mark.error();
        CHECK(*mark == many); // What was acknowledged is not asked for again: the agent has forgotten it.
        auto const status = store::probe_status(db, "pc", "services");
        if (!status) return status.error();
        CHECK((*status)->digest == "d");
        return {};
    }));
}

TEST_CASE("salvage: state rows that are lost are asked for again, and what is no database is told")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        Snapshot rows;
        for (int i = 0; i < 2000; ++i)
            rows["service " + std::to_string(i)] = Row{{"state", "running since " + std::to_string(i) + " o'clock"}};
        if (auto r = store::change_state(db, "pc", "services", rows, {}, 5); !r) return r;
        return store::save_probe_status(db, "pc", {.probe = "services", .digest = "d", .as_of_ms = 5});
    });
    f.store.reset();
    damage_pages_with(f.folder / "rollcall.db", "running since 900 o'clock", '\0');

    auto const saved = store::salvage_database(f.folder / "rollcall.db", f.folder / "saved.db", 77);
    REQUIRE(saved);
    CHECK_FALSE(saved->at("state_row").whole);
    CHECK(saved->at("state_row").rows > 1500);
    f.store = store::Store::open({.file = f.folder / "saved.db"}).value();
    f.read([](sqlite::Database& db) -> Result<> {
        auto const status = store::probe_status(db, "pc", "services");
        if (!status) return status.error();
        CHECK((*status)->digest.empty());
        return {};
    });

    std::ofstream(f.folder / "nonsense.db", std::ios::binary) << std::string(8192, 'x');
    auto const nothing = store::salvage_database(f.folder / "nonsense.db", f.folder / "nothing.db", 77);
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().code == errc::corrupt);
}

TEST_CASE("salvage: devices outlive the pages of their customer and of their token, and those they were copied from")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) {
        // Before the one it names, and so read before it.
        auto copy = StoreFixture::device("a copy");
        copy.copied_from = "pc";
        return store::add_device(db, copy);
    });
    f.store.reset();
    auto const file = f.folder / "rollcall.db";
    damage_pages_with(file, "Acme");
    damage_pages_with(file, sha256_hex("secret"));

    auto const saved = store::salvage_database(file, f.folder / "saved.db", 77);
    REQUIRE(saved);
    CHECK(saved->at("customer") == store::SavedTable{.rows = 0, .whole = false, .made = 1});
    CHECK(saved->at("enrolment_token") == store::SavedTable{.rows = 0, .whole = false, .made = 1});
    CHECK(saved->at("device") == store::SavedTable{.rows = 2, .whole = true});
    f.store = store::Store::open({.file = f.folder / "saved.db", .checked_bytes = any_size}).value();
    f.read([](sqlite::Database& db) -> Result<> {
        auto const copy = store::find_device(db, "a copy");
        if (!copy) return copy.error();
        REQUIRE(*copy);
        CHECK((*copy)->copied_from == "pc");
        auto const customers = store::all_customers(db);
        if (!customers) return customers.error();
        REQUIRE(customers->size() == 1);
        CHECK(customers->front().name == "Name lost (acme)");
        auto const tokens = store::tokens_of(db, "acme");
        if (!tokens) return tokens.error();
        REQUIRE(tokens->size() == 1);
        CHECK(tokens->front().uses_left == 0);
        CHECK(tokens->front().revoked_ms == 77);
        CHECK(tokens->front().secret_sha256 != sha256_hex("secret"));
        return db.check_everything();
    });
}

TEST_CASE("salvage: what belongs to a device that is lost goes with it, and a row that does not fit is told")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        auto copy = StoreFixture::device("a copy");
        copy.copied_from = "pc";
        if (auto r = store::add_device(db, copy); !r) return r;
        for (auto const* const id : {"pc", "a copy"})
            if (auto r = store::add_event(db, id, "epoch", {.sequence = 1, .name = "boot", .at_ms = 1, .detail = {}});
                !r)
                return r;
        // So that what damage may leave can be made: two open alerts of one kind.
        return db.exec("DROP INDEX alert_open");
    });
    f.store.reset();
    auto const file = f.folder / "rollcall.db";
    {
        auto db = sqlite::Database::open({.path = file});
        REQUIRE(db);
        REQUIRE(db->exec("PRAGMA foreign_keys = OFF; DELETE FROM device WHERE id = 'pc'; "
                         "INSERT INTO alert (id, device_id, customer_id, item, subject, title, severity, category, "
                         "explanation, value, latest, created_ms, resolved_ms) SELECT 'alert ' || value, 'a copy', "
                         "'acme', 'disk', '', 'Disk', 1, 'c', "
                         "'e', 'v', 'l', 1, NULL FROM json_each('[1, 2]')"));
    }
    auto const saved = store::salvage_database(file, f.folder / "saved.db", 77);
    REQUIRE(saved);
    CHECK(saved->at("device") == store::SavedTable{.rows = 1, .whole = false});
    CHECK(saved->at("event") == store::SavedTable{.rows = 1, .whole = false});
    CHECK(saved->at("alert") == store::SavedTable{.rows = 1, .whole = false});
    f.store = store::Store::open({.file = f.folder / "saved.db", .checked_bytes = any_size}).value();
    f.read([](sqlite::Database& db) -> Result<> {
        auto const copy = store::find_device(db, "a copy");
        if (!copy) return copy.error();
        REQUIRE(*copy);
        CHECK((*copy)->copied_from.empty());
        return db.check_everything();
    });
}

TEST_CASE("store: to touch it reaches the disk each time, and changes nothing in it")
{
    StoreFixture f;
    auto const log_size = [&] { return std::filesystem::file_size(f.folder / "rollcall.db-wal"); };
    for (int i = 0; i < 3; ++i) {
        auto const before = log_size();
        f.write([](sqlite::Database& db) { return db.touch(); });
        CHECK(log_size() > before);
    }
    f.read([](sqlite::Database& db) { return db.check_everything(); });
}

TEST_CASE("store: whoever asks whether it can be written, it is written once in two seconds")
{
    StoreFixture f;
    support::ManualClock clock;
    store::WriteCheck check(*f.store, clock);
    auto const log_size = [&] { return std::filesystem::file_size(f.folder / "rollcall.db-wal"); };
    CHECK(check.answer());
    auto const once = log_size();
    for (int i = 0; i < 100; ++i)
        CHECK(check.answer());
    clock.advance(store::WriteCheck::kept - 1ms);
    CHECK(check.answer());
    CHECK(log_size() == once);
    clock.advance(1ms);
    CHECK(check.answer());
    CHECK(log_size() > once);
}

TEST_CASE("store: commits that fail are told once, and so is that it works again")
{
    StoreFixture f;
    log::Capture const captured;
    // Not one page more than there are.
    f.write([](sqlite::Database& db) { return db.exec("PRAGMA max_page_count = 1"); });
    auto const add = [&f](std::uint64_t number) {
        return f.store->write([number](sqlite::Database& db) {
            return store::add_event(
                db, "pc", "epoch",
                {.sequence = number, .name = "boot", .at_ms = 1, .detail = {{"boot_id", std::string(9000, 'x')}}});
        });
    };
    auto const count = [&](std::string_view key) {
        auto const lines = captured.lines();
        return std::ranges::count_if(lines, [&](auto const& line) { return line.find(key) != std::string::npos; });
    };
    std::uint64_t number = 0;
    while (add(++number))
        REQUIRE(number < 500);
    for (int i = 0; i < 3; ++i)
        CHECK_FALSE(add(++number));
    CHECK(count("store.commit_failed") == 1);
    CHECK(count("Its disk is full") == 1);
    CHECK(count("store.recovered") == 0);
    f.write([](sqlite::Database& db) { return db.exec("PRAGMA max_page_count = 100000"); });
    REQUIRE(add(++number));
    CHECK(count("store.recovered") == 1);
}
