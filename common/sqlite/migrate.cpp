#include "common/sqlite/migrate.hpp"

#include <fmt/format.h>

#include "common/sqlite/database.hpp"
#include "common/sqlite/transaction.hpp"

namespace rollcall::sqlite
{

struct Versions {
    int version = 0;
    int compatible = 0;
};

static Result<Versions> read_versions(Database& db)
{
    auto table = db.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_meta'");
    if (!table) return table.error();
    auto const counted = table->step();
    if (!counted) return counted.error();
    if (table->integer(0) == 0) return Versions{};

    auto query = db.prepare("SELECT version, compatible_version FROM schema_meta");
    if (!query) return query.error();
    auto const row = query->step();
    if (!row) return row.error();
    if (!*row) return fail(errc::corrupt, "schema_meta is empty");
    return Versions{static_cast<int>(query->integer(0)), static_cast<int>(query->integer(1))};
}

static Result<> write_versions(Database& db, Versions versions)
{
    auto made = db.exec("CREATE TABLE IF NOT EXISTS schema_meta ("
                        "id INTEGER PRIMARY KEY CHECK (id = 1),"
                        "version INTEGER NOT NULL,"
                        "compatible_version INTEGER NOT NULL) STRICT");
    if (!made) return made;
    auto query = db.prepare("INSERT INTO schema_meta (id, version, compatible_version) VALUES (1, ?, ?) "
                            "ON CONFLICT (id) DO UPDATE SET version = excluded.version, "
                            "compatible_version = excluded.compatible_version");
    if (!query) return query.error();
    return query->bind(versions.version, versions.compatible).run();
}

static Result<> check_usable(Versions const& found, int ours)
{
    if (found.version <= ours || found.compatible <= ours) return {};
    return fail(errc::conflict,
                fmt::format("the file has schema {} and needs a program that knows at least {}; this one knows {}: "
                            "install the newer version again, or move the file away",
                            found.version, found.compatible, ours));
}

Result<int> usable_schema(Database& db, int ours)
{
    auto const versions = read_versions(db);
    if (!versions) return fail(versions.error(), "schema_version");
    if (auto const usable = check_usable(*versions, ours); !usable) return usable.error();
    return versions->version;
}

Result<int> schema_version(Database& db)
{
    auto const versions = read_versions(db);
    if (!versions) return fail(versions.error(), "schema_version");
    return versions->version;
}

Result<> migrate(Database& db, std::span<Migration const> migrations, int compatible)
{
    for (std::size_t i = 0; i < migrations.size(); ++i) {
        if (migrations[i].number != static_cast<int>(i) + 1)
            return fail(errc::bad_input,
                        fmt::format("migrate: migration {} stands at place {}", migrations[i].number, i + 1));
    }
    int const ours = static_cast<int>(migrations.size());

    auto transaction = Transaction::begin(db);
    if (!transaction) return fail(transaction.error(), "migrate");
    auto const found = read_versions(db);
    if (!found) return fail(found.error(), "migrate");
    if (auto const usable = check_usable(*found, ours); !usable) return fail(usable.error(), "migrate");
    if (found->version >= ours) return {};

    for (auto const& migration : migrations.subspan(static_cast<std::size_t>(found->version))) {
        auto const done = db.exec(migration.sql);
        if (!done) return fail(done.error(), fmt::format("migrate: migration {}", migration.number));
    }
    auto const noted = write_versions(db, {ours, compatible});
    if (!noted) return fail(noted.error(), "migrate");
    auto const committed = transaction->commit();
    if (!committed) return fail(committed.error(), "migrate");
    return {};
}

} // namespace rollcall::sqlite
