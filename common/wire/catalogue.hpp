#pragma once

#include <chrono>
#include <span>
#include <string_view>

namespace rollcall::wire
{

/// The three kinds of observation; each has its own lane on the wire and its own fate offline.
enum class Kind {
    state,  ///< The latest counts, and since when.
    series, ///< The curve counts.
    event,  ///< Every one counts.
};

enum class Type { text, integer, real, boolean, time_ms };

enum class Unit { none, bytes, bytes_per_s, percent, count, milliseconds, mbit_per_s, celsius, rpm, seconds };

struct Column {
    std::string_view name;  ///< Key on the wire, in the store and in the API: snake_case, never reused.
    std::string_view label; ///< What a person reads as the head of the column.
    Type type; ///< `real` in series only: JSON does not carry every fraction exactly, and a state's digest must agree.
    Unit unit;
    std::string_view meaning; ///< One sentence for the API's document and the docs.
    bool news = true;         ///< Of a state: a device's history tells that it became another one (news.hpp).
};

/// A reading of a series as exactly as it is told: percent to a tenth, bytes to four digits, bytes per second to
/// three, the rest to a hundredth. More is noise that nobody sees, and every digit travels and is stored.
[[nodiscard]] double rounded(double reading, Unit unit);
/// The same; whole numbers of other units stay as they are.
[[nodiscard]] std::int64_t rounded(std::int64_t reading, Unit unit);

/// One question to the machine, declared once. The wire's check, the store, the API's schema, the tables of the
/// device page and the docs come from this; the agent adds a reader (agent/probe/<name>.cpp).
struct Probe {
    std::string_view name;  ///< Key on the wire: snake_case, never reused.
    std::string_view label; ///< What a person reads.
    Kind kind;
    std::string_view key_label; ///< What a row is: "Mount point"; empty where there is exactly one row, with key "".
    std::chrono::seconds every; ///< How often it is read where nothing tells of a change.
    std::chrono::seconds limit; ///< A longer read counts as timed_out.
    std::span<Column const> columns;
    std::string_view meaning;
    bool history = true;                 ///< Of a state: rows that are past are kept, too.
    bool news = true;                    ///< Of a state: a device's history tells of its rows; otherwise events do.
    std::string_view appeared = "Added"; ///< What a person reads of a row that is new.
    std::string_view vanished = "Removed";
};

/// A kind of event: what happened, not what is.
struct EventType {
    std::string_view name; ///< Key on the wire: snake_case, never reused.
    std::string_view label;
    std::string_view meaning;
    std::span<Column const> columns; ///< What its detail may hold.
};

/// All probes, in the order in which a person wants to read them. Append; never reorder columns.
[[nodiscard]] std::span<Probe const> probes();
[[nodiscard]] std::span<EventType const> event_types();

/// nullptr where nothing has that name.
[[nodiscard]] Probe const* find_probe(std::string_view name);
[[nodiscard]] EventType const* find_event_type(std::string_view name);
/// Does a device's history tell of its rows?
[[nodiscard]] constexpr bool is_told(Probe const& probe)
{
    return probe.kind == Kind::state && probe.history && probe.news;
}
[[nodiscard]] Column const* find_column(Probe const& probe, std::string_view name);

[[nodiscard]] std::string_view to_string(Kind kind);
[[nodiscard]] std::string_view to_string(Type type);
[[nodiscard]] std::string_view to_string(Unit unit);

} // namespace rollcall::wire
