#include <condition_variable>
#include <fstream>
#include <future>
#include <mutex>
#include <random>
#include <sstream>

#include <sys/wait.h>
#include <unistd.h>

#include "collector/store/schema.hpp"
#include "common/sqlite/transaction.hpp"
#include "tests/collector/store/fixture.hpp"

using namespace rollcall;
using rollcall::test::StoreFixture;

namespace
{

/// Every object of a database, with the SQL that made it, blanks aside.
std::map<std::string, std::string> objects(sqlite::Database& db)
{
    auto query = db.prepare("SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema "
                            "WHERE name <> 'schema_meta' ORDER BY 1");
    REQUIRE(query);
    std::map<std::string, std::string> found;
    while (*query->step()) {
        std::string sql;
        for (char const c : query->text(1))
            if (std::isspace(static_cast<unsigned char>(c)) == 0) sql += c;
        found[query->text(0)] = sql;
    }
    return found;
}

/// Holds the writer until it is let go.
struct Brake {
    std::mutex mutex;
    std::condition_variable wake;
    bool held = true;

    Result<> operator()()
    {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return !held; });
        return {};
    }
    void release()
    {
        {
            std::lock_guard const lock(mutex);
            held = false;
        }
        wake.notify_all();
    }
};

Result<> add_event(sqlite::Database& db, std::uint64_t sequence)
{
    return store::add_event(db, "pc", "epoch", {.sequence = sequence, .name = "boot", .at_ms = 1, .detail = {}});
}

std::int64_t count_events(store::Store& store)
{
    std::int64_t count = -1;
    REQUIRE(store.read([&](sqlite::Database& db) -> Result<> {
        auto const events = store::events_of(db, "pc", 1'000'000);
        if (!events) return events.error();
        count = static_cast<std::int64_t>(events->size());
        return {};
    }));
    return count;
}

} // namespace

TEST_CASE("store: the migrations lead to the schema, and the schema to nothing else")
{
    support::TempDir folder;
    auto migrated = sqlite::Database::open({.path = folder / "migrated.db"});
    auto direct = sqlite::Database::open({.path = folder / "direct.db"});
    REQUIRE(migrated);
    REQUIRE(direct);
    REQUIRE(sqlite::migrate(*migrated, store::migrations(), store::compatible_schema));
    std::ifstream file(ROLLCALL_SCHEMA);
    std::stringstream text;
    text << file.rdbuf();
    REQUIRE(direct->exec(text.str()));
    CHECK(objects(*migrated) == objects(*direct));
    CHECK(objects(*migrated).size() > 20);
}

TEST_CASE("store: migration 002 finds out what came before each state row, and what vanished")
{
    support::TempDir folder;
    auto db = sqlite::Database::open({.path = folder / "old.db"});
    REQUIRE(db);
    REQUIRE(sqlite::migrate(*db, store::migrations().first(1), 1));
    REQUIRE(db->exec("PRAGMA foreign_keys = OFF"));
    REQUIRE(db->exec("INSERT INTO state_row (id, device_id, probe, key, valid_from_ms, valid_to_ms, cells) VALUES "
                     "(1, 'pc', 'services', 'a', 10, 20, '{}'), (2, 'pc', 'services', 'a', 20, 30, '{}'), "
                     "(3, 'pc', 'services', 'b', 20, NULL, '{}'), (4, 'pc', 'services', 'a', 40, NULL, '{}'), "
                     "(5, 'pc', 'software', 'b', 20, 20, '{}'), (6, 'pc', 'software', 'b', 20, NULL, '{}')"));
    REQUIRE(sqlite::migrate(*db, store::migrations(), store::compatible_schema));
    auto query = db->prepare("SELECT group_concat(id || ':' || coalesce(previous_id, '-') || ':' || vanished, ' ') "
                             "FROM (SELECT id, previous_id, vanished FROM state_row ORDER BY id)");
    REQUIRE(query);
    REQUIRE(*query->step());
    CHECK(query->text(0) == "1:-:0 2:1:1 3:-:0 4:-:0 5:-:0 6:5:0");
}

