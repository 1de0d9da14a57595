#include "collector/ingest/apply.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "common/core/text.hpp"
#include "common/wire/catalogue.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/limits.hpp"
#include "common/wire/news.hpp"

namespace rollcall::ingest
{

Place place(wire::Lane lane, std::uint64_t mark, std::uint64_t first, std::uint64_t last, UnixMs now_ms)
{
    if (last <= mark) return {.repeated = true, .mark = mark, .missing = {}};
    Place found{.repeated = false, .mark = last, .missing = {}};
    if (lane != wire::Lane::state && first > mark + 1)
        found.missing = wire::Gap{.lane = std::string(to_string(lane)),
                                  .first = mark + 1,
                                  .last = first - 1,
                                  .at_ms = now_ms,
                                  .reason = "missing"};
    return found;
}

Greeting greet(wire::Lane lane, std::uint64_t mark, wire::LaneRange range, UnixMs now_ms)
{
    Greeting greeting{.mark = mark, .missing = {}, .agent_behind = mark >= range.next};
    if (range.first > mark + 1) {
        greeting.mark = range.first - 1;
        // The state lane's content is compared by digest, so nothing of it can be lost this way.
        if (lane != wire::Lane::state)
            greeting.missing = wire::Gap{.lane = std::string(to_string(lane)),
                                         .first = mark + 1,
                                         .last = range.first - 1,
                                         .at_ms = now_ms,
                                         .reason = "collector_behind"};
    }
    return greeting;
}

UnixMs corrected(UnixMs stamp_ms, std::int64_t offset_ms, UnixMs now_ms)
{
    static constexpr auto tolerated = std::chrono::milliseconds(wire::limits::clock_offset).count();
    bool const is_off = offset_ms > tolerated || offset_ms < -tolerated;
    // Both come from outside: the subtraction must not overflow.
    auto const bounded = std::clamp<std::int64_t>(stamp_ms, 0, INT64_MAX / 4);
    auto const ours = is_off ? bounded - std::clamp<std::int64_t>(offset_ms, -INT64_MAX / 4, INT64_MAX / 4) : bounded;
    return std::clamp<std::int64_t>(ours, 0, now_ms);
}

static StateOutcome bad(std::string error)
{
    StateOutcome outcome;
    outcome.what = What::bad;
    outcome.error = std::move(error);
    return outcome;
}

/// What of `after` is new or another, and what of `before` is gone. Of what a `first` reading finds nobody knows when
/// it came.
static void compare(wire::Probe const& probe, bool first, Snapshot const& before, Snapshot const& after,
                    StateOutcome& outcome)
{
    bool const quiet = first || !wire::is_told(probe);
    for (auto const& [key, row] : after) {
        auto const old = before.find(key);
        bool const is_new = old == before.end();
        if (!is_new && old->second == row) continue;
        outcome.changed.emplace(key, row);
        if (quiet || (!is_new && !wire::is_news(probe, old->second, row))) outcome.quiet.insert(key);
    }
    for (auto const& [key, row] : before) {
        if (after.contains(key)) continue;
        outcome.removed.push_back(key);
        if (quiet) outcome.quiet.insert(key);
    }
}

StateOutcome apply(wire::State const& state, std::optional<store::ProbeStatus> const& status, Snapshot const& rows,
                   UnixMs taken_ms)
{
    auto const* const probe = wire::find_probe(state.probe);
    StateOutcome outcome;
    if (probe == nullptr || probe->kind != wire::Kind::state) {
        outcome.what = What::foreign;
        return outcome;
    }
    outcome.status = status.value_or(store::ProbeStatus{.probe = state.probe, .as_of_ms = taken_ms});
    if (!state.unknown.empty()) {
        outcome.what = What::unknown;
        outcome.status.unknown = clean_text(state.unknown, 64);
        return outcome;
    }
    if (state.rows.size() > wire::limits::snapshot_rows)
        return bad(fmt::format("{}: {} rows, at most {} are taken", state.probe, state.rows.size(),
                               wire::limits::snapshot_rows));
    // check() drops what a newer agent added, but the digest is over all of it: so the copy is checked.
    Snapshot checked = state.rows;
    if (auto const fits = wire::check(checked, *probe); !fits) return bad(fits.error().trace);

    outcome.status.as_of_ms = std::max(taken_ms, status ? status->as_of_ms : 0);
    outcome.status.unknown.clear();
    outcome.status.cut_rows = static_cast<std::int64_t>(std::min<std::uint64_t>(state.cut_rows, INT64_MAX));
    if (status && status->digest == state.digest && !state.digest.empty()) {
        outcome.what = What::unchanged;
        return outcome;
    }
    bool const whole = state.base.empty();
    if (!whole && (!status || status->digest != state.base)) {
        outcome.what = What::resync;
        return outcome;
    }
    outcome.after = whole ? Snapshot{} : rows;
    for (auto const& key : state.removed)
        outcome.after.erase(key);
    for (auto const& [key, row] : state.rows)
        outcome.after.insert_or_assign(key, row);
    if (wire::digest(outcome.after) != state.digest) {
        // Asking for the whole again would only bring the same whole again.
        if (whole) return bad(fmt::format("{}.digest: is not the one of its rows", state.probe));
        outcome.what = What::resync;
        return outcome;
    }
    if (outcome.after.size() > wire::limits::snapshot_rows)
        return bad(fmt::format("{}: more than {} rows", state.probe, wire::limits::snapshot_rows));
    outcome.status.digest = state.digest;
    compare(*probe, !status || status->digest.empty(), rows, outcome.after, outcome);
    outcome.what = What::changed;
    return outcome;
}

static bool is_number(Value const& value)
{
    if (auto const* const real = std::get_if<double>(&value)) return std::isfinite(*real);
    return !std::holds_alternative<std::string>(value);
}

What check(wire::Series& series, std::string& error)
{
    auto const* const probe = wire::find_probe(series.probe);
    if (probe == nullptr || probe->kind != wire::Kind::series) return What::foreign;
    if (series.samples.size() > wire::limits::snapshot_rows) {
        error = fmt::format("{}: more than {} samples", series.probe, wire::limits::snapshot_rows);
        return What::bad;
    }
    for (auto& sample : series.samples) {
        if (sample.key.size() > wire::limits::key_bytes || !is_utf8(sample.key)) {
            error = fmt::format("{}.key: must be UTF-8 of at most {} bytes", series.probe, wire::limits::key_bytes);
            return What::bad;
        }
        if (sample.values.size() > probe->columns.size()) sample.values.resize(probe->columns.size());
        for (std::size_t i = 0; i < sample.values.size(); ++i) {
            auto& value = sample.values[i];
            // It travelled without its fraction.
            if (auto const* const whole = std::get_if<std::int64_t>(&value);
                whole != nullptr && probe->columns[i].type == wire::Type::real)
                value = static_cast<double>(*whole);
            if (is_number(value)) continue;
            error = fmt::format("{}.{}.{}: must be a number", series.probe, clean_text(sample.key, 64),
                                probe->columns[i].name);
            return What::bad;
        }
    }
    return What::changed;
}

What check(wire::Event& event, std::string& error)
{
    auto const* const declared = wire::find_event_type(event.name);
    if (declared == nullptr) return What::foreign;
    wire::Probe const as_probe{.name = declared->name,
                               .label = declared->label,
                               .kind = wire::Kind::event,
                               .key_label = "",
                               .every = {},
                               .limit = {},
                               .columns = declared->columns,
                               .meaning = declared->meaning};
    Snapshot one;
    auto& row = one[""];
    row.swap(event.detail);
    auto const fits = wire::check(one, as_probe);
    row.swap(event.detail);
    if (!fits) {
        error = fits.error().trace;
        return What::bad;
    }
    return What::changed;
}

std::vector<std::string> needed(std::map<std::string, std::string> const& digests,
                                std::vector<store::ProbeStatus> const& stored)
{
    std::vector<std::string> probes;
    for (auto const& [probe, digest] : digests) {
        auto const* const declared = wire::find_probe(probe);
        if (declared == nullptr || declared->kind != wire::Kind::state) continue;
        auto const known = std::ranges::find(stored, probe, &store::ProbeStatus::probe);
        if (known == stored.end() || known->digest != digest || !known->unknown.empty()) probes.push_back(probe);
    }
    return probes;
}

} // namespace rollcall::ingest
