#include <doctest/doctest.h>

#include "common/sqlite/database.hpp"
#include "common/sqlite/migrate.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;

static constexpr sqlite::Migration steps[] = {
    {1, "CREATE TABLE a (x INTEGER) STRICT"},
    {2, "ALTER TABLE a ADD COLUMN y TEXT; CREATE INDEX a_by_y ON a (y)"},
    {3, "CREATE TABLE b (z INTEGER) STRICT"},
};

static sqlite::Database open(support::TempDir const& dir)
{
    auto db = sqlite::Database::open({.path = dir / "a.db"});
    REQUIRE(db);
    return std::move(*db);
}

TEST_CASE("migrate: from nothing, from an older file, and again")
{
    support::TempDir const dir;
    {
        auto db = open(dir);
        CHECK(*sqlite::schema_version(db) == 0);
        REQUIRE(sqlite::migrate(db, std::span(steps).first(1), 1));
        REQUIRE(db.exec("INSERT INTO a VALUES (5)"));
        CHECK(*sqlite::schema_version(db) == 1);
    }
    auto db = open(dir);
    REQUIRE(sqlite::migrate(db, steps, 1));
    REQUIRE(sqlite::migrate(db, steps, 1));
    CHECK(*sqlite::schema_version(db) == 3);
    auto query = db.prepare("SELECT x FROM a WHERE y IS NULL");
    REQUIRE(query);
    REQUIRE(*query->step());
    CHECK(query->integer(0) == 5);
}

TEST_CASE("migrate: a newer file is used where it says so, refused where it does not")
{
    support::TempDir const dir;
    auto db = open(dir);
    REQUIRE(sqlite::migrate(db, steps, 2));
    REQUIRE(sqlite::migrate(db, std::span(steps).first(2), 1));
    CHECK(*sqlite::schema_version(db) == 3);

    auto const refused = sqlite::migrate(db, std::span(steps).first(1), 1);
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::conflict);
    CHECK(refused.error().trace.find("install the newer version") != std::string::npos);
}

TEST_CASE("migrate: a step that fails leaves the file as it was")
{
    support::TempDir const dir;
    auto db = open(dir);
    REQUIRE(sqlite::migrate(db, std::span(steps).first(1), 1));
    sqlite::Migration const bad[] = {steps[0], steps[1], {3, "CREATE TABLE a (again INTEGER)"}};
    auto const failed = sqlite::migrate(db, bad, 1);
    REQUIRE(!failed);
    CHECK(failed.error().trace.find("migration 3") != std::string::npos);
    CHECK(*sqlite::schema_version(db) == 1);
    CHECK(!db.prepare("SELECT y FROM a"));
}

TEST_CASE("migrate: numbers with holes are a mistake of the program")
{
    support::TempDir const dir;
    auto db = open(dir);
    sqlite::Migration const holes[] = {{1, "SELECT 1"}, {3, "SELECT 1"}};
    CHECK(sqlite::migrate(db, holes, 1).error().code == errc::bad_input);
}
