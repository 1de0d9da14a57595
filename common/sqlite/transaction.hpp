#pragma once

#include <string>

#include "common/core/result.hpp"

namespace rollcall::sqlite
{

class Database;
struct Connection;

/// All or nothing. Within another transaction it is a savepoint, so functions that need one can call each other.
///
/// Owns: the open transaction; destroyed without commit(), it rolls back.
/// Threads: the one of its Database.  Blocks: as its Database.
class Transaction
{
public:
    enum class Mode {
        write, ///< Takes the write lock at once, so that it cannot fail half-way for want of it.
        read,  ///< Several reads of one and the same state.
    };

    [[nodiscard]] static Result<Transaction> begin(Database& db, Mode mode = Mode::write);

    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// Fails: nothing of it was stored, and it is rolled back.
    Result<> commit();
    void rollback() noexcept;

private:
    Transaction(Connection& connection, int depth)
        : connection_(&connection)
        , depth_(depth)
    {
    }

    Connection* connection_; ///< nullptr once it has ended.
    int depth_;              ///< 1: the transaction itself; more: a savepoint within.
};

} // namespace rollcall::sqlite
