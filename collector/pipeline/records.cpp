#include "collector/pipeline/records.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "collector/ingest/apply.hpp"
#include "collector/pipeline/limits.hpp"
#include "collector/store/store.hpp"
#include "collector/view/derive.hpp"
#include "common/core/text.hpp"
#include "common/log/log.hpp"

namespace rollcall::pipeline
{

namespace
{

constexpr std::size_t foreign_names = 1000; ///< That are logged at most.

struct Numbers {
    wire::Lane lane{};
    std::uint64_t first{};
    std::uint64_t last{};
};

std::optional<wire::Lane> lane_of(std::string_view name)
{
    for (auto const lane : all_lanes)
        if (wire::to_string(lane) == name) return lane;
    return std::nullopt;
}

/// The place of a record in its lane; nothing for messages without a number.
std::optional<Numbers> numbers_of(wire::FromAgent const& message)
{
    if (auto const* const state = std::get_if<wire::State>(&message))
        return Numbers{wire::Lane::state, state->sequence, state->sequence};
    if (auto const* const series = std::get_if<wire::Series>(&message))
        return Numbers{wire::Lane::series, series->sequence, series->sequence};
    if (auto const* const event = std::get_if<wire::Event>(&message))
        return Numbers{wire::Lane::event, event->sequence, event->sequence};
    if (auto const* const gap = std::get_if<wire::Gap>(&message)) {
        if (auto const lane = lane_of(gap->lane)) return Numbers{*lane, gap->first, gap->last};
        return Numbers{};
    }
    return std::nullopt;
}

/// Numbers that no honest agent gives.
bool are_absurd(Numbers const& numbers)
{
    return numbers.first == 0 || numbers.last < numbers.first ||
           numbers.last > static_cast<std::uint64_t>(INT64_MAX) / 2;
}

} // namespace

/// One message of a device with what was known when it came.
struct Records::Record {
    SessionPtr session;
    wire::FromAgent message;
    UnixMs now_ms{};
    std::int64_t offset_ms{};
    [[nodiscard]] std::string const& device() const { return session->peer.device_id; }
    [[nodiscard]] UnixMs corrected(UnixMs stamp_ms) const
    {
        auto const ours = ingest::corrected(stamp_ms, offset_ms, now_ms);
        // What was noted by a clock that was never set is as old as it is for us.
        return ours < clock_never_set_ms && now_ms >= clock_never_set_ms ? now_ms : ours;
    }
    /// What a stamp in a row has to be corrected by.
    [[nodiscard]] std::int64_t correction() const { return beyond_limit(offset_ms).value_or(0); }
};

Records::Records(Works& works, Presence& presence, Judge& judge, Acks& acks, Offers& offers,
                 view::Projection& projection, Clock const& clock, Counters& counters)
    : works_(works)
    , presence_(presence)
    , judge_(judge)
    , acks_(acks)
    , offers_(offers)
    , projection_(projection)
    , clock_(clock)
    , counters_(counters)
{
}

bool Records::received(gateway::AgentPeer const& peer, wire::FromAgent message, std::function<void()> resume)
{
    auto const session = presence_.find_session(peer.connection);
    if (!session) return true;
    auto const record = std::make_shared<Record>();
    record->session = session;
    record->message = std::move(message);
    record->now_ms = clock_.now_ms();
    record->offset_ms = presence_.offset_ms(*session);
    auto const job = std::make_shared<Job>();
    job->body = [this, record](sqlite::Database& db, Effect& effect) {
        auto result = take(db, effect, *record);
        // At once, so that nothing after it in this very group is stored and acknowledged over its head.
        if (!result) break_off(*record->session, result.error());
        return result;
    };
    job->finish = [record](Result<> const& result, Effect&) {
        if (!result) break_off(*record->session, result.error());
        record->session->throttle.leave();
    };
    bool const more = session->throttle.enter(resume);
    // Both may call resume: once too often only brings one more message.
    return works_.enqueue(job, std::move(resume)) && more;
}

/// On the writer's thread, within the transaction.
Result<> Records::take(sqlite::Database& db, Effect& effect, Record& record)
{
    auto& session = *record.session;
    if (!session.accepted || session.broken) return {};
    if (auto fresh = judge_.refresh(db, effect, record.device()); !fresh) return fresh;
    auto const numbers = numbers_of(record.message);
    if (!numbers) {
        if (auto const* const checked = std::get_if<wire::Checked>(&record.message))
            return take_checked(db, effect, record, *checked);
        return {};
    }
    auto& mark = session.marks[index_of(numbers->lane)];
    if (are_absurd(*numbers)) {
        session.broken = true;
        effect.after.push_back([session = record.session] {
            session->socket->refuse(refuse_device("message", "sequence: is out of range."));
        });
        return {};
    }
    auto const place = ingest::place(numbers->lane, mark, numbers->first, numbers->last, record.now_ms);
    if (!place.repeated) {
        if (place.missing)
            if (auto kept = add_gap(db, counters_, session, *place.missing); !kept) return kept;
        // Of what was on its way while the agent dropped it, nothing that we have is lost.
        if (auto* const gap = std::get_if<wire::Gap>(&record.message)) gap->first = std::max(gap->first, mark + 1);
        if (auto stored = take_content(db, effect, record); !stored) return stored;
        auto moved = store::set_high_water(db, record.device(), session.epoch, numbers->lane, place.mark);
        if (!moved) return moved;
        mark = place.mark;
    }
    effect.after.push_back([this, session = record.session, lane = numbers->lane, mark, repeated = place.repeated] {
        ++(repeated ? counters_.records_repeated : counters_.records_stored);
        session->stored[index_of(lane)] = mark;
        session->acknowledge[index_of(lane)] = mark;
        acks_.later(session);
    });
    return {};
}

Result<> Records::take_content(sqlite::Database& db, Effect& effect, Record& record)
{
    if (auto const* const state = std::get_if<wire::State>(&record.message))
        return take_state(db, effect, record, *state);
    if (auto* const series = std::get_if<wire::Series>(&record.message))
        return take_series(db, effect, record, *series);
    if (auto* const event = std::get_if<wire::Event>(&record.message)) return take_event(db, effect, record, *event);
    return take_gap(db, record, std::get<wire::Gap>(record.message));
}

Result<> Records::take_state(sqlite::Database& db, Effect& effect, Record const& record, wire::State const& state)
{
    auto const& id = record.device();
    auto const status = store::probe_status(db, id, state.probe);
    if (!status) return status.error();
    bool const same = *status && (*status)->digest == state.digest;
    bool const recovered = same && !(*status)->unknown.empty();
    Snapshot rows;
    if (*status && state.unknown.empty() && (!same || recovered)) {
        auto stored = store::state_snapshot(db, id, state.probe);
        if (!stored) return stored.error();
        rows = std::move(*stored);
    }
    auto outcome = ingest::apply(state, *status, rows, record.corrected(state.taken_ms));
    auto judged = judge_.about(effect, id);
    auto const at = judge_.now();
    switch (outcome.what) {
    case ingest::What::foreign:
        return foreign(record, state.probe);
    case ingest::What::bad:
        return spoilt(db, record, outcome.error);
    case ingest::What::resync:
        record.session->resync.insert(state.probe);
        log::info("agent.resync", {{"device", id}, {"probe", state.probe}});
        return {};
    case ingest::What::unknown:
        judged.readable(state.probe, outcome.status.unknown, at);
        break;
    case ingest::What::unchanged:
        judged.readable(state.probe, "", at);
        break;
    case ingest::What::changed: {
        auto changed = store::change_state(db, id, state.probe, outcome.changed, outcome.removed,
                                           outcome.status.as_of_ms, outcome.quiet);
        if (!changed) return changed;
        judged.state(state.probe, outcome.changed, outcome.removed, record.correction(), at);
        judged.readable(state.probe, "", at);
        break;
    }
    }
    if (auto kept = store::save_probe_status(db, id, outcome.status); !kept) return kept;
    if (outcome.what == ingest::What::unchanged && !recovered) {
        touch(effect, record, [probe = state.probe, as_of = outcome.status.as_of_ms](api::DeviceRow& row) {
            view::derive_checked(row, probe, as_of);
        });
        return {};
    }
    effect.after.push_back([this, id, probe = state.probe] { projection_.announce_rows(id, probe); });
    auto const after = std::make_shared<Snapshot>(recovered ? std::move(rows) : std::move(outcome.after));
    touch(effect, record,
          [status_now = outcome.status, after](api::DeviceRow& row) { view::derive_state(row, status_now, *after); });
    if (state.probe == "hardware" || state.probe == "os") effect.after.push_back([this, id] { judge_.look_again(id); });
    return {};
}

Result<> Records::take_series(sqlite::Database& db, Effect& effect, Record const& record, wire::Series& series)
{
    std::string error;
    auto const what = ingest::check(series, error);
    if (what == ingest::What::foreign) return foreign(record, series.probe);
    if (what == ingest::What::bad) return spoilt(db, record, error);
    series.taken_ms = record.corrected(series.taken_ms);
    if (auto kept = store::add_series(db, record.device(), series); !kept) return kept;
    std::uint64_t values = 0;
    for (auto const& sample : series.samples)
        values += sample.values.size();
    effect.after.push_back([this, values, id = record.device(), probe = series.probe] {
        counters_.series_values_stored += values;
        projection_.announce_rows(id, probe);
    });
    judge_.about(effect, record.device()).series(series, judge_.now());
    auto const& shown = view::derived_series_probes();
    if (std::ranges::find(shown, series.probe) != shown.end())
        touch(effect, record, [series](api::DeviceRow& row) {
            view::derive_series(row, series.probe, series.samples, series.taken_ms);
        });
    return {};
}

Result<> Records::take_event(sqlite::Database& db, Effect& effect, Record const& record, wire::Event& event)
{
    std::string error;
    auto const what = ingest::check(event, error);
    if (what == ingest::What::foreign) return foreign(record, event.name);
    if (what == ingest::What::bad) return spoilt(db, record, error);
    event.at_ms = record.corrected(event.at_ms);
    if (event.name == Offers::event_name)
        if (auto noted = offers_.note_step(db, effect, record.device(), event); !noted) return noted;
    note(effect.change, record.device(), projection_.location_of(record.device()));
    return store::add_event(db, record.device(), record.session->epoch, event);
}

Result<> Records::take_gap(sqlite::Database& db, Record const& record, wire::Gap gap)
{
    gap.at_ms = record.corrected(gap.at_ms);
    gap.reason = clean_text(gap.reason, word_bytes);
    return add_gap(db, counters_, *record.session, gap);
}

Result<> Records::take_checked(sqlite::Database& db, Effect& effect, Record const& record, wire::Checked const& checked)
{
    for (auto const& [probe, taken_ms] : checked.probes) {
        auto const as_of_ms = record.corrected(taken_ms);
        if (auto kept = store::set_checked(db, record.device(), probe, as_of_ms); !kept) return kept;
        if (db.changes() == 0) continue; // Not held, or its last reading failed: there is nothing to confirm.
        touch(effect, record,
              [probe = probe, as_of_ms](api::DeviceRow& row) { view::derive_checked(row, probe, as_of_ms); });
    }
    return {};
}

/// Its content can never be stored; refusing it would only bring it again. It is acknowledged and noted as lost.
Result<> Records::spoilt(sqlite::Database& db, Record const& record, std::string_view error)
{
    log::warning("agent.bad_record", {{"device", record.device()}, {"error", error}});
    auto const numbers = numbers_of(record.message).value_or(Numbers{});
    return add_gap(db, counters_, *record.session,
                   {.lane = std::string(wire::to_string(numbers.lane)),
                    .first = numbers.first,
                    .last = numbers.last,
                    .at_ms = record.now_ms,
                    .reason = "bad_message"});
}

/// A newer agent's: it is acknowledged and left alone.
Result<> Records::foreign(Record const& record, std::string_view name)
{
    auto clean = clean_text(name, word_bytes);
    if (told_foreign_.size() < foreign_names && told_foreign_.insert(clean).second)
        log::info("agent.foreign", {{"device", record.device()}, {"name", clean}});
    return {};
}

/// The device's row is changed so after the commit.
void Records::touch(Effect& effect, Record const& record, std::function<void(api::DeviceRow&)> change) const
{
    effect.after.push_back(
        [this, id = record.device(), change = std::move(change)] { projection_.update_device(id, change); });
    note(effect.change, record.device(), projection_.location_of(record.device()));
}

} // namespace rollcall::pipeline
