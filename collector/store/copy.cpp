#include "collector/store/copy.hpp"

#include <vector>

#include <fmt/format.h>

#include "collector/store/schema.hpp"
#include "common/sqlite/database.hpp"

namespace rollcall::store
{

Result<> copy_database(std::filesystem::path const& from, std::filesystem::path const& to)
{
    auto db = sqlite::Database::open({.path = from, .read_only = true});
    if (!db) return fail(db.error(), "database");
    if (auto const copied = db->copy_to(to); !copied) return fail(copied.error(), "database");
    return {};
}

static Result<std::vector<std::string>> tables_of(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT name FROM sqlite_schema "
                                  "WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                                  "ORDER BY name";
    auto query = db.prepare(sql);
    if (!query) return query.error();
    std::vector<std::string> names;
    for (;;) {
        auto const row = query->step();
        if (!row) return row.error();
        if (!*row) return names;
        names.push_back(query->text(0));
    }
}

static Result<std::int64_t> count_rows(sqlite::Database& db, std::string const& table)
{
    auto query = db.prepare(fmt::format("SELECT count(*) FROM \"{}\"", table));
    if (!query) return query.error();
    auto const row = query->step();
    if (!row) return row.error();
    return query->integer(0);
}

Result<Contents> examine_database(std::filesystem::path const& file)
{
    auto db = sqlite::Database::open({.path = file, .read_only = true});
    if (!db) return fail(db.error(), "database");
    if (auto const whole = db->check_everything(); !whole) return fail(whole.error(), "database");
    auto const schema = sqlite::usable_schema(*db, static_cast<int>(migrations().size()));
    if (!schema) return fail(schema.error(), "database");
    auto const tables = tables_of(*db);
    if (!tables) return fail(tables.error(), "database");
    Contents contents{.schema = *schema, .rows = {}};
    for (auto const& table : *tables) {
        auto const rows = count_rows(*db, table);
        if (!rows) return fail(rows.error(), "database: " + table);
        contents.rows.emplace(table, *rows);
    }
    return contents;
}

} // namespace rollcall::store
