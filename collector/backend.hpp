#pragma once

#include <atomic>
#include <string>

#include "collector/data_folder.hpp"
#include "collector/gateway/gateway.hpp"
#include "collector/pipeline/pipeline.hpp"
#include "collector/store/upkeep.hpp"
#include "collector/store/write_check.hpp"
#include "collector/view/api/backend.hpp"

namespace rollcall::collector
{

/// What the API asks, done by the pipeline: each call waits for the writer's commit.
///
/// Owns: nothing.  Threads: any, once `pipeline` is set.  Blocks: yes.
class PipelineBackend final : public api::Backend
{
public:
    PipelineBackend(DataFolder const& folder, store::Store& store, Clock const& clock);

    /// Before the first call.
    void use(pipeline::Pipeline& pipeline) { pipeline_ = &pipeline; }
    /// For the figures; nullptr: it does not run.
    void use(gateway::Gateway* gateway) { gateway_ = gateway; }
    void use(store::Upkeep* upkeep) { upkeep_ = upkeep; }
    /// For the figures: when the certificate that browsers are shown ends.
    void note_browser_certificate(UnixMs ends_ms) { browser_certificate_ends_ms_ = ends_ms; }

    api::Outcome<store::Customer> add_customer(std::string name) override;
    api::Outcome<api::MadeToken> add_token(std::string customer_id, std::int64_t uses,
                                           std::int64_t expires_in_s) override;
    api::Outcome<store::EnrolmentToken> revoke_token(std::string id) override;
    api::Outcome<api::Ordered> organise(api::Order order) override;
    api::Outcome<store::UpdatePolicy> set_update_policy(store::Scope scope, std::string owner,
                                                        store::UpdatePolicy policy) override;
    api::Outcome<store::ReleaseNote> let_release_go_on(std::string version) override;
    api::Outcome<store::Device> retry_update(store::Scope scope, std::string device_id) override;
    void look_at_name(std::string technician_id) override;
    api::Outcome<std::vector<rules::AlertResult>>
    work_on_alerts(std::vector<rules::AlertTarget> targets, rules::AlertWish wish, rules::AlertWorker worker) override;
    api::Outcome<wire::EnrolAnswer> enrol(wire::EnrolRequest request, std::string remote) override;
    Result<> ready() override;
    [[nodiscard]] std::vector<api::Figure> figures() const override;

private:
    DataFolder const& folder_;
    store::Store& store_;
    store::WriteCheck write_check_;
    std::atomic<pipeline::Pipeline*> pipeline_ = nullptr;
    std::atomic<gateway::Gateway*> gateway_ = nullptr;
    std::atomic<store::Upkeep*> upkeep_ = nullptr;
    std::atomic<UnixMs> browser_certificate_ends_ms_ = 0; ///< 0: browsers are shown the collector's own.
};

} // namespace rollcall::collector
