#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

static Result<Folder> read_folder(sqlite::Statement& row)
{
    return Folder{.id = row.text(0),
                  .customer_id = row.text(1),
                  .parent_id = row.text(2),
                  .name = row.text(3),
                  .created_ms = row.integer(4),
                  .version = row.integer(5)};
}

Result<> add_folder(sqlite::Database& db, Folder const& folder)
{
    static constexpr char sql[] = "INSERT INTO folder (id, customer_id, parent_id, name, created_ms, version) "
                                  "VALUES (?, ?, nullif(?, ''), ?, ?, ?)";
    return execute(db, "add_folder", sql, folder.id, folder.customer_id, folder.parent_id, folder.name,
                   folder.created_ms, folder.version);
}

Result<std::optional<Folder>> find_folder(sqlite::Database& db, std::string_view id)
{
    static constexpr char sql[] = "SELECT id, customer_id, parent_id, name, created_ms, version "
                                  "FROM folder WHERE id = ?";
    return select_first<Folder>(db, "find_folder", sql, read_folder, id);
}

Result<std::vector<Folder>> folders_of(sqlite::Database& db, std::string_view customer_id)
{
    static constexpr char sql[] = "SELECT id, customer_id, parent_id, name, created_ms, version "
                                  "FROM folder WHERE customer_id = ? ORDER BY id";
    return select_all<Folder>(db, "folders_of", sql, read_folder, customer_id);
}

Result<std::vector<Location>> locations_of(sqlite::Database& db, std::string_view customer_id)
{
    static constexpr char sql[] = "SELECT '' AS id UNION ALL SELECT id FROM folder WHERE customer_id = ? ORDER BY id";
    auto const read = [&](sqlite::Statement& row) -> Result<Location> {
        return Location{.customer_id = std::string(customer_id), .folder_id = row.text(0)};
    };
    return select_all<Location>(db, "locations_of", sql, read, customer_id);
}

Result<std::vector<Folder>> all_folders(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT id, customer_id, parent_id, name, created_ms, version "
                                  "FROM folder ORDER BY id";
    return select_all<Folder>(db, "all_folders", sql, read_folder);
}

Result<> save_folder(sqlite::Database& db, Folder const& folder)
{
    static constexpr char sql[] = "UPDATE folder SET parent_id = nullif(?, ''), name = ?, version = ? WHERE id = ?";
    return execute(db, "save_folder", sql, folder.parent_id, folder.name, folder.version, folder.id);
}

Result<> delete_folder(sqlite::Database& db, std::string_view id)
{
    return execute(db, "delete_folder", "DELETE FROM folder WHERE id = ?", id);
}

Result<Scope> unfolded(sqlite::Database& db, Scope scope)
{
    static constexpr char sql[] =
        "WITH RECURSIVE below (id, customer_id) AS ("
        "SELECT f.id, f.customer_id FROM json_each(?) AS given JOIN folder AS f ON f.id = given.value "
        "UNION SELECT f.id, f.customer_id FROM folder AS f JOIN below ON f.parent_id = below.id) "
        "SELECT customer_id, id FROM below";
    if (scope.folders.empty()) return scope;
    boost::json::array given;
    for (auto const& [customer_id, ids] : std::exchange(scope.folders, {}))
        for (auto const& id : ids)
            given.emplace_back(id);
    auto const read = [](sqlite::Statement& row) -> Result<Location> {
        return Location{.customer_id = row.text(0), .folder_id = row.text(1)};
    };
    auto const found = select_all<Location>(db, "unfolded", sql, read, boost::json::serialize(given));
    if (!found) return found.error();
    for (auto const& where : *found)
        scope.folders[where.customer_id].insert(where.folder_id);
    return scope;
}

Result<bool> is_folder_empty(sqlite::Database& db, std::string_view id)
{
    static constexpr char sql[] = "SELECT EXISTS (SELECT 1 FROM device WHERE folder_id = ?1) "
                                  "OR EXISTS (SELECT 1 FROM folder WHERE parent_id = ?1)";
    auto const read = [](sqlite::Statement& row) -> Result<bool> { return row.integer(0) != 0; };
    auto const any = select_first<bool>(db, "is_folder_empty", sql, read, id);
    if (!any) return any.error();
    return !any->value_or(false);
}

Result<> move_contents_up(sqlite::Database& db, Folder const& folder)
{
    static constexpr char devices[] = "UPDATE device SET folder_id = nullif(?, ''), version = version + 1 "
                                      "WHERE folder_id = ?";
    static constexpr char folders[] = "UPDATE folder SET parent_id = nullif(?, ''), version = version + 1 "
                                      "WHERE parent_id = ?";
    if (auto moved = execute(db, "move_contents_up", devices, folder.parent_id, folder.id); !moved) return moved;
    return execute(db, "move_contents_up", folders, folder.parent_id, folder.id);
}

} // namespace rollcall::store
