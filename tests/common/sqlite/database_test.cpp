#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "common/sqlite/database.hpp"
#include "common/sqlite/transaction.hpp"
#include "tests/support/result.hpp"
#include "tests/support/system.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;

static std::int64_t count(sqlite::Database& db, std::string_view sql)
{
    auto query = db.prepare(sql);
    REQUIRE(query);
    auto const row = query->step();
    REQUIRE(row);
    return query->integer(0);
}

TEST_CASE("sqlite: what was bound comes back, NULL included")
{
    support::TempDir const dir;
    auto db = sqlite::Database::open({.path = dir / "a.db"});
    REQUIRE(db);
    REQUIRE(db->exec("CREATE TABLE t (a INTEGER, b REAL, c TEXT, d BLOB, e TEXT) STRICT"));
    std::string const text("käse\0x", 7);
    auto insert = db->prepare("INSERT INTO t VALUES (?,?,?,?,?)");
    REQUIRE(insert);
    REQUIRE(insert->bind(7, 1.5, text, sqlite::Blob{text}, std::optional<std::string>{}).run());
    REQUIRE(insert->bind(std::uint64_t{8}, 2.5, "", sqlite::Blob{}, std::optional<std::string>{"x"}).run());

    auto query = db->prepare("SELECT a,b,c,d,e FROM t ORDER BY a");
    REQUIRE(query);
    REQUIRE(*query->step());
    CHECK(query->integer(0) == 7);
    CHECK(query->real(1) == 1.5);
    CHECK(query->text(2) == text);
    CHECK(query->blob(3) == text);
    CHECK(query->is_null(4));
    CHECK(!query->optional_text(4));
    REQUIRE(*query->step());
    CHECK(!query->is_null(2));
    CHECK(!query->is_null(3));
    CHECK(query->optional_text(4) == "x");
    CHECK(!*query->step());
}

TEST_CASE("sqlite: what is committed is asked to reach the disk itself, also where fsync alone does not do that")
{
    auto db = sqlite::Database::open({.path = ":memory:"});
    REQUIRE(db);
    CHECK(count(*db, "PRAGMA fullfsync") == 1);
}

TEST_CASE("sqlite: a statement in use can be prepared once more, and both go back to the cache")
{
    auto db = sqlite::Database::open({.path = ":memory:"});
    REQUIRE(db);
    for (int round = 0; round < 3; ++round) {
        auto one = db->prepare("SELECT ?");
        auto two = db->prepare("SELECT ?");
        REQUIRE(one);
        REQUIRE(two);
        REQUIRE(*one->bind(1).step());
        REQUIRE(*two->step());
        CHECK(one->integer(0) == 1);
        CHECK(two->is_null(0)); // No value is left from the round before.
    }
}

TEST_CASE("sqlite: wrong SQL, two statements at once and a wrong place are errors that say so")
{
    auto db = sqlite::Database::open({.path = ":memory:"});
    REQUIRE(db);
    auto const wrong = db->prepare("SELECT a FROM nowhere");
    REQUIRE(!wrong);
    CHECK(wrong.error().code == errc::bad_input);
    CHECK(wrong.error().trace == "SELECT a FROM nowhere: no such table: nowhere");
    CHECK(!db->prepare("SELECT 1; SELECT 2"));
    CHECK(!db->prepare(""));
    auto query = db->prepare("SELECT 1");
    REQUIRE(query);
    auto const row = query->bind(5).step();
    REQUIRE(!row);
    CHECK(row.error().code == errc::bad_input);
}

TEST_CASE("sqlite: a new file is for its owner only, its log too")
{
    support::TempDir const dir;
    auto db = sqlite::Database::open({.path = dir / "a.db"});
    REQUIRE(db);
    REQUIRE(db->exec("CREATE TABLE t (a)"));
    for (auto const* const name : {"a.db", "a.db-wal"})
        CHECK(support::is_private(dir / name));
}

TEST_CASE("sqlite: a file that is no database is corrupt, not empty")
{
    support::TempDir const dir;
    std::ofstream(dir / "a.db") << std::string(8192, 'x');
    auto const db = sqlite::Database::open({.path = dir / "a.db"});
    REQUIRE(!db);
    CHECK(db.error().code == errc::corrupt);
}

TEST_CASE("sqlite: a damaged page is found by the check")
{
    support::TempDir const dir;
    {
        auto db = sqlite::Database::open({.path = dir / "a.db"});
        REQUIRE(db);
        REQUIRE(db->exec("CREATE TABLE t (a TEXT)"));
        REQUIRE(db->exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<2000) "
                         "INSERT INTO t SELECT hex(randomblob(40)) FROM n"));
        REQUIRE(db->check_integrity());
        REQUIRE(db->checkpoint());
    }
    {
        std::fstream file(dir / "a.db", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(8192);
        file << std::string(12000, '\xff');
    }
    auto db = sqlite::Database::open({.path = dir / "a.db"});
    REQUIRE(db);
    auto const checked = db->check_integrity();
    REQUIRE(!checked);
    CHECK(checked.error().code == errc::corrupt);
}

