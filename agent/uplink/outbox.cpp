#include "agent/uplink/outbox.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace rollcall::uplink
{

using wire::Lane;

static constexpr std::array all_lanes{Lane::event, Lane::state, Lane::series};

void Outbox::begin(wire::Welcome const& welcome)
{
    std::array const marks{welcome.event, welcome.state, welcome.series};
    for (auto const lane : all_lanes) {
        auto const mark = marks.at(static_cast<std::size_t>(lane));
        at(lane) = State{.sent = mark, .acknowledged = mark, .forget = std::nullopt, .on_the_way = {}, .news = true};
    }
    whole_.clear();
    gathering_ = false;
}

Result<> Outbox::receive(wire::Ack const& ack)
{
    auto const lane =
        std::find_if(all_lanes.begin(), all_lanes.end(), [&](Lane one) { return wire::to_string(one) == ack.lane; });
    if (lane == all_lanes.end()) return fail(errc::bad_message, fmt::format("ack.lane: \"{}\" is no lane", ack.lane));
    auto& state = at(*lane);
    if (ack.sequence > state.sent)
        return fail(errc::bad_message, fmt::format("ack.sequence: {} of lane {}, of which only {} were sent",
                                                   ack.sequence, ack.lane, state.sent));
    if (ack.sequence <= state.acknowledged) return {};
    state.acknowledged = ack.sequence;
    state.forget = ack.sequence;
    while (!state.on_the_way.empty() && state.on_the_way.front() <= ack.sequence)
        state.on_the_way.pop_front();
    return {};
}

void Outbox::receive(wire::Resync const& resync) { whole_.insert(resync.probes.begin(), resync.probes.end()); }

void Outbox::appended(Lane lane)
{
    auto& state = at(lane);
    if (lane == Lane::series && !state.news) gathering_ = true;
    state.news = true;
}

void Outbox::checked(std::string_view probe, UnixMs taken_ms)
{
    checked_.insert_or_assign(std::string(probe), taken_ms);
}

std::optional<Outbox::Step> Outbox::next(std::chrono::milliseconds now)
{
    for (auto const lane : all_lanes) {
        if (auto const up_to = std::exchange(at(lane).forget, std::nullopt)) return Forget{lane, *up_to};
    }
    if (!whole_.empty()) {
        PutWhole step{{whole_.begin(), whole_.end()}};
        whole_.clear();
        at(Lane::state).news = true;
        return step;
    }
    for (auto const lane : all_lanes) {
        auto& state = at(lane);
        if (!state.news || state.on_the_way.size() >= settings_.window) continue;
        if (lane == Lane::series && gathering_) continue;
        // Cleared before the spool is asked: what is appended meanwhile sets it again.
        state.news = false;
        return Fetch{lane, state.sent, std::min(settings_.batch_records, settings_.window - state.on_the_way.size()),
                     settings_.batch_bytes};
    }
    if (!checked_.empty() && (!checked_sent_ || now - *checked_sent_ >= settings_.checked_every)) {
        checked_sent_ = now;
        return SendChecked{{std::exchange(checked_, {})}};
    }
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> Outbox::wake_at() const
{
    if (checked_.empty() || !checked_sent_) return std::nullopt;
    return *checked_sent_ + settings_.checked_every;
}

void Outbox::fetched(Lane lane, std::span<spool::Record const> records)
{
    auto& state = at(lane);
    for (auto const& record : records) {
        state.sent = record.sequence;
        state.on_the_way.push_back(record.sequence);
    }
    if (!records.empty()) state.news = true;
}

} // namespace rollcall::uplink
