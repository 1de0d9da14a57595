#include <cmath>

#include <fmt/format.h>

#include "common/core/text.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/limits.hpp"

namespace rollcall::wire
{

/// A whole number is a fine reading for a column of real numbers; everything else must be what was declared.
static bool fits(Value& cell, Type type)
{
    if (std::holds_alternative<Unknown>(cell)) return true;
    switch (type) {
    case Type::text:
        return std::holds_alternative<std::string>(cell);
    case Type::boolean:
        return std::holds_alternative<bool>(cell);
    case Type::integer:
    case Type::time_ms:
        return std::holds_alternative<std::int64_t>(cell);
    case Type::real:
        if (auto const* const whole = std::get_if<std::int64_t>(&cell)) cell = static_cast<double>(*whole);
        return std::holds_alternative<double>(cell) && std::isfinite(std::get<double>(cell));
    }
    return false;
}

Result<> check(Snapshot& rows, Probe const& probe)
{
    if (rows.size() > limits::snapshot_rows)
        return fail(errc::limit_exceeded, fmt::format("{}: more than {} rows", probe.name, limits::snapshot_rows));
    for (auto& [name, row] : rows) {
        auto const& key = name; // Not every compiler lets a lambda take a structured binding.
        auto const where = [&](std::string_view column, std::string_view what) {
            return fail(errc::bad_message,
                        fmt::format("{}.{}.{}: {}", probe.name, clean_text(key, 64), clean_text(column, 64), what));
        };
        if (key.size() > limits::key_bytes || !is_utf8(key))
            return where("key", fmt::format("must be UTF-8 of at most {} bytes", limits::key_bytes));
        for (auto cell = row.begin(); cell != row.end();) {
            auto const* const column = find_column(probe, cell->first);
            if (column == nullptr) {
                cell = row.erase(cell);
                continue;
            }
            if (!fits(cell->second, column->type))
                return where(column->name, fmt::format("must be of type {}", to_string(column->type)));
            auto const* const text = std::get_if<std::string>(&cell->second);
            if (text != nullptr && (text->size() > limits::text_bytes || !is_utf8(*text)))
                return where(column->name, fmt::format("must be UTF-8 of at most {} bytes", limits::text_bytes));
            ++cell;
        }
    }
    return {};
}

} // namespace rollcall::wire
