#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

/// What the repositories share: bind, step, read. `Read` makes one record from the statement's current row.
namespace rollcall::store
{

template <class... Values>
Result<> execute(sqlite::Database& db, std::string_view step, std::string_view sql, Values const&... values)
{
    auto query = db.prepare(sql);
    if (!query) return fail(query.error(), step);
    auto const done = query->bind(values...).run();
    if (!done) return fail(done.error(), step);
    return {};
}

template <class T, class Read, class... Values>
Result<std::vector<T>> select_all(sqlite::Database& db, std::string_view step, std::string_view sql, Read read,
                                  Values const&... values)
{
    auto query = db.prepare(sql);
    if (!query) return fail(query.error(), step);
    query->bind(values...);
    std::vector<T> found;
    for (;;) {
        auto const row = query->step();
        if (!row) return fail(row.error(), step);
        if (!*row) return found;
        Result<T> record = read(*query);
        if (!record) return fail(record.error(), step);
        found.push_back(std::move(*record));
    }
}

template <class T, class Read, class... Values>
Result<std::optional<T>> select_first(sqlite::Database& db, std::string_view step, std::string_view sql, Read read,
                                      Values const&... values)
{
    auto query = db.prepare(sql);
    if (!query) return fail(query.error(), step);
    auto const row = query->bind(values...).step();
    if (!row) return fail(row.error(), step);
    if (!*row) return std::optional<T>{};
    Result<T> record = read(*query);
    if (!record) return fail(record.error(), step);
    return std::optional<T>(std::move(*record));
}

} // namespace rollcall::store
