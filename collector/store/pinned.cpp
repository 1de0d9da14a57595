#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "collector/store/query.hpp"
#include "collector/store/store.hpp"

namespace rollcall::store
{

Result<PinnedFields> pinned_fields(sqlite::Database& db)
{
    static constexpr char sql[] = "SELECT fields, version FROM pinned_fields WHERE id = 1";
    auto const read = [](sqlite::Statement& row) -> Result<PinnedFields> {
        PinnedFields pinned{.fields = {}, .version = row.integer(1)};
        boost::system::error_code failure;
        auto const list = boost::json::parse(row.text(0), failure);
        if (failure || !list.is_array()) return pinned;
        for (auto const& field : list.get_array())
            if (auto const* const name = field.if_string()) pinned.fields.emplace_back(*name);
        return pinned;
    };
    auto const found = select_first<PinnedFields>(db, "pinned_fields", sql, read);
    if (!found) return found.error();
    return found->value_or(PinnedFields{});
}

Result<> save_pinned_fields(sqlite::Database& db, PinnedFields const& pinned)
{
    static constexpr char sql[] = "INSERT OR REPLACE INTO pinned_fields (id, fields, version) VALUES (1, ?, ?)";
    boost::json::array list;
    for (auto const& field : pinned.fields)
        list.emplace_back(field);
    return execute(db, "save_pinned_fields", sql, boost::json::serialize(list), pinned.version);
}

} // namespace rollcall::store