TEST_CASE("sqlite: a full disk is errc::io and takes nothing that was committed")
{
    support::TempDir const dir;
    auto db = sqlite::Database::open({.path = dir / "a.db"});
    REQUIRE(db);
    REQUIRE(db->exec("CREATE TABLE t (a TEXT); PRAGMA max_page_count = 20"));
    auto insert = db->prepare("INSERT INTO t VALUES (?)");
    REQUIRE(insert);
    std::int64_t stored = 0;
    Result<> last;
    while ((last = insert->bind(std::string(3000, 'x')).run()))
        ++stored;
    CHECK(last.error().code == errc::io);
    CHECK(last.error().trace.find("full") != std::string::npos);
    CHECK(stored > 3);
    CHECK(count(*db, "SELECT count(*) FROM t") == stored);
}

TEST_CASE("sqlite: a copy is one moment of a file that is in use, stands alone, and replaces nothing")
{
    support::TempDir const dir;
    auto db = sqlite::Database::open({.path = dir / "a.db"});
    REQUIRE(db);
    REQUIRE(db->exec("CREATE TABLE p (a INTEGER PRIMARY KEY); CREATE TABLE t (a INTEGER REFERENCES p (a));"
                     "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1)"));
    auto other = sqlite::Database::open({.path = dir / "a.db", .read_only = true});
    REQUIRE(other);
    REQUIRE(other->copy_to(dir / "b.db"));
    REQUIRE(db->exec("INSERT INTO t VALUES (1)"));
    CHECK(other->copy_to(dir / "b.db").error().code == errc::conflict);
    for (auto const* const name : {"b.db-wal", "b.db-shm", "b.db-journal"})
        CHECK(!std::filesystem::exists(dir / name));
    CHECK(support::is_private(dir / "b.db"));
    auto copy = sqlite::Database::open({.path = dir / "b.db", .read_only = true});
    REQUIRE(copy);
    CHECK(count(*copy, "SELECT count(*) FROM t") == 1);
    CHECK(copy->check_everything());
    CHECK(other->copy_to("/proc/b.db").error().code != errc::conflict);

    REQUIRE(db->exec("PRAGMA foreign_keys = OFF; DELETE FROM p"));
    auto const checked = db->check_everything();
    REQUIRE(!checked);
    CHECK(checked.error().code == errc::corrupt);
    CHECK(checked.error().trace.find("a row of t belongs to one of p") != std::string::npos);
}

TEST_CASE("sqlite: read only means read only, and a missing file stays missing")
{
    support::TempDir const dir;
    CHECK(!sqlite::Database::open({.path = dir / "a.db", .read_only = true}));
    CHECK(!std::filesystem::exists(dir / "a.db"));
    {
        auto db = sqlite::Database::open({.path = dir / "a.db"});
        REQUIRE(db);
        REQUIRE(db->exec("CREATE TABLE t (a)"));
    }
    auto db = sqlite::Database::open({.path = dir / "a.db", .read_only = true});
    REQUIRE(db);
    CHECK(count(*db, "SELECT count(*) FROM t") == 0);
    auto const written = db->exec("INSERT INTO t VALUES (1)");
    REQUIRE(!written);
    CHECK(written.error().code == errc::permission_denied);
}

TEST_CASE("sqlite: a folder that is not there is an error that names the path")
{
    support::TempDir const dir;
    auto const db = sqlite::Database::open({.path = dir / "none" / "a.db"});
    REQUIRE(!db);
    CHECK(db.error().trace.find((dir / "none" / "a.db").string()) != std::string::npos);
}

TEST_CASE("sqlite: somebody else's lock is errc::busy after the time-out")
{
    support::TempDir const dir;
    auto one = sqlite::Database::open({.path = dir / "a.db"});
    auto two = sqlite::Database::open({.path = dir / "a.db", .busy_timeout = std::chrono::milliseconds(1)});
    REQUIRE(one);
    REQUIRE(two);
    REQUIRE(one->exec("CREATE TABLE t (a)"));
    auto held = sqlite::Transaction::begin(*one);
    REQUIRE(held);
    auto const refused = sqlite::Transaction::begin(*two);
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::busy);
}

TEST_CASE("sqlite: a transaction without commit leaves nothing, a savepoint only its own part")
{
    auto db = sqlite::Database::open({.path = ":memory:"});
    REQUIRE(db);
    REQUIRE(db->exec("CREATE TABLE t (a)"));
    {
        auto lost = sqlite::Transaction::begin(*db);
        REQUIRE(lost);
        REQUIRE(db->exec("INSERT INTO t VALUES (1)"));
    }
    CHECK(count(*db, "SELECT count(*) FROM t") == 0);
    {
        auto outer = sqlite::Transaction::begin(*db);
        REQUIRE(outer);
        REQUIRE(db->exec("INSERT INTO t VALUES (1)"));
        {
            auto inner = sqlite::Transaction::begin(*db);
            REQUIRE(inner);
            REQUIRE(db->exec("INSERT INTO t VALUES (2)"));
        }
        {
            auto inner = sqlite::Transaction::begin(*db);
            REQUIRE(inner);
            REQUIRE(db->exec("INSERT INTO t VALUES (3)"));
            REQUIRE(inner->commit());
        }
        REQUIRE(outer->commit());
        CHECK(!outer->commit());
    }
    CHECK(count(*db, "SELECT sum(a) FROM t") == 4);
    CHECK(!db->in_transaction());
}
