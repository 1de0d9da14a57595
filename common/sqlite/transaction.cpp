#include "common/sqlite/transaction.hpp"

#include <utility>

#include <fmt/format.h>

#include "common/sqlite/connection.hpp"
#include "common/sqlite/database.hpp"
#include "common/sqlite/error.hpp"

namespace rollcall::sqlite
{

static Result<> run(Connection& connection, std::string const& sql)
{
    int const code = sqlite3_exec(connection.db.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return error_of(connection.db.get(), code, sql);
    return {};
}

Result<Transaction> Transaction::begin(Database& db, Mode mode)
{
    auto& connection = *db.connection_;
    int const depth = connection.depth + 1;
    auto const begun = run(connection, depth > 1             ? fmt::format("SAVEPOINT level_{}", depth)
                                       : mode == Mode::write ? std::string("BEGIN IMMEDIATE")
                                                             : std::string("BEGIN DEFERRED"));
    if (!begun) return begun.error();
    connection.depth = depth;
    return Transaction(connection, depth);
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr))
    , depth_(other.depth_)
{
}

Transaction::~Transaction() { rollback(); }

Result<> Transaction::commit()
{
    if (connection_ == nullptr) return fail(errc::bad_input, "commit: the transaction has ended");
    auto done = run(*connection_, depth_ > 1 ? fmt::format("RELEASE level_{}", depth_) : std::string("COMMIT"));
    if (!done) {
        rollback();
        return done;
    }
    connection_->depth = depth_ - 1;
    connection_ = nullptr;
    return {};
}

void Transaction::rollback() noexcept
{
    if (connection_ == nullptr) return;
    auto& connection = *std::exchange(connection_, nullptr);
    connection.depth = depth_ - 1;
    // After a full disk or an I/O error SQLite may have rolled back by itself; then there is nothing left to do.
    if (sqlite3_get_autocommit(connection.db.get()) != 0) return;
    auto const sql =
        depth_ > 1 ? fmt::format("ROLLBACK TO level_{0}; RELEASE level_{0}", depth_) : std::string("ROLLBACK");
    sqlite3_exec(connection.db.get(), sql.c_str(), nullptr, nullptr, nullptr);
}

} // namespace rollcall::sqlite
