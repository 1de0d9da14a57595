#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

static Result<SavedView> read_view(sqlite::Statement& row)
{
    return SavedView{.id = row.text(0),
                     .technician_id = row.text(1),
                     .owner = row.text(2),
                     .list = row.text(3),
                     .name = row.text(4),
                     .shared = row.integer(5) != 0,
                     .filter = row.text(6),
                     .choices = row.text(7),
                     .sort = row.text(8),
                     .columns = row.text(9),
                     .density = row.text(10),
                     .version = row.integer(11),
                     .changed_ms = row.integer(12)};
}

Result<> add_view(sqlite::Database& db, SavedView const& view)
{
    static constexpr char sql[] =
        "INSERT INTO saved_view (id, technician_id, list, name, shared, filter, choices, sort, columns, density, "
        "version, changed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    return execute(db, "add_view", sql, view.id, view.technician_id, view.list, view.name, view.shared ? 1 : 0,
                   view.filter, view.choices, view.sort, view.columns, view.density, view.version, view.changed_ms);
}

Result<> change_view(sqlite::Database& db, SavedView const& view)
{
    static constexpr char sql[] =
        "UPDATE saved_view SET name = ?, shared = ?, filter = ?, choices = ?, sort = ?, columns = ?, density = ?, "
        "version = ?, changed_ms = ? WHERE id = ? AND version = ? - 1";
    auto done = execute(db, "change_view", sql, view.name, view.shared ? 1 : 0, view.filter, view.choices, view.sort,
                        view.columns, view.density, view.version, view.changed_ms, view.id, view.version);
    if (!done) return done;
    if (db.changes() == 0) return fail(errc::refused, "change_view: it was changed meanwhile");
    return {};
}

Result<> delete_view(sqlite::Database& db, std::string_view id)
{
    return execute(db, "delete_view", "DELETE FROM saved_view WHERE id = ?", id);
}

Result<std::optional<SavedView>> find_view(sqlite::Database& db, std::string_view id)
{
    static constexpr char sql[] =
        "SELECT saved_view.id, technician_id, technician.name, list, saved_view.name, shared, filter, choices, sort, "
        "columns, density, saved_view.version, changed_ms "
        "FROM saved_view JOIN technician ON technician.id = technician_id "
        "WHERE saved_view.id = ?";
    return select_first<SavedView>(db, "find_view", sql, read_view, id);
}

Result<std::vector<SavedView>> views_for(sqlite::Database& db, std::string_view technician_id, std::string_view list)
{
    static constexpr char sql[] =
        "SELECT saved_view.id, technician_id, technician.name, list, saved_view.name, shared, filter, choices, sort, "
        "columns, density, saved_view.version, changed_ms "
        "FROM saved_view JOIN technician ON technician.id = technician_id "
        "WHERE list = ? AND (technician_id = ? OR shared = 1) ORDER BY saved_view.name, saved_view.id";
    return select_all<SavedView>(db, "views_for", sql, read_view, list, technician_id);
}

Result<std::int64_t> count_views_of(sqlite::Database& db, std::string_view technician_id)
{
    static constexpr char sql[] = "SELECT count(*) FROM saved_view WHERE technician_id = ?";
    auto const count = [](sqlite::Statement& row) -> Result<std::int64_t> { return row.integer(0); };
    auto const found = select_first<std::int64_t>(db, "count_views_of", sql, count, technician_id);
    if (!found) return found.error();
    return found->value_or(0);
}

} // namespace rollcall::store
