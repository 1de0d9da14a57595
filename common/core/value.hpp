#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"

namespace rollcall
{

/// A value that could not be read, and why: never 0, never false, never an empty list.
struct Unknown {
    std::string reason; ///< A word of errc: "permission_denied".
    bool operator==(Unknown const&) const = default;
};

/// One cell of a probe's table. Texts are well-formed UTF-8; times are integers (Unix ms).
using Value = std::variant<Unknown, bool, std::int64_t, double, std::string>;

/// One row of a probe: a cell per column that was read, by column name.
/// A column that is absent counts as Unknown{"not_yet_read"}.
using Row = std::map<std::string, Value, std::less<>>;

/// What a probe saw: its rows by their key (a mount point, a package's name; "" where there is one row).
using Snapshot = std::map<std::string, Row, std::less<>>;

inline Value unknown(errc why) { return Unknown{std::string(to_string(why))}; }

/// The value, or Unknown with the error's reason.
template <class T>
Value value_or_unknown(Result<T> const& result)
{
    if (!result) return Unknown{std::string(reason(result.error()))};
    return Value(*result);
}

} // namespace rollcall
