#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collector/gateway/ports.hpp"
#include "collector/pipeline/alert_work.hpp"
#include "collector/pipeline/figures.hpp"
#include "collector/pipeline/outcome.hpp"
#include "collector/pipeline/signing.hpp"
#include "collector/rules/profile.hpp"
#include "collector/store/records.hpp"
#include "collector/store/store.hpp"
#include "collector/updates/board.hpp"
#include "collector/updates/limits.hpp"
#include "collector/view/api/orders.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::pipeline
{

/// From what devices and technicians say to what is stored, judged and shown: ingest, rules and save in one
/// transaction, then acknowledgement, projection and announcement. Every write that changes the projection goes
/// through here.
///
/// Owns: the parts that README.md names, wired.
/// Threads: any. All decisions on stored data run on the store's writer thread.
/// Blocks: no, but for start() and stop().
class Pipeline final : public gateway::AgentHandler
{
public:
    struct Options {
        store::Store& store;
        view::Projection& projection;
        Clock const& clock;
        rules::Profile profile;
        Sign sign;
        updates::Board& board; ///< Filled here, and kept up to date.
        updates::Pace pace;
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

    // --- writes of the API ---
    void enrol(wire::EnrolRequest request, std::string remote, Done<wire::EnrolAnswer> done);
    void add_customer(std::string const& name, Done<store::Customer> done);
    void add_token(std::string customer_id, std::int64_t uses, std::int64_t expires_in_s, Done<MadeToken> done);
    void revoke_token(std::string id, Done<store::EnrolmentToken> done);
    /// Folders, devices, customers, contacts: what people arrange. What lies outside the order's scope is not there.
    void organise(api::Order order, Done<api::Ordered> done);

    /// `owner`: "" = of all, else a customer's or a device's id, which is not there outside the scope.
    void set_update_policy(store::Scope scope, std::string owner, store::UpdatePolicy policy,
                           Done<store::UpdatePolicy> done);
    void let_release_go_on(std::string version, Done<store::ReleaseNote> done);
    void retry_update(store::Scope scope, std::string device_id, Done<store::Device> done);
    /// Somebody may have changed the technician's name: what shows it is told.
    void look_at_name(std::string technician_id);
    /// Each target is named once. Each is done wholly or not at all; what became of each stands in their order.
    void work_on_alerts(std::vector<rules::AlertTarget> targets, rules::AlertWish wish, rules::AlertWorker worker,
                        Done<std::vector<rules::AlertResult>> done);
    /// The folder of releases holds something else than before. Any thread.
    void use_releases(std::shared_ptr<updates::Shelf const> shelf);

    /// Holds that ran out, presence that was lost, last_seen to be kept. Once a second.
    void tick();

    [[nodiscard]] rules::Profile const& profile() const;
    [[nodiscard]] Figures figures() const;

private:
    struct Parts;
    explicit Pipeline(std::shared_ptr<Parts> parts);
    std::shared_ptr<Parts> parts_; ///< Shared with the works that wait in the store's queue.
};

} // namespace rollcall::pipeline
