#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/wire/catalogue.hpp"

/// What filters can name: columns of a list, and tables made of the catalogue's probes.
namespace rollcall::filter
{

enum class Type {
    text,    ///< Compared whatever the case.
    word,    ///< One of a few, which may stand in an order.
    version, ///< Compared as versions: 9 is before 10.
    number,
    boolean,
    time, ///< Unix ms.
};

struct Column {
    std::string name;
    std::string label;
    Type type{};
    wire::Unit unit = wire::Unit::none;
    std::string meaning;
    std::vector<std::string> words = {}; ///< Of a word: all of them.
    bool ranked = false;                 ///< Its words stand in an order, the least first.
};

/// The rows of a probe, or of probes whose rows are about the same things and are joined by their key.
struct Table {
    std::string name;
    std::string label;
    std::string meaning;
    bool has_many_rows = false;
    std::vector<Column> columns; ///< Where it has many rows, the first is the row's key.
    std::vector<wire::Probe const*> probes;
};

/// What one list can be filtered by. Expressions point into it: it outlives them.
struct Subject {
    std::string name;            ///< "devices".
    std::vector<Column> columns; ///< Of the list.
    std::string table_prefix;    ///< Stands before a table's name: "device." where a line is not itself a device.
};

/// Every probe of the catalogue, each a table of its own.
[[nodiscard]] std::vector<Table> const& tables();

[[nodiscard]] std::string_view to_string(Type type);

/// The operators that fit a column, as they are written; `is unknown` fits all.
[[nodiscard]] std::vector<std::string> operators_of(Column const& column);

struct UnitWord {
    std::string_view word;
    double factor = 1; ///< To the column's unit.
};
/// How numbers of this unit may be followed: {"GB", 1e9}. Empty: they stand alone.
[[nodiscard]] std::vector<UnitWord> const& words_of(wire::Unit unit);
/// Of spans of time, to milliseconds.
[[nodiscard]] std::vector<UnitWord> const& words_of_time();

/// The names that look most like what was written; the likeliest first.
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view written, std::vector<std::string> const& names);

} // namespace rollcall::filter
