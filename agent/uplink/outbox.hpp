#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/spool/spool.hpp"
#include "common/wire/limits.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::uplink
{

using namespace std::chrono_literals;

/// Decides what an open session does next: asks the spool, sends, forgets. Pure: it moves no byte and reads no clock.
///
/// Events go before states, states before series; of each lane no more than the window is on its way unacknowledged.
/// Batches are small, so that an event never waits behind more than one of them.
///
/// Owns: what is on its way.  Threads: one.  Blocks: no.
class Outbox
{
public:
    struct Settings {
        std::size_t window = wire::limits::unacknowledged_records;
        std::size_t batch_records = 32;
        std::size_t batch_bytes = 256UL * 1024;
        std::chrono::milliseconds checked_every = 60s; ///< "Read again, nothing new" is told this often at most.
    };

    /// Read these from the spool, then call fetched().
    struct Fetch {
        wire::Lane lane{};
        std::uint64_t after{};
        std::size_t records{};
        std::size_t bytes{};
        bool operator==(Fetch const&) const = default;
    };
    /// The collector has everything up to here.
    struct Forget {
        wire::Lane lane{};
        std::uint64_t up_to{};
        bool operator==(Forget const&) const = default;
    };
    /// Have the spool put these state probes into their lane, whole.
    struct PutWhole {
        std::vector<std::string> probes;
        bool operator==(PutWhole const&) const = default;
    };
    /// Send this as it is; it is not spooled.
    struct SendChecked {
        wire::Checked message;
    };
    using Step = std::variant<Fetch, Forget, PutWhole, SendChecked>;

    Outbox()
        : Outbox(Settings{})
    {
    }
    explicit Outbox(Settings settings)
        : settings_(settings)
    {
    }

    /// A session begins: the spool has taken in the welcome, so what waits is after these marks.
    void begin(wire::Welcome const& welcome);
    /// errc::bad_message where it names no lane, or acknowledges what was never sent.
    Result<> receive(wire::Ack const& ack);
    void receive(wire::Resync const& resync);
    /// The spool has something new in this lane.
    void appended(wire::Lane lane);
    /// This probe was read again and nothing had changed.
    void checked(std::string_view probe, UnixMs taken_ms);

    /// What to do now, if anything. `now` never goes back.
    [[nodiscard]] std::optional<Step> next(std::chrono::milliseconds now);
    /// Nothing to do now: but at this time, if nothing happens before.
    [[nodiscard]] std::optional<std::chrono::milliseconds> wake_at() const;
    /// Series came while none waited: others of their tick will follow and travel with them. Say gathered() after a
    /// short wait.
    [[nodiscard]] bool gathering() const { return gathering_; }
    void gathered() { gathering_ = false; }
    /// The answer to Fetch: these records are being sent.
    void fetched(wire::Lane lane, std::span<spool::Record const> records);

    /// Is an event known to wait in the spool, or on its way there?
    [[nodiscard]] bool events_wait() const { return lanes_[0].news; }

private:
    struct State {
        std::uint64_t sent = 0; ///< Highest sequence sent in this session.
        std::uint64_t acknowledged = 0;
        std::optional<std::uint64_t> forget; ///< Acknowledged, and the spool was not yet told.
        std::deque<std::uint64_t> on_the_way;
        bool news = false; ///< The spool may have more.
    };
    State& at(wire::Lane lane) { return lanes_.at(static_cast<std::size_t>(lane)); }

    Settings settings_;
    std::array<State, 3> lanes_;
    std::set<std::string> whole_;
    std::map<std::string, UnixMs> checked_;
    std::optional<std::chrono::milliseconds> checked_sent_;
    bool gathering_ = false;
};

} // namespace rollcall::uplink
