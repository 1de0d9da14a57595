#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/records.hpp"
#include "common/core/result.hpp"

namespace rollcall::rules
{

/// How a cell of a row is judged.
enum class Comparison {
    above,     ///< A number: raises above `raise`, clears below `clear`.
    below,     ///< A number: raises below `raise`, clears above `clear`.
    is_true,   ///< A boolean: raises on true, clears on false.
    is_one_of, ///< A text: raises on one of `words`, clears on any other.
    offline,   ///< Not a cell: the device's presence.
};

/// One line of a threshold profile: what is watched, when it raises an alert and when that resolves.
struct Item {
    std::string id;    ///< Stable: stands in stored alerts. snake_case.
    std::string title; ///< Of the alert; "{}" becomes the subject (a volume, a service).
    std::string probe; ///< A name of the catalogue; "" for Comparison::offline.
    std::string column;
    Comparison comparison{};
    double raise = 0;
    double clear = 0;
    std::vector<std::string> words;
    std::string only_where;   ///< A boolean column that must be true for a row to count; "" = every row counts.
    bool per_device = false;  ///< One alert per device, whatever the number of rows; otherwise one per row.
    std::string since_column; ///< The row's own "since" from which the hold is counted; "" = from our first sight.
    std::chrono::seconds raise_hold{}; ///< Must hold this long without a break before it raises …
    std::chrono::seconds clear_hold{}; ///< … and be clear this long before it resolves.
    store::Severity severity{};
    std::optional<store::Severity> server_severity; ///< Instead of `severity` where the device is a Server.
    std::string category;                           ///< One of the nine of categories().
    bool enabled = true;
};

struct Profile {
    std::string name;
    std::vector<Item> items;
};

/// Does it compare a number with levels?
[[nodiscard]] bool is_level(Item const& item);

[[nodiscard]] std::string_view to_string(Comparison comparison);

/// Hardware, Disk, Availability, Performance, Exchange, General, Network, Apps, Script-based.
[[nodiscard]] std::vector<std::string> const& categories();

/// What holds where nobody has chosen otherwise. README.md of this folder lists it.
[[nodiscard]] Profile default_profile();

/// The default profile with what `toml` changes in it: one table per item id with any of `raise`, `clear`,
/// `raise_hold_s`, `clear_hold_s`, `severity`, `enabled`. errc::bad_input names line and field; an unknown key is an
/// error.
[[nodiscard]] Result<Profile> parse_profile(std::string_view toml);

/// The rule in words: "CPU used above 90 % for 5 min; resolves below 80 % for 1 min."
[[nodiscard]] std::string explain(Item const& item);

[[nodiscard]] std::string_view to_string(store::Severity severity);

} // namespace rollcall::rules
