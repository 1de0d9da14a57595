#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "collector/gateway/ports.hpp"
#include "collector/rules/profile.hpp"
#include "collector/store/records.hpp"
#include "collector/store/store.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::collector
{

/// Why a request of a person or a script was not done, ready for problem+json.
struct Refusal {
    errc code{};
    std::string field;  ///< Which input is wrong; "" = none in particular.
    std::string detail; ///< One sentence.
    std::string remedy; ///< What to do about it.
};

template <class T>
using Outcome = std::variant<T, Refusal>;

/// Called exactly once, on the writer's thread (or at once, on the caller's, where the input is plainly wrong or the
/// queue is full): hand on, do not block.
template <class T>
using Done = std::function<void(Outcome<T>)>;

/// A token with its secret, which is known only now.
struct MadeToken {
    store::EnrolmentToken token;
    std::string secret; ///< Goes into wire::TokenContent::secret.
};

/// A certificate just signed for a device.
struct SignedCertificate {
    std::string certificate_pem;
    std::string fingerprint; ///< SHA-256 of the DER, lower-case hexadecimal.
    UnixMs issued_ms{};      ///< Its beginning.
    std::string ca_pem;      ///< What the device is to trust from now on.
};

/// A device whose certificate ran out no longer ago than this may still renew it, and do nothing else: the way back
/// for one that was switched off for a year. Later it has to be enrolled again.
inline constexpr std::chrono::hours renewal_grace{24 * 730};
/// So many machines a day may become devices because they run from a copy of one device's disk.
inline constexpr std::int64_t copies_a_day = 1000;
/// And so many in all.
inline constexpr std::int64_t copies_in_all = 10'000;
/// Two machines that look alike are told apart when, within this time, each said hello again after the other.
inline constexpr std::chrono::minutes turns_window{30};

/// Numbers for /metrics.
struct Figures {
    std::uint64_t connected_devices{};
    std::uint64_t records_stored{};       ///< Of agents, after commit.
    std::uint64_t records_repeated{};     ///< Recognised and only acknowledged again.
    std::uint64_t series_values_stored{}; ///< Cells of series, after commit.
    std::uint64_t gaps{};                 ///< Ranges recorded as lost.
    std::uint64_t resyncs{};              ///< State changes that did not fit what was stored.
    std::uint64_t alerts_opened{};
    std::uint64_t alerts_resolved{};
    std::uint64_t commits_failed{}; ///< Works that the store could not keep.
    std::uint64_t backlog{};        ///< Records that wait because the store's queue is full.
};

/// From what devices and technicians say to what is stored, judged and shown: ingest, rules and save in one
/// transaction, then acknowledgement, projection and announcement. Every write that changes the projection goes
/// through here.
///
/// Owns: the connections' sessions, presence, the rules' evaluator, the tick's thread.
/// Threads: any. The evaluator and all decisions on stored data run on the store's writer thread; presence is under
/// a lock that is held across calls into the projection only.
/// Blocks: no, but for start() and stop().
class Pipeline final : public gateway::AgentHandler
{
public:
    struct Options {
        store::Store& store;
        view::Projection& projection;
        Clock const& clock;
        rules::Profile profile;
        /// Signs a device's certificate request (the gateway's Authority). Called on the writer's thread.
        std::function<Result<SignedCertificate>(std::string_view request_pem, std::string_view device_id)> sign;
        /// Closes whatever connection the device still has, besides the one that said hello; may be empty.
        std::function<void(std::string_view device_id)> close_device;
        /// How often tick() is called by a thread of its own; zero: nobody does but the caller (tests).
        std::chrono::milliseconds tick_every{1000};
    };

    /// Loads the projection from the store, adopts the open alerts, begins to tick. Blocks.
    static Result<std::unique_ptr<Pipeline>> start(Options options);
    ~Pipeline() override;
    Pipeline(Pipeline const&) = delete;
    Pipeline& operator=(Pipeline const&) = delete;

    /// No call of the gateway may come after it. Writes what was seen last and waits for the writer. Blocks.
    /// Idempotent.
    void stop();

    // --- gateway::AgentHandler ---
    void connected(gateway::AgentPeer const& peer, wire::Hello hello,
                   std::shared_ptr<gateway::AgentSocket> socket) override;
    void renew(gateway::AgentPeer const& peer, wire::Renew renew,
               std::shared_ptr<gateway::AgentSocket> socket) override;
    void separate(gateway::AgentPeer const& peer, wire::Separate separate,
                  std::shared_ptr<gateway::AgentSocket> socket) override;
    /// False: the store's queue is full, or too much of it is this device's. The message has been taken all the same
    /// and is kept in order; read no further from this socket until `resume` is called (any thread).
    bool received(gateway::AgentPeer const& peer, wire::FromAgent message, std::function<void()> resume) override;
    void heard(gateway::AgentPeer const& peer, UnixMs peer_clock_ms) override;
    void closed(gateway::AgentPeer const& peer, std::string_view reason) override;

    // --- writes of the API; scope is checked by the caller ---
    void enrol(wire::EnrolRequest request, std::string remote, Done<wire::EnrolAnswer> done);
    void add_customer(std::string const& name, Done<store::Customer> done);
    void add_token(std::string customer_id, std::int64_t uses, std::int64_t expires_in_s, Done<MadeToken> done);
    void revoke_token(std::string id, Done<store::EnrolmentToken> done);
    /// Ends the device's right to connect, closes its socket, resolves its alerts.
    void revoke_device(std::string id, Done<store::Device> done);

    /// Holds that ran out, presence that was lost, last_seen to be kept. Once a second.
    void tick();

    [[nodiscard]] rules::Profile const& profile() const;
    [[nodiscard]] Figures figures() const;

private:
    struct State;
    explicit Pipeline(std::shared_ptr<State> state);
    std::shared_ptr<State> state_; ///< Shared with the works that wait in the store's queue.
};

} // namespace rollcall::collector
