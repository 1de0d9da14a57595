#include "collector/pipeline/presence.hpp"

#include <utility>

#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/limits.hpp"
#include "common/core/text.hpp"

namespace rollcall::pipeline
{

namespace
{

using std::chrono::milliseconds;

/// How long after our own start a device may be unknown before it is offline: 60 s less two ticks, which may come late.
constexpr milliseconds grace_after_start = std::chrono::seconds(58);
/// How often what was seen last is written down; until then a crash forgets it.
constexpr milliseconds keep_seen_every = std::chrono::seconds(60);

/// Devices of one customer behind one address answer for each other.
std::string place_key(std::string_view customer_id, std::string_view remote)
{
    return std::string(customer_id).append(" ").append(remote);
}

rules::Presence to_presence(std::string_view availability)
{
    if (availability == "online") return rules::Presence::online;
    if (availability == "offline" || availability == "unreachable") return rules::Presence::offline;
    return rules::Presence::unknown;
}

} // namespace

Presence::Presence(view::Projection& projection, Clock const& clock)
    : projection_(projection)
    , clock_(clock)
    , started_(clock.steady())
    , seen_kept_at_(started_)
{
}

void Presence::open(SessionPtr const& session, std::int64_t offset_ms)
{
    std::lock_guard const lock(mutex_);
    session->offset.measure(offset_ms);
    sessions_[session->peer.connection] = session;
}

SessionPtr Presence::find_session(std::uint64_t connection) const
{
    std::lock_guard const lock(mutex_);
    auto const found = sessions_.find(connection);
    return found == sessions_.end() ? nullptr : found->second;
}

std::int64_t Presence::offset_ms(Session const& session) const
{
    std::lock_guard const lock(mutex_);
    return session.offset.ms();
}

void Presence::heard(gateway::AgentPeer const& peer, UnixMs peer_clock_ms)
{
    std::lock_guard const lock(mutex_);
    auto const session = sessions_.find(peer.connection);
    if (session == sessions_.end()) return;
    auto* const where = find(session->second);
    if (!where) return;
    auto const now_ms = clock_.now_ms();
    where->last_seen_ms = now_ms;
    where->keep_seen = true;
    where->show_seen = true;
    if (peer_clock_ms != 0) where->offset_ms = beyond_limit(session->second->offset.measure(peer_clock_ms - now_ms));
}

std::optional<view::Change> Presence::close(gateway::AgentPeer const& peer, std::string_view reason)
{
    std::lock_guard const lock(mutex_);
    auto const found = sessions_.find(peer.connection);
    if (found == sessions_.end()) return std::nullopt;
    auto const session = found->second;
    session->closed = true;
    sessions_.erase(found);
    auto* const where = find(session);
    if (!where) {
        if (!session->welcomed) note_try(peer.device_id);
        return std::nullopt;
    }
    auto const steady = clock_.steady();
    where->lookalikes.see(session->boot_id, steady);
    take_session(*where, nullptr);
    where->keep_seen = true;
    where->left_at.reset();
    if (reason != "goodbye") where->left_at = steady;
    if (where->availability != "retired") become(peer.device_id, *where, "offline", reason, clock_.now_ms());
    view::Change change;
    note(change, peer.device_id, projection_.location_of(peer.device_id));
    return change;
}

void Presence::place(store::Device const& device)
{
    std::lock_guard const lock(mutex_);
    auto& where = devices_[device.id];
    where.customer_id = device.customer_id;
    where.last_seen_ms = device.last_seen_ms;
    where.agent_version = device.agent_version;
    where.remote = device.remote;
    auto const since_ms = device.last_seen_ms.value_or(clock_.now_ms());
    if (device.revoked_ms)
        become(device.id, where, "retired", "retired", *device.revoked_ms);
    else if (device.last_seen_ms)
        become(device.id, where, "unknown", "collector restarted", since_ms);
    else
        become(device.id, where, "offline", "never connected", since_ms);
    if (device.revoked_ms) where.tell_rules = false;
}

SessionPtr Presence::welcome(SessionPtr const& session, SessionPtr const& before, std::string const& agent_version)
{
    auto const& id = session->peer.device_id;
    std::lock_guard const lock(mutex_);
    auto& where = devices_[id];
    if (session->closed) {
        // Gone before it was greeted. Nothing of the one before is taken any more, so that one must go too.
        where.tell_rules = true;
        return before;
    }
    where.remote = session->peer.remote;
    auto replaced = take_session(where, session);
    session->welcomed = true;
    where.left_at.reset();
    where.tries.clear();
    where.agent_version = clean_text(agent_version, word_bytes);
    where.last_seen_ms = clock_.now_ms();
    where.held_back = session->held_back = held_back(*session);
    where.offset_ms = beyond_limit(session->offset.ms());
    // The greeting told the rules, but a later work of its transaction may have told them that the device is away.
    become(id, where, "online", "", clock_.now_ms());
    return replaced;
}

void Presence::set_held_back(SessionPtr const& session, std::optional<api::HeldBack> const& held_back,
                             view::Change& change)
{
    std::lock_guard const lock(mutex_);
    auto* const where = find(session);
    if (!where) return;
    where->held_back = held_back;
    show(session->peer.device_id, *where);
    note(change, session->peer.device_id, projection_.location_of(session->peer.device_id));
}

void Presence::retire(std::string const& device_id)
{
    std::lock_guard const lock(mutex_);
    auto& where = devices_[device_id];
    take_session(where, nullptr);
    become(device_id, where, "retired", "retired", clock_.now_ms());
    where.tell_rules = false;
}

void Presence::restore(std::string const& device_id)
{
    std::lock_guard const lock(mutex_);
    auto& where = devices_[device_id];
    where.left_at.reset();
    where.tries.clear();
    become(device_id, where, "offline", "taken back", clock_.now_ms());
}

void Presence::move(std::string const& device_id, std::string const& customer_id)
{
    std::lock_guard const lock(mutex_);
    auto& where = devices_[device_id];
    auto session = take_session(where, nullptr);
    where.customer_id = customer_id;
    take_session(where, std::move(session));
}

void Presence::remove(std::string const& device_id)
{
    std::lock_guard const lock(mutex_);
    auto const found = devices_.find(device_id);
    if (found == devices_.end()) return;
    take_session(found->second, nullptr);
    devices_.erase(found);
}

SessionPtr Presence::session_of(std::string const& device_id) const
{
    std::lock_guard const lock(mutex_);
    auto const found = devices_.find(device_id);
    return found == devices_.end() ? nullptr : found->second.session;
}

rules::Presence Presence::presence_of(std::string const& device_id) const
{
    std::lock_guard const lock(mutex_);
    auto const found = devices_.find(device_id);
    return found == devices_.end() ? rules::Presence::unknown : to_presence(found->second.availability);
}

std::string Presence::customer_of(std::string const& device_id) const
{
    std::lock_guard const lock(mutex_);
    return devices_.at(device_id).customer_id;
}

std::size_t Presence::count_connected() const
{
    std::lock_guard const lock(mutex_);
    std::size_t count = 0;
    for (auto const& [id, where] : devices_)
        count += where.session ? 1 : 0;
    return count;
}

Speaker Presence::speaker(std::string const& device_id, wire::Sameness hardware, std::string_view boot_id)
{
    std::lock_guard const lock(mutex_);
    auto& where = devices_[device_id];
    return where.lookalikes.speaker(hardware, boot_id, where.session != nullptr, clock_.steady());
}

bool Presence::takes_turns(std::string const& device_id, std::string const& boot_id, bool proved)
{
    auto const steady = clock_.steady();
    std::lock_guard const lock(mutex_);
    auto& where = devices_[device_id];
    std::optional<std::string_view> connected;
    if (where.session) connected = where.session->boot_id;
    return where.lookalikes.takes_turns(boot_id, proved, connected, steady);
}

std::optional<std::string> Presence::twin(std::string const& device_id, std::string_view boot_id) const
{
    std::lock_guard const lock(mutex_);
    auto const found = devices_.find(device_id);
    if (found == devices_.end()) return std::nullopt;
    return found->second.lookalikes.twin(boot_id);
}

void Presence::settle_twin(std::string const& device_id, std::string_view boot_id, std::string const& copy_id)
{
    std::lock_guard const lock(mutex_);
    devices_[device_id].lookalikes.settle(boot_id, copy_id);
}

Presence::Tick Presence::tick()
{
    Tick tick;
    std::lock_guard const lock(mutex_);
    auto const steady = clock_.steady();
    bool const over = !grace_over_ && steady - started_ >= grace_after_start;
    grace_over_ = grace_over_ || over;
    tick.keep_seen = steady - seen_kept_at_ >= keep_seen_every;
    if (tick.keep_seen) seen_kept_at_ = steady;
    for (auto& [id, where] : devices_) {
        if (over && where.availability == "unknown") {
            become(id, where, "offline", "not back since the collector's start", where.since_ms);
            note(tick.change, id, projection_.location_of(id));
        } else if (reconsider(id, where, steady)) {
            note(tick.change, id, projection_.location_of(id));
        } else if (std::exchange(where.show_seen, false)) {
            show(id, where);
        }
        tick.tell = tick.tell || where.tell_rules;
    }
    return tick;
}

std::vector<Presence::News> Presence::take_news(bool keep_all_seen)
{
    std::vector<News> all;
    std::lock_guard const lock(mutex_);
    for (auto& [id, where] : devices_) {
        bool const keep = where.keep_seen && (keep_all_seen || !where.session);
        if (!where.tell_rules && !keep) continue;
        all.push_back({.device_id = id,
                       .presence = to_presence(where.availability),
                       .tell = std::exchange(where.tell_rules, false),
                       .seen_ms = keep ? where.last_seen_ms : std::nullopt,
                       .agent_version = where.agent_version});
        if (keep) where.keep_seen = false;
    }
    return all;
}

void Presence::put_back_news(std::set<std::string, std::less<>> const& device_ids)
{
    std::lock_guard const lock(mutex_);
    for (auto const& id : device_ids) {
        auto const found = devices_.find(id);
        if (found == devices_.end()) continue;
        found->second.tell_rules = true;
        found->second.keep_seen = found->second.last_seen_ms.has_value();
    }
}

std::vector<Presence::News> Presence::unkept() const
{
    std::vector<News> all;
    std::lock_guard const lock(mutex_);
    for (auto const& [id, where] : devices_)
        if (where.keep_seen && where.last_seen_ms)
            all.push_back({.device_id = id, .seen_ms = where.last_seen_ms, .agent_version = where.agent_version});
    return all;
}

void Presence::show(std::string const& device_id, Whereabouts const& where) const
{
    projection_.update_device(device_id, [&](api::DeviceRow& row) {
        row.availability = where.availability;
        row.availability_reason = where.reason;
        row.availability_since_ms = where.since_ms;
        row.last_seen_ms = where.last_seen_ms;
        row.held_back = where.session ? where.held_back : std::nullopt;
        row.clock_offset_ms = where.offset_ms;
        if (!where.agent_version.empty()) row.agent_version = where.agent_version;
    });
}

void Presence::become(std::string const& device_id, Whereabouts& where, std::string_view availability,
                      std::string_view reason, std::optional<UnixMs> since_ms) const
{
    where.availability = availability;
    where.reason = reason;
    where.since_ms = since_ms;
    where.tell_rules = true;
    show(device_id, where);
}

Presence::Whereabouts* Presence::find(SessionPtr const& session)
{
    auto const found = devices_.find(session->peer.device_id);
    return found == devices_.end() || found->second.session != session ? nullptr : &found->second;
}

SessionPtr Presence::take_session(Whereabouts& where, SessionPtr session)
{
    auto const count = [&](SessionPtr const& one, int by) {
        if (!one || one->peer.remote.empty()) return;
        auto const place = online_at_.try_emplace(place_key(where.customer_id, one->peer.remote)).first;
        place->second += by;
        if (place->second == 0) online_at_.erase(place);
    };
    count(where.session, -1);
    count(session, 1);
    return std::exchange(where.session, std::move(session));
}

void Presence::note_try(std::string const& device_id)
{
    auto const found = devices_.find(device_id);
    if (found == devices_.end() || found->second.session) return;
    auto& tries = found->second.tries;
    if (tries.size() >= unreachable_tries) tries.erase(tries.begin());
    tries.push_back(clock_.steady());
}

bool Presence::reconsider(std::string const& device_id, Whereabouts& where, milliseconds steady) const
{
    bool const unreachable = where.availability == "unreachable";
    if (!unreachable && where.availability != "offline") return false;
    auto const why = unreachable_because(where, steady);
    if (why == (unreachable ? std::string_view(where.reason) : std::string_view())) return false;
    if (!unreachable) where.left_reason = where.reason;
    if (why.empty())
        become(device_id, where, "offline", std::string(where.left_reason), where.since_ms);
    else
        become(device_id, where, "unreachable", why, where.since_ms);
    return true;
}

std::string_view Presence::unreachable_because(Whereabouts const& where, milliseconds steady) const
{
    if (where.tries.size() >= unreachable_tries && steady - where.tries.front() <= unreachable_tries_within)
        return "it keeps connecting without beginning a session";
    if (where.left_at && steady - *where.left_at >= unreachable_after &&
        online_at_.contains(place_key(where.customer_id, where.remote)))
        return "other devices at its address are online";
    return {};
}

} // namespace rollcall::pipeline
