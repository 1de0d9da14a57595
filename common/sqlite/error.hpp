#pragma once

#include <string_view>

#include "common/core/result.hpp"

struct sqlite3;

namespace rollcall::sqlite
{

/// The product's word for a result code of SQLite, with SQLite's own message in the trace.
///
/// errc::corrupt: the file is no database, or a damaged one. errc::io: full disk or failing reads and writes.
/// errc::busy: somebody else holds the lock longer than the busy time-out. errc::conflict: a constraint says no.
/// errc::permission_denied: the file may not be opened or written. errc::bad_input: the SQL itself is wrong.
[[nodiscard]] Error error_of(sqlite3* db, int code, std::string_view step);

} // namespace rollcall::sqlite