TEST_CASE("store: after migration 004 no device has told its hardware, whatever its enrolment said")
{
    support::TempDir folder;
    auto db = sqlite::Database::open({.path = folder / "old.db"});
    REQUIRE(db);
    REQUIRE(sqlite::migrate(*db, store::migrations().first(3), 3));
    REQUIRE(db->exec("PRAGMA foreign_keys = OFF"));
    REQUIRE(db->exec("INSERT INTO device (id, customer_id, name, hardware_id, fingerprint, agent_version, token_id, "
                     "enrolled_ms) VALUES ('pc', 'acme', 'pc', 'digest of before', 'f', '1', 'token', 5)"));
    REQUIRE(sqlite::migrate(*db, store::migrations(), store::compatible_schema));
    auto const kept = store::find_device(*db, "pc");
    REQUIRE(kept);
    CHECK((*kept)->hardware_id == "digest of before");
    CHECK_FALSE((*kept)->hardware_told);
    CHECK_FALSE((*kept)->has_look_alikes);
    CHECK((*kept)->copied_from.empty());
}

TEST_CASE("store: a limit to folders is kept with technician and token, and goes with the folder")
{
    support::TempDir folder;
    auto opened = store::Store::open({.file = folder / "test.db"});
    REQUIRE(opened);
    auto const& kept = *opened;
    store::Technician ada{.id = "ada", .name = "Ada", .password_hash = "h", .created_ms = 1};
    ada.scope = {.all = false, .customers = {"bolt"}, .folders = {{"acme", {"house", "yard"}}}};
    store::ApiToken const token{.id = "t",
                                .technician_id = "ada",
                                .name = "script",
                                .secret_sha256 = std::string(64, 'a'),
                                .permissions = "devices.read",
                                .scope = {.all = false, .customers = {}, .folders = {{"acme", {"yard"}}}},
                                .created_ms = 1,
                                .expires_ms = 2,
                                .used_ms = {}};
    REQUIRE(kept->write([&](sqlite::Database& db) -> Result<> {
        if (auto done = store::add_customer(db, {.id = "acme", .name = "Acme", .created_ms = 1}); !done) return done;
        for (auto const* const id : {"house", "yard"})
            if (auto done = store::add_folder(
                    db, {.id = id, .customer_id = "acme", .parent_id = {}, .name = id, .created_ms = 1});
                !done)
                return done;
        if (auto done = store::save_technician(db, ada); !done) return done;
        return store::add_api_token(db, token);
    }));
    auto const look = [&](store::Scope const& technicians, store::Scope const& tokens) {
        REQUIRE(kept->read([&](sqlite::Database& db) -> Result<> {
            auto const technician = store::find_technician(db, "ada");
            if (!technician) return technician.error();
            CHECK((*technician)->scope == technicians);
            auto const found = store::find_api_token(db, "t");
            if (!found) return found.error();
            CHECK((*found)->scope == tokens);
            return {};
        }));
    };
    look(ada.scope, token.scope);
    REQUIRE(kept->write([](sqlite::Database& db) { return store::delete_folder(db, "yard"); }));
    look({.all = false, .customers = {"bolt"}, .folders = {{"acme", {"house"}}}}, {.all = false, .customers = {}});
    ada.scope = {.all = false, .customers = {}};
    REQUIRE(kept->write([&](sqlite::Database& db) { return store::save_technician(db, ada); }));
    look(ada.scope, {.all = false, .customers = {}});
}

TEST_CASE("store: after migration 010 the history tells what came after the first reading, and whose alert work was")
{
    support::TempDir folder;
    auto db = sqlite::Database::open({.path = folder / "old.db"});
    REQUIRE(db);
    REQUIRE(sqlite::migrate(*db, store::migrations().first(9), store::compatible_schema));
    REQUIRE(db->exec("PRAGMA foreign_keys = OFF"));
    REQUIRE(
        db->exec("INSERT INTO state_row (id, device_id, probe, key, valid_from_ms, valid_to_ms, cells, previous_id) "
                 "VALUES (1, 'pc', 'services', 'a', 10, 20, '{}', NULL), (2, 'pc', 'services', 'b', 10, NULL, "
                 "'{}', NULL), (3, 'pc', 'services', 'a', 20, NULL, '{}', 1), (4, 'pc', 'services', 'c', 20, NULL, "
                 "'{}', NULL), (5, 'pc', 'software', 'c', 20, NULL, '{}', NULL), "
                 "(6, 'other', 'services', 'c', 30, NULL, '{}', NULL)"));
    REQUIRE(db->exec("INSERT INTO alert (id, device_id, customer_id, item, subject, title, severity, category, "
                     "explanation, value, latest, created_ms) VALUES "
                     "('1', 'pc', 'acme', 'i', '', 'T', 1, 'Disk', 'e', 'v', 'l', 10)"));
    REQUIRE(
        db->exec("INSERT INTO alert_action (alert_id, version, at_ms, technician_id, technician, what, text) VALUES "
                 "('1', 1, 5, '', '', 'note', 't'), ('lost', 1, 5, '', '', 'note', 't')"));
    REQUIRE(sqlite::migrate(*db, store::migrations(), store::compatible_schema));
    auto told = db->prepare("SELECT group_concat(id) FROM (SELECT id FROM state_row WHERE told = 1 ORDER BY id)");
    REQUIRE(told);
    REQUIRE(*told->step());
    CHECK(told->text(0) == "3,4");
    auto whose = db->prepare("SELECT group_concat(alert_id || ':' || device_id) FROM alert_action");
    REQUIRE(whose);
    REQUIRE(*whose->step());
    CHECK(whose->text(0) == "1:pc,lost:");
}

