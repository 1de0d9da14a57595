#include "collector/view/filter/columns.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "collector/store/fold.hpp"
#include "collector/view/filter/limits.hpp"

namespace rollcall::filter
{

namespace
{

/// A probe whose rows say more about the rows of another one: both have the same key.
struct Joined {
    std::string_view table;
    std::string_view probe;
};
constexpr Joined joined_probes[] = {{"volumes", "volume_usage"}};

Type type_of(wire::Column const& column)
{
    switch (column.type) {
    case wire::Type::text:
        return column.name == "version" || column.name == "kernel" || column.name.ends_with("_version") ? Type::version
                                                                                                        : Type::text;
    case wire::Type::integer:
    case wire::Type::real:
        return Type::number;
    case wire::Type::boolean:
        return Type::boolean;
    case wire::Type::time_ms:
        return Type::time;
    }
    return Type::text;
}

void add_columns(Table& table, wire::Probe const& probe)
{
    for (auto const& column : probe.columns)
        table.columns.push_back({.name = std::string(column.name),
                                 .label = std::string(column.label),
                                 .type = type_of(column),
                                 .unit = column.unit,
                                 .meaning = std::string(column.meaning)});
    table.probes.push_back(&probe);
}

/// "Mount point" is mount_point.
std::string name_of_key(std::string_view label)
{
    auto name = store::fold(label);
    std::ranges::replace(name, ' ', '_');
    return name;
}

Table table_of(wire::Probe const& probe)
{
    Table table{.name = std::string(probe.name),
                .label = std::string(probe.label),
                .meaning = std::string(probe.meaning),
                .has_many_rows = !probe.key_label.empty(),
                .columns = {},
                .probes = {}};
    if (table.has_many_rows)
        table.columns.push_back({.name = name_of_key(probe.key_label),
                                 .label = std::string(probe.key_label),
                                 .type = Type::text,
                                 .meaning = "What a row is about."});
    add_columns(table, probe);
    for (auto const& more : joined_probes)
        if (more.table == probe.name) add_columns(table, *wire::find_probe(more.probe));
    return table;
}

constexpr double minute_ms = 60'000;
constexpr double hour_ms = 60 * minute_ms;
constexpr double day_ms = 24 * hour_ms;

std::vector<UnitWord> scaled(std::vector<UnitWord> words, double factor)
{
    for (auto& word : words)
        word.factor *= factor;
    return words;
}

/// How many characters have to be changed, added or left out (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> line(b.size() + 1);
    std::iota(line.begin(), line.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = std::exchange(line[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            auto const changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = line[j + 1];
            line[j + 1] = std::min({changed, line[j] + 1, diagonal + 1});
        }
    }
    return line.back();
}

} // namespace

std::vector<Table> const& tables()
{
    static std::vector<Table> const all = [] {
        std::vector<Table> made;
        for (auto const& probe : wire::probes())
            made.push_back(table_of(probe));
        return made;
    }();
    return all;
}

std::string_view to_string(Type type)
{
    switch (type) {
    case Type::text:
        return "text";
    case Type::word:
        return "word";
    case Type::version:
        return "version";
    case Type::number:
        return "number";
    case Type::boolean:
        return "boolean";
    case Type::time:
        return "time";
    }
    return "text";
}

std::vector<std::string> operators_of(Column const& column)
{
    switch (column.type) {
    case Type::text:
        return {"is", "is not", "contains", "not contains", "starts with", "ends with", "matches", "in", "not in"};
    case Type::word:
        if (column.ranked) return {"is", "is not", ">=", "<=", ">", "<", "in", "not in"};
        return {"is", "is not", "in", "not in"};
    case Type::version:
        return {"=", "!=", "<", "<=", ">", ">=", "starts with", "contains", "matches", "in", "not in"};
    case Type::number:
        return {"<", "<=", ">", ">=", "=", "!=", "in", "not in"};
    case Type::boolean:
        return {"is", "is not"};
    case Type::time:
        return {"<", "<=", ">", ">="};
    }
    return {};
}

std::vector<UnitWord> const& words_of_time()
{
    // Of several words for one thing the first is how it is printed.
    static std::vector<UnitWord> const words{{"ms", 1},         {"s", 1000},         {"min", minute_ms},
                                             {"h", hour_ms},    {"days", day_ms},    {"weeks", 7 * day_ms},
                                             {"day", day_ms},   {"d", day_ms},       {"hours", hour_ms},
                                             {"hour", hour_ms}, {"week", 7 * day_ms}};
    return words;
}

std::vector<UnitWord> const& words_of(wire::Unit unit)
{
    static std::vector<UnitWord> const none;
    static std::vector<UnitWord> const bytes{{"B", 1},        {"kB", 1e3},     {"MB", 1e6},
                                             {"GB", 1e9},     {"TB", 1e12},    {"KiB", 0x1p10},
                                             {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}};
    static std::vector<UnitWord> const rate{{"B/s", 1},        {"kB/s", 1e3},     {"MB/s", 1e6},    {"GB/s", 1e9},
                                            {"KiB/s", 0x1p10}, {"MiB/s", 0x1p20}, {"GiB/s", 0x1p30}};
    static std::vector<UnitWord> const percent{{"%", 1}};
    static std::vector<UnitWord> const link{{"Mbit/s", 1}, {"Gbit/s", 1000}};
    static std::vector<UnitWord> const celsius{{"°C", 1}, {"C", 1}};
    static std::vector<UnitWord> const rpm{{"rpm", 1}};
    static std::vector<UnitWord> const seconds = scaled(words_of_time(), 0.001);
    switch (unit) {
    case wire::Unit::bytes:
        return bytes;
    case wire::Unit::bytes_per_s:
        return rate;
    case wire::Unit::percent:
        return percent;
    case wire::Unit::milliseconds:
        return words_of_time();
    case wire::Unit::seconds:
        return seconds;
    case wire::Unit::mbit_per_s:
        return link;
    case wire::Unit::celsius:
        return celsius;
    case wire::Unit::rpm:
        return rpm;
    case wire::Unit::none:
    case wire::Unit::count:
        break;
    }
    return none;
}

std::vector<std::string> nearest_names(std::string_view written, std::vector<std::string> const& names)
{
    auto const sought = store::fold(written);
    std::vector<std::pair<std::size_t, std::string_view>> likely;
    auto const farthest = std::max<std::size_t>(2, sought.size() / 3);
    for (auto const& name : names) {
        auto const steps = edit_distance(sought, name);
        bool const is_its_end =
            name.size() > sought.size() && name.ends_with(sought) && name[name.size() - sought.size() - 1] == '.';
        if (is_its_end)
            likely.emplace_back(0, name);
        else if (steps <= farthest)
            likely.emplace_back(steps, name);
        else if (sought.size() >= 3 && name.find(sought) != std::string::npos)
            likely.emplace_back(farthest + 1, name);
    }
    std::ranges::stable_sort(likely, {}, &std::pair<std::size_t, std::string_view>::first);
    std::vector<std::string> nearest;
    for (auto const& [steps, name] : likely)
        if (nearest.size() < limits::nearest && std::ranges::find(nearest, name) == nearest.end())
            nearest.emplace_back(name);
    return nearest;
}

} // namespace rollcall::filter
