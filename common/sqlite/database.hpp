#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "common/core/result.hpp"
#include "common/sqlite/statement.hpp"

struct sqlite3;

namespace rollcall::sqlite
{

/// How far a commit reaches before it returns.
enum class Synchronous {
    full,   ///< On the disk: survives a loss of power.
    normal, ///< Survives a crash of the program; a loss of power may take the last commits, never the file.
};

struct Options {
    std::filesystem::path path;                   ///< ":memory:" for one that is gone with the connection.
    bool read_only = false;                       ///< The file must exist and stays as it is.
    std::chrono::milliseconds busy_timeout{5000}; ///< How long a statement waits for somebody else's lock.
    Synchronous synchronous = Synchronous::full;
};

/// One connection to one SQLite file: WAL, foreign keys on, defensive, prepared statements kept for the next use.
///
/// Owns: the connection and its idle statements.
/// Threads: one at a time; this class is not thread-safe. Another thread opens a Database of its own.
/// Blocks: yes, on the disk, and up to `busy_timeout` on locks.
class Database
{
public:
    /// Opens, and makes the file (readable by its owner only) where there is none and `read_only` is not set.
    /// errc::corrupt where the file is no database.
    [[nodiscard]] static Result<Database> open(Options const& options);

    Database(Database&& other) noexcept;
    Database& operator=(Database&& other) noexcept;
    ~Database();

    /// Runs one or several statements that take no values and whose rows nobody wants.
    Result<> exec(std::string const& sql);
    /// Prepares one statement, or takes the one left from the last time. It must not outlive the Database.
    [[nodiscard]] Result<Statement> prepare(std::string_view sql);

    /// Changes how durable the commits after this one are. Not within a transaction.
    Result<> set_synchronous(Synchronous value);
    /// Makes every commit so far durable, whatever `synchronous` was, and moves the log into the file.
    /// errc::busy where a reader held part of it back: that part is durable too, but still in the log.
    Result<> checkpoint();
    /// Writes to the file without changing what is in it (its user_version, which nothing else uses): the commit says
    /// whether that works. A row that is written as it was would not reach the disk.
    Result<> touch();
    /// Reads the whole file; errc::corrupt with the first thing that is wrong.
    [[nodiscard]] Result<> check_integrity();
    /// The same, and every index, every constraint and every foreign key: takes several times as long.
    [[nodiscard]] Result<> check_everything();

    /// Copies what is committed at one moment into a new file (readable by its owner only), while others go on
    /// writing; until it is done their log only grows. The file is on the disk when this returns, and needs no log
    /// beside it. errc::conflict where there is a file already.
    Result<> copy_to(std::filesystem::path const& target);

    /// Rows changed by the last INSERT, UPDATE or DELETE.
    [[nodiscard]] std::int64_t changes() const;
    /// Rows changed since the connection was opened.
    [[nodiscard]] std::int64_t total_changes() const;
    [[nodiscard]] std::int64_t last_row_id() const;
    [[nodiscard]] bool in_transaction() const;
    /// For what this wrapper does not cover (backup, progress handler).
    [[nodiscard]] sqlite3* handle() const;

private:
    friend class Transaction;

    explicit Database(std::unique_ptr<Connection> connection);

    std::unique_ptr<Connection> connection_;
};

} // namespace rollcall::sqlite
