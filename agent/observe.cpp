#include "agent/observe.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/json.hpp>

#include "agent/probe/events.hpp"
#include "agent/probe/probe.hpp"
#include "agent/snapshot/diff.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::agent
{

/// Fewer rows than this fit anyway; larger snapshots are measured.
static constexpr std::size_t surely_fitting_rows = 50;

std::uint64_t fit(Snapshot& rows, std::size_t bytes)
{
    auto cut = probe::cut_rows(rows);
    while (rows.size() > surely_fitting_rows) {
        auto const size = boost::json::serialize(wire::to_json(rows)).size();
        if (size <= bytes) break;
        auto const keep = std::min(rows.size() - 1, rows.size() * bytes / size);
        cut += rows.size() - keep;
        rows.erase(std::next(rows.begin(), static_cast<std::ptrdiff_t>(keep)), rows.end());
    }
    return cut;
}

/// The reading as numbers in the order of the columns. Nothing where nothing is known: before the second reading of a
/// rate.
static std::optional<wire::Series> series_of(wire::Probe const& probe, Result<Snapshot> const& seen, UnixMs now_ms)
{
    wire::Series series;
    series.probe = probe.name;
    series.taken_ms = now_ms;
    if (!seen) {
        // Which subjects there are is unknown too, unless there is exactly one.
        if (!probe.key_label.empty()) return std::nullopt;
        series.samples.push_back(
            {"", std::vector<Value>(probe.columns.size(), Value(Unknown{std::string(reason(seen.error()))}))});
        return series;
    }
    bool any = false;
    for (auto const& [key, row] : *seen) {
        wire::Sample sample{key, {}};
        for (auto const& column : probe.columns) {
            auto const cell = row.find(column.name);
            auto const known = cell != row.end() && (std::holds_alternative<std::int64_t>(cell->second) ||
                                                     std::holds_alternative<double>(cell->second));
            auto const said = cell != row.end() && std::holds_alternative<Unknown>(cell->second);
            any = any || known || (said && std::get<Unknown>(cell->second).reason != to_string(errc::not_yet_read));
            sample.values.push_back(known || said ? cell->second : unknown(errc::not_yet_read));
            if (auto* const real = std::get_if<double>(&sample.values.back()))
                *real = wire::rounded(*real, column.unit);
            else if (auto* const whole = std::get_if<std::int64_t>(&sample.values.back()))
                *whole = wire::rounded(*whole, column.unit);
        }
        series.samples.push_back(std::move(sample));
    }
    if (!any) return std::nullopt;
    return series;
}

Observed observe(wire::Probe const& probe, Result<Snapshot> seen, std::optional<spool::Stored> const& before,
                 std::optional<std::string> const& boot_id, UnixMs now_ms)
{
    Observed observed;
    if (probe.kind == wire::Kind::series) {
        observed.series = series_of(probe, seen, now_ms);
        return observed;
    }
    wire::State state;
    state.probe = probe.name;
    state.taken_ms = now_ms;
    state.base = before ? before->digest : std::string();
    if (!seen) {
        // What was seen last stays; only that it cannot be seen now is told.
        state.unknown = reason(seen.error());
        state.digest = state.base;
        if (!before || before->unknown != state.unknown) observed.change = std::move(state);
        return observed;
    }
    observed.rows = std::move(*seen);
    state.cut_rows = fit(observed.rows);
    state.digest = wire::digest(observed.rows);
    bool const known_before = before && !before->digest.empty();

    if (probe.name == "os") {
        observed.boot_id = probe::boot_id_of(observed.rows);
        if (auto event = probe::boot_event(boot_id, observed.rows, now_ms))
            observed.events.push_back(std::move(*event));
        if (observed.boot_id == boot_id) observed.boot_id.reset();
    }
    if (known_before && probe.name == "sessions")
        observed.events = probe::session_events(before->rows, observed.rows, now_ms);
    if (known_before && probe.name == "services")
        observed.events = probe::service_events(before->rows, observed.rows, now_ms);

    if (known_before && before->unknown.empty() && before->digest == state.digest && before->cut_rows == state.cut_rows)
        return observed;
    if (known_before) {
        auto change = snapshot::diff(before->rows, observed.rows);
        state.rows = std::move(change.rows);
        state.removed = std::move(change.removed);
    } else {
        state.base.clear();
        state.rows = observed.rows;
    }
    observed.change = std::move(state);
    return observed;
}

} // namespace rollcall::agent
