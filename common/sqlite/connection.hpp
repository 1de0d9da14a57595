#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <sqlite3.h>

/// What Database, Statement and Transaction share; nobody else includes it.
namespace rollcall::sqlite
{

struct Close {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

/// Most idle statements kept; a program has about this many different ones.
inline constexpr std::size_t idle_statements = 256;

struct Connection {
    std::unique_ptr<sqlite3, Close> db;
    std::map<std::string, std::unique_ptr<sqlite3_stmt, Close>, std::less<>> idle; ///< By SQL; after db: closed first.
    int depth = 0; ///< Open transactions and savepoints.
};

} // namespace rollcall::sqlite
