#pragma once

#include <span>

#include "common/core/result.hpp"

namespace rollcall::sqlite
{

class Database;

/// One step of a schema, never changed after it was released: what comes later is a new one.
struct Migration {
    int number; ///< 1, 2, 3 … without holes.
    char const* sql;
};

/// Brings the file to the last migration's schema, in one transaction; a file already there is left alone.
///
/// `compatible` is the oldest schema number whose program may still use a file of this one; it is kept in the file
/// (table schema_meta) beside the schema's own number. A file newer than this program is accepted if it says that a
/// program of our number may use it; otherwise errc::conflict, with what to do.
Result<> migrate(Database& db, std::span<Migration const> migrations, int compatible);

/// The schema number of the file; 0 where it has none yet.
[[nodiscard]] Result<int> schema_version(Database& db);
/// The same, of a file that a program of schema `ours` may use; errc::conflict, with what to do, where it may not.
[[nodiscard]] Result<int> usable_schema(Database& db, int ours);

} // namespace rollcall::sqlite
