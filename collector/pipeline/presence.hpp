#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collector/gateway/ports.hpp"
#include "collector/pipeline/lookalikes.hpp"
#include "collector/pipeline/session.hpp"
#include "collector/rules/evaluator.hpp"
#include "collector/store/records.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"

namespace rollcall::pipeline
{

/// Which device is connected, and where the others are as far as we know. The projection shows every change at once;
/// rules and store are told by Rounds, which asks for the news.
///
/// Owns: the connections' sessions, the whereabouts, what is known of machines that look alike.
/// Threads: any. Its lock is held across calls into the projection only.
/// Blocks: no.
class Presence
{
public:
    Presence(view::Projection& projection, Clock const& clock);

    // --- what comes of a connection ---
    /// Its hello came: from now on it is found by its number. `offset_ms`: its clock less ours.
    void open(SessionPtr const& session, std::int64_t offset_ms);
    /// Nothing: it is not known (any more).
    [[nodiscard]] SessionPtr find_session(std::uint64_t connection) const;
    [[nodiscard]] std::int64_t offset_ms(Session const& session) const;
    /// A frame came. `peer_clock_ms` is 0 where it carried no clock.
    void heard(gateway::AgentPeer const& peer, UnixMs peer_clock_ms);
    /// It is over. What that changed, where it was the connection by which its device was here.
    std::optional<view::Change> close(gateway::AgentPeer const& peer, std::string_view reason);

    // --- a device comes and goes: the writer's thread ---
    /// The first that is known of a device in this run.
    void place(store::Device const& device);
    /// From now on the device is here by this session, unless that ended meanwhile. `before` is the session that the
    /// greeting found. Returns the one whose place it took: to be told and closed.
    SessionPtr welcome(SessionPtr const& session, SessionPtr const& before, std::string const& agent_version);
    /// What it holds back; nothing happens where the device is here by another session. Notes what changed.
    void set_held_back(SessionPtr const& session, std::optional<api::HeldBack> const& held_back, view::Change& change);
    /// It was retired.
    void retire(std::string const& device_id);
    /// It was taken back: it may come again.
    void restore(std::string const& device_id);
    /// It belongs to another customer.
    void move(std::string const& device_id, std::string const& customer_id);
    /// It is not a device any more.
    void remove(std::string const& device_id);

    // --- what is known ---
    /// By which the device is here; nothing: it is not.
    [[nodiscard]] SessionPtr session_of(std::string const& device_id) const;
    [[nodiscard]] rules::Presence presence_of(std::string const& device_id) const;
    /// Of a device that was placed.
    [[nodiscard]] std::string customer_of(std::string const& device_id) const;
    [[nodiscard]] std::size_t count_connected() const;

    // --- machines that speak with a device's certificate (Lookalikes) ---
    [[nodiscard]] Speaker speaker(std::string const& device_id, wire::Sameness hardware, std::string_view boot_id);
    [[nodiscard]] bool takes_turns(std::string const& device_id, std::string const& boot_id, bool proved);
    [[nodiscard]] std::optional<std::string> twin(std::string const& device_id, std::string_view boot_id) const;
    void settle_twin(std::string const& device_id, std::string_view boot_id, std::string const& copy_id);

    // --- for Rounds ---
    /// What time brought.
    struct Tick {
        view::Change change;
        bool keep_seen = false; ///< What was seen last should be written down.
        bool tell = false;      ///< There are news for the rules.
    };
    [[nodiscard]] Tick tick();
    /// What rules and store do not know yet of one device.
    struct News {
        std::string device_id;
        rules::Presence presence{};
        bool tell = false;             ///< The rules are to be told.
        std::optional<UnixMs> seen_ms; ///< To be kept.
        std::string agent_version;
    };
    /// All of it, and it is no news any more. What was seen of a device that just left is always kept, of the others
    /// where `keep_all_seen`.
    [[nodiscard]] std::vector<News> take_news(bool keep_all_seen);
    /// What was taken could not be stored.
    void put_back_news(std::set<std::string, std::less<>> const& device_ids);
    /// What was seen and not kept yet. It stays news.
    [[nodiscard]] std::vector<News> unkept() const;

private:
    struct Whereabouts {
        std::string customer_id;
        std::string availability;
        std::string reason;
        std::optional<UnixMs> since_ms;
        std::optional<UnixMs> last_seen_ms;
        std::string agent_version;
        std::optional<std::int64_t> offset_ms; ///< Only beyond limits::clock_offset.
        SessionPtr session;
        std::optional<api::HeldBack> held_back;           ///< Counts while there is a session.
        std::string remote;                               ///< From where it last began a session; "" = it never did.
        std::optional<std::chrono::milliseconds> left_at; ///< When its session ended in this run without a goodbye.
        std::string left_reason;                          ///< How it went offline, while it is unreachable.
        std::vector<std::chrono::milliseconds> tries;     ///< Connections that ended before its session began.
        bool tell_rules = false;                          ///< The evaluator does not know yet.
        bool keep_seen = false;                           ///< last_seen_ms is newer than the store's.
        bool show_seen = false;                           ///< … and than the projection's.
        Lookalikes lookalikes;
    };

    // Under the lock:
    void show(std::string const& device_id, Whereabouts const& where) const;
    void become(std::string const& device_id, Whereabouts& where, std::string_view availability,
                std::string_view reason, std::optional<UnixMs> since_ms) const;
    /// Nothing where the device is not here by this session.
    Whereabouts* find(SessionPtr const& session);
    /// Takes the session in the place of the one that it has; nullptr: it has none any more. Returns that one.
    SessionPtr take_session(Whereabouts& where, SessionPtr session);
    /// A connection of the device ended before its session began.
    void note_try(std::string const& device_id);
    /// Offline or unreachable, by what its neighbours and its own tries say now. True: it is the other one from now on.
    [[nodiscard]] bool reconsider(std::string const& device_id, Whereabouts& where,
                                  std::chrono::milliseconds steady) const;
    [[nodiscard]] std::string_view unreachable_because(Whereabouts const& where,
                                                       std::chrono::milliseconds steady) const;

    view::Projection& projection_;
    Clock const& clock_;
    std::chrono::milliseconds const started_;

    mutable std::mutex mutex_; // Guards all below, and of a session what Session says.
    std::unordered_map<std::uint64_t, SessionPtr> sessions_;
    std::unordered_map<std::string, Whereabouts> devices_;
    std::unordered_map<std::string, int> online_at_; ///< Devices of one customer at one address that are here.
    bool grace_over_ = false;
    std::chrono::milliseconds seen_kept_at_;
};

} // namespace rollcall::pipeline
