#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

struct sqlite3_stmt;

namespace rollcall::sqlite
{

struct Connection;

/// Bytes to be bound as a BLOB; a plain string is bound as TEXT.
struct Blob {
    std::string_view bytes;
};

/// One prepared statement. Goes back to its Database's cache, reset and without values, when it is destroyed.
///
/// Owns: the prepared statement while it lives.
/// Threads: the one of its Database.  Blocks: step() does, as its Database.
class Statement
{
public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;
    ~Statement();

    /// Binds the values to the places 1, 2, … : query.bind(device, from_ms, std::nullopt).
    /// What goes wrong here is told by the next step().
    template <class... Values>
    Statement& bind(Values const&... values)
    {
        int place = 0;
        (bind_at(++place, values), ...);
        return *this;
    }

    void bind_at(int place, std::nullopt_t);
    void bind_at(int place, std::int64_t value);
    void bind_at(int place, double value);
    void bind_at(int place, std::string_view text);
    void bind_at(int place, Blob blob);
    /// The columns of another statement's current row, as they are, at the places from 1.
    void bind_row(Statement const& row);
    template <class T>
    requires std::integral<T>
    void bind_at(int place, T value) { bind_at(place, static_cast<std::int64_t>(value)); }
    template <class T>
    requires std::convertible_to<T const&, std::string_view>
    void bind_at(int place, T const& text) { bind_at(place, std::string_view(text)); }
    template <class T>
    void bind_at(int place, std::optional<T> const& value)
    {
        if (value)
            bind_at(place, *value);
        else
            bind_at(place, std::nullopt);
    }

    /// True: a row is there to be read. False: done; the next step() starts again.
    [[nodiscard]] Result<bool> step();
    /// For a statement whose rows nobody wants: runs it to its end and resets it.
    Result<> run();
    /// Back to before the first row; keeps the values.
    void reset();

    /// Columns of the current row, from 0. NULL reads as 0, 0.0 or "": ask is_null, or use the optional ones.
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::string blob(int column) const;
    [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;
    [[nodiscard]] std::optional<double> optional_real(int column) const;
    [[nodiscard]] std::optional<std::string> optional_text(int column) const;
    /// Valid until the next step, reset or end of the statement.
    [[nodiscard]] std::string_view bytes(int column) const;

private:
    friend class Database;
    Statement(Connection& connection, sqlite3_stmt* statement);
    void release() noexcept;
    void note(int code);

    Connection* connection_;
    sqlite3_stmt* statement_;
    int bind_error_ = 0;
};

} // namespace rollcall::sqlite