TEST_CASE("store: after migration 006 the alerts of before are as they were, and nobody has done anything about them")
{
    support::TempDir folder;
    auto db = sqlite::Database::open({.path = folder / "old.db"});
    REQUIRE(db);
    REQUIRE(sqlite::migrate(*db, store::migrations().first(5), 5));
    REQUIRE(db->exec("PRAGMA foreign_keys = OFF"));
    REQUIRE(db->exec("INSERT INTO alert (id, device_id, customer_id, item, subject, title, severity, category, "
                     "explanation, value, latest, created_ms, resolved_ms) VALUES "
                     "('1', 'pc', 'acme', 'i', '', 'T', 1, 'Disk', 'e', 'v', 'l', 10, NULL), "
                     "('2', 'pc', 'acme', 'i', '', 'T', 1, 'Disk', 'e', 'v', 'l', 10, 20)"));
    REQUIRE(sqlite::migrate(*db, store::migrations(), store::compatible_schema));
    auto const open = **store::find_alert(*db, "1");
    CHECK(open.version == 1);
    CHECK(status_of(open) == store::AlertStatus::open);
    CHECK(open.assigned_id.empty());
    auto const resolved = **store::find_alert(*db, "2");
    CHECK(status_of(resolved) == store::AlertStatus::resolved);
    CHECK_FALSE(resolved.lingers);
    CHECK(resolved.status_by.empty());
    CHECK(store::alert_actions(*db, "2")->empty());
}

TEST_CASE("store: a newer program's file is refused and left alone")
{
    StoreFixture f;
    f.write(
        [](sqlite::Database& db) { return db.exec("UPDATE schema_meta SET version = 99, compatible_version = 99"); });
    f.store.reset();
    auto const opened = store::Store::open({.file = f.folder / "rollcall.db"});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == errc::conflict);
}

TEST_CASE("store: a work that fails undoes itself and nobody else")
{
    StoreFixture f;
    std::vector<std::string> said;
    Brake brake;
    REQUIRE(f.store->submit([&](sqlite::Database&) { return brake(); }, {}));
    for (int i = 1; i <= 3; ++i)
        REQUIRE(f.store->submit(
            [i](sqlite::Database& db) -> Result<> {
                if (auto r = add_event(db, static_cast<std::uint64_t>(i)); !r) return r;
                if (i == 2) return fail(errc::bad_input, "no");
                return {};
            },
            [&said](Result<> r) { said.push_back(r ? "yes" : r.error().trace); }));
    brake.release();
    REQUIRE(f.store->write([](sqlite::Database&) -> Result<> { return {}; }));
    CHECK(said == std::vector<std::string>{"yes", "no", "yes"});
    CHECK(count_events(*f.store) == 2);
}

TEST_CASE("store: a full queue says no, and tells once there is room again")
{
    StoreFixture f;
    f.store.reset();
    f.store = f.open(10);
    Brake brake;
    std::atomic<int> taken = 0;
    std::atomic<bool> started = false;
    REQUIRE(f.store->submit(
        [&](sqlite::Database&) {
            started = true;
            return brake();
        },
        {}));
    while (!started)
        std::this_thread::yield();
    for (int i = 0; i < 10; ++i)
        REQUIRE(f.store->submit([](sqlite::Database&) -> Result<> { return {}; }, [&](Result<>) { ++taken; }));
    CHECK(f.store->queued() == 10);
    CHECK_FALSE(f.store->submit([](sqlite::Database&) -> Result<> { return {}; }, {}));
    auto const refused = f.store->write([](sqlite::Database&) -> Result<> { return {}; });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::busy);
    std::promise<void> drained;
    f.store->when_drained([&] { drained.set_value(); });
    brake.release();
    drained.get_future().wait();
    CHECK(f.store->submit([](sqlite::Database&) -> Result<> { return {}; }, {}));
    f.store.reset();
    CHECK(taken == 10);
}

