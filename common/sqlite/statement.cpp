#include "common/sqlite/statement.hpp"

#include <new>
#include <utility>

#include "common/sqlite/connection.hpp"
#include "common/sqlite/error.hpp"

namespace rollcall::sqlite
{

Statement::Statement(Connection& connection, sqlite3_stmt* statement)
    : connection_(&connection)
    , statement_(statement)
{
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_)
    , statement_(std::exchange(other.statement_, nullptr))
    , bind_error_(other.bind_error_)
{
}

Statement& Statement::operator=(Statement&& other) noexcept
{
    if (this != &other) {
        release();
        connection_ = other.connection_;
        statement_ = std::exchange(other.statement_, nullptr);
        bind_error_ = other.bind_error_;
    }
    return *this;
}

Statement::~Statement() { release(); }

void Statement::release() noexcept
{
    if (statement_ == nullptr) return;
    std::unique_ptr<sqlite3_stmt, Close> owned(std::exchange(statement_, nullptr));
    sqlite3_reset(owned.get());
    sqlite3_clear_bindings(owned.get());
    if (connection_->idle.size() >= idle_statements) return;
    try {
        connection_->idle.try_emplace(sqlite3_sql(owned.get()), std::move(owned));
    } catch (std::bad_alloc const&) {
        return; // It is finalized instead of kept.
    }
}

void Statement::note(int code)
{
    if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Statement::bind_at(int place, std::nullopt_t) { note(sqlite3_bind_null(statement_, place)); }
void Statement::bind_at(int place, std::int64_t value) { note(sqlite3_bind_int64(statement_, place, value)); }
void Statement::bind_at(int place, double value) { note(sqlite3_bind_double(statement_, place, value)); }

void Statement::bind_at(int place, std::string_view text)
{
    // An empty view may have no address, which SQLite would take for NULL.
    char const* const data = text.data() == nullptr ? "" : text.data();
    note(sqlite3_bind_text64(statement_, place, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind_at(int place, Blob blob)
{
    char const* const data = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
    note(sqlite3_bind_blob64(statement_, place, data, blob.bytes.size(), SQLITE_TRANSIENT));
}

void Statement::bind_row(Statement const& row)
{
    for (int column = 0; column < sqlite3_column_count(row.statement_); ++column)
        note(sqlite3_bind_value(statement_, column + 1, sqlite3_column_value(row.statement_, column)));
}

Result<bool> Statement::step()
{
    auto* const db = connection_->db.get();
    if (bind_error_ != SQLITE_OK) {
        int const code = std::exchange(bind_error_, SQLITE_OK);
        return error_of(nullptr, code, std::string(sqlite3_sql(statement_)).substr(0, 80) + ": bind");
    }
    int const code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        sqlite3_reset(statement_);
        return false;
    }
    auto error = error_of(db, code, std::string(sqlite3_sql(statement_)).substr(0, 80));
    sqlite3_reset(statement_);
    return error;
}

Result<> Statement::run()
{
    for (;;) {
        auto const row = step();
        if (!row) return row.error();
        if (!*row) return {};
    }
}

void Statement::reset() { sqlite3_reset(statement_); }

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }
std::string Statement::text(int column) const
{
    auto const* const data = sqlite3_column_text(statement_, column);
    if (data == nullptr) return {};
    return {reinterpret_cast<char const*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
std::string Statement::blob(int column) const { return std::string(bytes(column)); }

std::string_view Statement::bytes(int column) const
{
    auto const* const data = sqlite3_column_blob(statement_, column);
    if (data == nullptr) return {};
    return {static_cast<char const*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::int64_t> Statement::optional_integer(int column) const
{
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

std::optional<double> Statement::optional_real(int column) const
{
    if (is_null(column)) return std::nullopt;
    return real(column);
}

std::optional<std::string> Statement::optional_text(int column) const
{
    if (is_null(column)) return std::nullopt;
    return text(column);
}

} // namespace rollcall::sqlite
