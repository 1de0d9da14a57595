#include "collector/store/salvage.hpp"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "collector/store/schema.hpp"
#include "common/sqlite/database.hpp"
#include "common/sqlite/migrate.hpp"
#include "common/sqlite/transaction.hpp"

namespace rollcall::store
{

namespace
{

/// A table as this program makes it.
struct Shape {
    std::string name;
    std::vector<std::string> columns;
    std::vector<std::string> order; ///< What its rows lie in order of.
};

/// Every row of a question; errors are the caller's.
template <class Take>
Result<> each_row(sqlite::Statement& query, Take const& take)
{
    for (;;) {
        auto const row = query.step();
        if (!row) return row.error();
        if (!*row) return {};
        take(query);
    }
}

Result<Shape> shape_of(sqlite::Database& db, std::string name, bool by_key)
{
    Shape shape{.name = std::move(name), .columns = {}, .order = {}};
    auto query = db.prepare("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid");
    if (!query) return query.error();
    std::map<std::int64_t, std::string> key;
    query->bind(shape.name);
    auto const done = each_row(*query, [&](sqlite::Statement const& row) {
        shape.columns.push_back(row.text(0));
        if (row.integer(1) > 0) key.emplace(row.integer(1), row.text(0));
    });
    if (!done) return done.error();
    if (!by_key)
        shape.order = {"rowid"};
    else
        for (auto const& [place, column] : key)
            shape.order.push_back(column);
    return shape;
}

/// In the order in which they were made: what others refer to comes first.
Result<std::vector<Shape>> shapes(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT name, sql LIKE '%WITHOUT ROWID%' FROM sqlite_schema "
                                  "WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                                  "AND name <> 'schema_meta' ORDER BY rowid";
    auto query = db.prepare(sql);
    if (!query) return query.error();
    std::vector<std::pair<std::string, bool>> names;
    auto const done =
        each_row(*query, [&](sqlite::Statement const& row) { names.emplace_back(row.text(0), row.integer(1) != 0); });
    if (!done) return done.error();
    std::vector<Shape> found;
    found.reserve(names.size());
    for (auto const& [name, by_key] : names) {
        auto shape = shape_of(db, name, by_key);
        if (!shape) return shape.error();
        found.push_back(*std::move(shape));
    }
    return found;
}

/// Walks from one side until the first row that cannot be read. Backwards, rows that are there already are passed over;
/// forwards, one that does not fit is a loss. An error is the new database's.
Result<> save_rows(sqlite::Database& from, sqlite::Database& to, Shape const& shape, bool backwards, SavedTable& saved)
{
    auto const* const direction = backwards ? " DESC" : "";
    auto const columns = fmt::format("{}", fmt::join(shape.columns, ","));
    auto query = from.prepare(fmt::format("SELECT {} FROM {} NOT INDEXED ORDER BY {}{}", columns, shape.name,
                                          fmt::join(shape.order, std::string(direction) + ","), direction));
    saved.whole = false;
    if (!query) return {};
    auto insert =
        to.prepare(fmt::format("INSERT {}INTO {} ({}) VALUES (?{})", backwards ? "OR IGNORE " : "", shape.name, columns,
                               fmt::join(std::vector<std::string>(shape.columns.size() - 1, ",?"), "")));
    if (!insert) return insert.error();
    bool misfits = false;
    for (;;) {
        auto const row = query->step();
        if (!row) return {};
        if (!*row) break;
        insert->bind_row(*query);
        auto const stored = insert->run();
        // Damaged bytes that look like a row, or one that is met twice.
        bool const unfit = !stored && (stored.error().code == errc::conflict || stored.error().code == errc::bad_input);
        if (!stored && !unfit) return stored.error();
        misfits = misfits || unfit;
        if (stored) saved.rows += to.changes();
    }
    saved.whole = !misfits;
    return {};
}

/// A device must not be lost with the page of its customer or token: what is missing of those is made. Nobody has the
/// secret of such a token, and it has ended.
Result<> make_parents(sqlite::Database& db, std::map<std::string, SavedTable>& tables, UnixMs now_ms)
{
    static constexpr char customers[] = "INSERT INTO customer (id, name, created_ms, modified_ms) "
                                        "SELECT id, 'Name lost (' || id || ')', ?1, ?1 FROM "
                                        "(SELECT customer_id AS id FROM device "
                                        "UNION SELECT customer_id FROM enrolment_token "
                                        "UNION SELECT customer_id FROM folder "
                                        "UNION SELECT customer_id FROM contact) "
                                        "WHERE id NOT IN (SELECT id FROM customer)";
    static constexpr char tokens[] = "INSERT INTO enrolment_token (id, customer_id, secret_sha256, created_ms, "
                                     "expires_ms, uses, uses_left, revoked_ms) "
                                     "SELECT token_id, min(customer_id), lower(hex(randomblob(32))), ?1, ?1, 1, 0, ?1 "
                                     "FROM device WHERE token_id NOT IN (SELECT id FROM enrolment_token) "
                                     "GROUP BY token_id";
    auto const make = [&](char const* table, char const* sql) -> Result<> {
        auto query = db.prepare(sql);
        if (!query) return query.error();
        if (auto made = query->bind(now_ms).run(); !made) return made;
        tables[table].made = db.changes();
        return {};
    };
    if (auto made = make("customer", customers); !made) return made;
    return make("enrolment_token", tokens);
}

struct Reference {
    std::string column;
    std::string parent;
    std::string parent_column;
    bool required = false;
};

Result<std::vector<Reference>> references_of(sqlite::Database& db, std::string const& table)
{
    static constexpr char sql[] = "SELECT f.\"from\", f.\"table\", f.\"to\", c.\"notnull\" "
                                  "FROM pragma_foreign_key_list(?1) AS f JOIN pragma_table_info(?1) AS c "
                                  "ON c.name = f.\"from\" ORDER BY f.id";
    auto query = db.prepare(sql);
    if (!query) return query.error();
    query->bind(table);
    std::vector<Reference> found;
    auto const done = each_row(*query, [&](sqlite::Statement const& row) {
        found.push_back({row.text(0), row.text(1), row.text(2), row.integer(3) != 0});
    });
    if (!done) return done.error();
    return found;
}

/// Takes out what belongs to a row that was lost, from the parents down; where a row only names one, it forgets it.
Result<> drop_orphans(sqlite::Database& db, std::vector<Shape> const& wanted, std::map<std::string, SavedTable>& tables)
{
    for (auto const& shape : wanted) {
        auto const references = references_of(db, shape.name);
        if (!references) return references.error();
        auto& saved = tables[shape.name];
        for (auto const& one : *references) {
            auto const lost = fmt::format("WHERE {0} IS NOT NULL AND {0} NOT IN (SELECT {1} FROM {2})", one.column,
                                          one.parent_column, one.parent);
            auto query =
                db.prepare(one.required ? fmt::format("DELETE FROM {} {}", shape.name, lost)
                                        : fmt::format("UPDATE {} SET {} = NULL {}", shape.name, one.column, lost));
            if (!query) return query.error();
            if (auto done = query->run(); !done) return done;
            if (db.changes() == 0) continue;
            saved.whole = false;
            if (one.required) saved.rows -= db.changes();
        }
    }
    return {};
}

/// What the devices are told, or people, of that which is not there any more. Nobody knows which records were in what
/// could not be read, so a gap bounds them and has no number (API: GapNote.records).
Result<> note_losses(sqlite::Database& db, std::map<std::string, SavedTable> const& tables, UnixMs now_ms)
{
    static constexpr char gap[] = "INSERT INTO gap (device_id, epoch, lane, first, last, at_ms, reason) "
                                  "SELECT device_id, epoch, lane, 1, sequence, ?, 'store_damaged' "
                                  "FROM lane WHERE lane = ? AND sequence > 0";
    auto const lost = [&](std::string_view lane) -> Result<> {
        auto query = db.prepare(gap);
        if (!query) return query.error();
        return query->bind(now_ms, lane).run();
    };
    auto const whole = [&](char const* name) { return tables.at(name).whole; };
    if (!whole("event"))
        if (auto noted = lost("event"); !noted) return noted;
    if (!whole("series") || !whole("series_name") || !whole("series_block"))
        if (auto noted = lost("series"); !noted) return noted;
    // No digest is "", so every device is asked for what it is.
    if (!whole("state_row"))
        if (auto asked = db.exec("UPDATE probe_status SET digest = ''"); !asked) return asked;
    return {};
}

} // namespace

Result<std::map<std::string, SavedTable>> salvage_database(std::filesystem::path const& from,
                                                           std::filesystem::path const& to, UnixMs now_ms)
{
    auto damaged = sqlite::Database::open({.path = from, .read_only = true});
    if (!damaged) return fail(damaged.error(), "salvage");
    auto fresh = sqlite::Database::open({.path = to});
    if (!fresh) return fail(fresh.error(), "salvage");
    if (auto const made = sqlite::migrate(*fresh, migrations(), compatible_schema); !made)
        return fail(made.error(), "salvage");
    auto const wanted = shapes(*fresh);
    if (!wanted) return fail(wanted.error(), "salvage");
    std::map<std::string, SavedTable> tables;
    auto const filled = [&]() -> Result<> {
        auto transaction = sqlite::Transaction::begin(*fresh);
        if (!transaction) return transaction.error();
        // Rows may come before those that they refer to; the commit looks at them again.
        if (auto deferred = fresh->exec("PRAGMA defer_foreign_keys = ON"); !deferred) return deferred;
        for (auto const& shape : *wanted) {
            auto& saved = tables[shape.name];
            if (auto done = save_rows(*damaged, *fresh, shape, false, saved); !done) return done;
            if (saved.whole) continue;
            if (auto done = save_rows(*damaged, *fresh, shape, true, saved); !done) return done;
            saved.whole = false;
        }
        if (auto made = make_parents(*fresh, tables, now_ms); !made) return made;
        if (auto dropped = drop_orphans(*fresh, *wanted, tables); !dropped) return dropped;
        if (auto noted = note_losses(*fresh, tables, now_ms); !noted) return noted;
        return transaction->commit();
    }();
    if (!filled) return fail(filled.error(), "salvage");
    bool any = false;
    for (auto const& [name, saved] : tables)
        any = any || saved.rows > 0;
    if (!any) return fail(errc::corrupt, "salvage: nothing of " + from.string() + " can be read");
    return tables;
}

} // namespace rollcall::store