TEST_CASE("store: the group's listener is called after all answers of the group")
{
    StoreFixture f;
    std::vector<int> order;
    f.store->on_group_done([&] { order.push_back(0); });
    Brake brake;
    REQUIRE(f.store->submit([&](sqlite::Database&) { return brake(); }, {}));
    for (int i = 1; i <= 3; ++i)
        REQUIRE(f.store->submit([](sqlite::Database&) -> Result<> { return {}; },
                                [&order, i](Result<>) { order.push_back(i); }));
    brake.release();
    f.store.reset();
    REQUIRE(order.size() >= 4);
    CHECK(order.back() == 0);
    order.erase(std::remove(order.begin(), order.end(), 0), order.end());
    CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("store: on a full disk nothing is acknowledged that is not there, and with space it goes on")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) { return db.exec("PRAGMA max_page_count = 60"); });
    std::vector<std::uint64_t> kept;
    std::atomic<int> failed = 0;
    std::uint64_t sequence = 0;
    std::string const filler(3000, 'x');
    auto const add = [&] {
        auto const number = ++sequence;
        auto const done = f.store->write([&, number](sqlite::Database& db) {
            return store::add_event(db, "pc", "epoch",
                                    {.sequence = number, .name = "boot", .at_ms = 1, .detail = {{"boot_id", filler}}});
        });
        if (done)
            kept.push_back(number);
        else
            ++failed;
        return done;
    };
    while (failed < 5 && sequence < 500)
        (void)add();
    CHECK(failed == 5);
    CHECK(count_events(*f.store) == static_cast<std::int64_t>(kept.size()));
    f.write([](sqlite::Database& db) { return db.exec("PRAGMA max_page_count = 100000"); });
    REQUIRE(add());
    CHECK(count_events(*f.store) == static_cast<std::int64_t>(kept.size()));
    f.store.reset();
    f.store = f.open();
    CHECK(count_events(*f.store) == static_cast<std::int64_t>(kept.size()));
}

TEST_CASE("store: what was acknowledged survives kill -9 at any moment")
{
    StoreFixture f;
    std::mt19937 random(std::random_device{}());
    std::uint64_t highest = 0;
    for (int round = 0; round < 5; ++round) {
        f.store.reset();
        int ends[2];
        REQUIRE(pipe(ends) == 0);
        auto const child = fork();
        if (child == 0) {
            auto opened = store::Store::open({.file = f.folder / "rollcall.db"});
            if (!opened) _exit(1);
            for (auto next = highest + 1;; ++next) {
                auto work = [next](sqlite::Database& db) { return add_event(db, next); };
                auto done = [next, out = ends[1]](Result<> const& r) {
                    if (r && write(out, &next, sizeof next) != sizeof next) _exit(2);
                };
                while (!(*opened)->submit(work, done))
                    usleep(1000);
            }
        }
        close(ends[1]);
        std::uint64_t acknowledged = highest;
        std::uint64_t one = 0;
        // Dies after a random number of acknowledgements, with works still under way.
        for (auto left = 1 + random() % 3000; left > 0 && read(ends[0], &one, sizeof one) == sizeof one; --left)
            acknowledged = one;
        kill(child, SIGKILL);
        while (read(ends[0], &one, sizeof one) == sizeof one)
            acknowledged = one;
        close(ends[0]);
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status));
        f.store = f.open();
        auto const stored = static_cast<std::uint64_t>(count_events(*f.store));
        CHECK(stored >= acknowledged);
        highest = stored;
    }
    CHECK(highest > 0);
}

TEST_CASE("store: readers see one state throughout and do not wait for the writer")
{
    StoreFixture f;
    Brake brake;
    std::atomic<bool> started = false;
    REQUIRE(f.store->submit(
        [&](sqlite::Database& db) -> Result<> {
            if (auto r = add_event(db, 1); !r) return r;
            started = true;
            return brake();
        },
        {}));
    while (!started)
        std::this_thread::yield();
    CHECK(count_events(*f.store) == 0);
    brake.release();
    REQUIRE(f.store->write([](sqlite::Database&) -> Result<> { return {}; }));
    CHECK(count_events(*f.store) == 1);
    CHECK(f.store->size_bytes() > 0);
    CHECK_FALSE(f.store->read([](sqlite::Database& db) { return add_event(db, 2); }));
}

TEST_CASE("store: many threads write at once")
{
    StoreFixture f;
    std::atomic<std::uint64_t> next = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j < 50; ++j) {
                auto const number = ++next;
                CHECK(f.store->write([number](sqlite::Database& db) { return add_event(db, number); }));
                (void)count_events(*f.store);
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(count_events(*f.store) == 200);
}
