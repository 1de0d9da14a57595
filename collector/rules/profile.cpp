#include "collector/rules/profile.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "collector/rules/text.hpp"
#include "common/wire/catalogue.hpp"

namespace rollcall::rules
{

using namespace std::chrono_literals;
using store::Severity;

static constexpr auto day = std::chrono::hours(24);
/// Longest hold that a profile may ask for.
static constexpr std::int64_t hold_limit_s = 366L * 24 * 3600;

std::vector<std::string> const& categories()
{
    static std::vector<std::string> const all{"Hardware", "Disk",    "Availability", "Performance", "Exchange",
                                              "General",  "Network", "Apps",         "Script-based"};
    return all;
}

Profile default_profile()
{
    Profile profile{.name = "Default", .items = {}};
    profile.items = {
        {.id = "cpu_used",
         .title = "CPU is busy",
         .probe = "cpu",
         .column = "used_percent",
         .comparison = Comparison::above,
         .raise = 90,
         .clear = 80,
         .raise_hold = 5min,
         .clear_hold = 1min,
         .severity = Severity::warning,
         .category = "Performance"},
        {.id = "memory_used",
         .title = "Memory is nearly full",
         .probe = "memory",
         .column = "used_percent",
         .comparison = Comparison::above,
         .raise = 90,
         .clear = 85,
         .raise_hold = 5min,
         .clear_hold = 1min,
         .severity = Severity::warning,
         .category = "Performance"},
        {.id = "volume_free_low",
         .title = "Volume {} is getting full",
         .probe = "volume_usage",
         .column = "free_percent",
         .comparison = Comparison::below,
         .raise = 10,
         .clear = 12,
         .raise_hold = 1min,
         .clear_hold = 1min,
         .severity = Severity::warning,
         .category = "Disk"},
        {.id = "volume_free_critical",
         .title = "Volume {} is almost full",
         .probe = "volume_usage",
         .column = "free_percent",
         .comparison = Comparison::below,
         .raise = 5,
         .clear = 7,
         .raise_hold = 1min,
         .clear_hold = 1min,
         .severity = Severity::critical,
         .category = "Disk"},
        {.id = "device_offline",
         .title = "Device is offline",
         .comparison = Comparison::offline,
         .raise_hold = 60s,
         .clear_hold = 0s,
         .severity = Severity::information,
         .server_severity = Severity::critical,
         .category = "Availability"},
        {.id = "service_stopped",
         .title = "Service {} is stopped",
         .probe = "services",
         .column = "state",
         .comparison = Comparison::is_one_of,
         .words = {"stopped"},
         .only_where = "expected",
         .since_column = "since_ms",
         .raise_hold = 30s,
         .clear_hold = 0s,
         .severity = Severity::warning,
         .category = "Availability"},
        {.id = "service_failed",
         .title = "Service {} has failed",
         .probe = "services",
         .column = "state",
         .comparison = Comparison::is_one_of,
         .words = {"failed"},
         .only_where = "expected",
         .since_column = "since_ms",
         .raise_hold = 30s,
         .clear_hold = 0s,
         .severity = Severity::critical,
         .category = "Availability"},
        {.id = "reboot_pending",
         .title = "Reboot has been pending for long",
         .probe = "pending_reboot",
         .column = "pending",
         .comparison = Comparison::is_true,
         .per_device = true,
         .since_column = "since_ms",
         .raise_hold = 7 * day,
         .clear_hold = 0s,
         .severity = Severity::warning,
         .category = "General"},
        {.id = "security_patch_waiting",
         .title = "Security patches have been waiting for long",
         .probe = "patches",
         .column = "security",
         .comparison = Comparison::is_true,
         .per_device = true,
         .since_column = "since_ms",
         .raise_hold = 7 * day,
         .clear_hold = 0s,
         .severity = Severity::critical,
         .category = "General"},
    };
    return profile;
}

std::string_view to_string(Severity severity)
{
    switch (severity) {
    case Severity::information:
        return "information";
    case Severity::warning:
        return "warning";
    case Severity::critical:
        return "critical";
    }
    return "information";
}

bool is_level(Item const& item) { return item.comparison == Comparison::above || item.comparison == Comparison::below; }

std::string_view to_string(Comparison comparison)
{
    switch (comparison) {
    case Comparison::above:
        return "above";
    case Comparison::below:
        return "below";
    case Comparison::is_true:
        return "is_true";
    case Comparison::is_one_of:
        return "is_one_of";
    case Comparison::offline:
        return "offline";
    }
    return "";
}

static std::optional<Severity> severity_from(std::string_view word)
{
    for (auto const severity : {Severity::information, Severity::warning, Severity::critical})
        if (word == to_string(severity)) return severity;
    return std::nullopt;
}

std::string duration_text(std::chrono::seconds span)
{
    auto const s = span.count();
    if (s >= 172'800 && s % 86'400 == 0) return fmt::format("{} days", s / 86'400);
    if (s >= 3600 && s % 3600 == 0) return fmt::format("{} h", s / 3600);
    if (s >= 60 && s % 60 == 0) return fmt::format("{} min", s / 60);
    return fmt::format("{} s", s);
}

std::string number_text(double number, std::string_view probe, std::string_view column)
{
    auto const* const declared = wire::find_probe(probe);
    auto const* const found = declared == nullptr ? nullptr : wire::find_column(*declared, column);
    auto const unit = found == nullptr ? wire::Unit::none : found->unit;
    auto figure =
        std::abs(number - std::round(number)) < 0.05 ? fmt::format("{:.0f}", number) : fmt::format("{:.1f}", number);
    switch (unit) {
    case wire::Unit::percent:
        return figure + " %";
    case wire::Unit::bytes:
        return figure + " bytes";
    case wire::Unit::bytes_per_s:
        return figure + " bytes/s";
    case wire::Unit::milliseconds:
        return figure + " ms";
    case wire::Unit::mbit_per_s:
        return figure + " Mbit/s";
    case wire::Unit::celsius:
        return figure + " °C";
    case wire::Unit::rpm:
        return figure + " rpm";
    case wire::Unit::seconds:
        return figure + " s";
    case wire::Unit::none:
    case wire::Unit::count:
        break;
    }
    return figure;
}

std::string explain(Item const& item)
{
    auto const* const probe = wire::find_probe(item.probe);
    auto const label = [&](std::string_view name) {
        auto const* const column = probe == nullptr ? nullptr : wire::find_column(*probe, name);
        return std::string(column == nullptr ? name : column->label);
    };
    auto const held = [](std::chrono::seconds hold) {
        return hold.count() == 0 ? std::string() : " for " + duration_text(hold);
    };
    auto const number = [&](double value) { return number_text(value, item.probe, item.column); };
    std::string rule;
    std::string end;
    switch (item.comparison) {
    case Comparison::above:
        rule = fmt::format("{} above {}", label(item.column), number(item.raise));
        end = fmt::format("resolves below {}", number(item.clear));
        break;
    case Comparison::below:
        rule = fmt::format("{} below {}", label(item.column), number(item.raise));
        end = fmt::format("resolves above {}", number(item.clear));
        break;
    case Comparison::is_true:
        rule = label(item.column);
        end = "resolves when it is not so";
        break;
    case Comparison::is_one_of:
        rule = fmt::format("{} is {}", label(item.column), fmt::join(item.words, " or "));
        end = "resolves when it is not so";
        break;
    case Comparison::offline:
        rule = "Offline";
        end = "resolves when it is back";
        break;
    }
    if (!item.only_where.empty()) rule = fmt::format("{} (where: {})", rule, label(item.only_where));
    return fmt::format("{}{}; {}{}.", rule, held(item.raise_hold), end, held(item.clear_hold));
}

static Error wrong(toml::node const& node, std::string_view field, std::string_view what)
{
    return fail(errc::bad_input, fmt::format("thresholds: line {}: {}: {}", node.source().begin.line, field, what));
}

/// Levels must leave a gap, or an alert would flap.
static bool levels_fit(Item const& item)
{
    if (item.comparison == Comparison::above) return item.clear <= item.raise;
    if (item.comparison == Comparison::below) return item.clear >= item.raise;
    return true;
}

static Result<> change_field(Item& item, std::string_view key, toml::node const& node)
{
    auto const field = fmt::format("{}.{}", item.id, key);
    if (key == "raise" || key == "clear") {
        if (!is_level(item)) return wrong(node, field, "this item has no level");
        auto const number = node.value<double>();
        if (!node.is_number() || !number || !std::isfinite(*number)) return wrong(node, field, "must be a number");
        (key == "raise" ? item.raise : item.clear) = *number;
        return {};
    }
    if (key == "raise_hold_s" || key == "clear_hold_s") {
        auto const seconds = node.value<std::int64_t>();
        if (!node.is_integer() || !seconds || *seconds < 0 || *seconds > hold_limit_s)
            return wrong(node, field, fmt::format("must be a whole number of seconds from 0 to {}", hold_limit_s));
        (key == "raise_hold_s" ? item.raise_hold : item.clear_hold) = std::chrono::seconds(*seconds);
        return {};
    }
    if (key == "severity") {
        auto const word = node.value<std::string>();
        auto const severity = word ? severity_from(*word) : std::nullopt;
        if (!severity) return wrong(node, field, "must be information, warning or critical");
        item.severity = *severity;
        item.server_severity.reset();
        return {};
    }
    if (key == "enabled") {
        if (!node.is_boolean()) return wrong(node, field, "must be true or false");
        item.enabled = *node.value<bool>();
        return {};
    }
    return wrong(node, field, "is unknown; there are raise, clear, raise_hold_s, clear_hold_s, severity and enabled");
}

Result<Profile> parse_profile(std::string_view text)
{
    auto const parsed = toml::parse(text);
    if (!parsed)
        return fail(errc::bad_input, fmt::format("thresholds: line {}: {}", parsed.error().source().begin.line,
                                                 parsed.error().description()));
    auto profile = default_profile();
    for (auto const& [id, node] : parsed.table()) {
        auto const item = std::ranges::find(profile.items, id.str(), &Item::id);
        if (item == profile.items.end()) {
            std::vector<std::string> known;
            for (auto const& one : profile.items)
                known.push_back(one.id);
            return wrong(node, id.str(), fmt::format("there is no such item; there are {}", fmt::join(known, ", ")));
        }
        auto const* const table = node.as_table();
        if (table == nullptr) return wrong(node, id.str(), "must be a table, as in [cpu_used]");
        for (auto const& [key, value] : *table) {
            auto const changed = change_field(*item, key.str(), value);
            if (!changed) return changed.error();
        }
        if (!levels_fit(*item))
            return wrong(node, id.str(),
                         item->comparison == Comparison::above ? "clear must not be above raise"
                                                               : "clear must not be below raise");
    }
    return profile;
}

} // namespace rollcall::rules
