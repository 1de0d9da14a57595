#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/rules/alert_work.hpp"
#include "collector/store/records.hpp"
#include "collector/view/api/orders.hpp"
#include "collector/view/api/problem.hpp"
#include "common/core/result.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::api
{

/// A new token and its secret, which only its hash outlives.
struct MadeToken {
    store::EnrolmentToken token;
    std::string secret;
};

/// One number of /metrics (Prometheus text format).
struct Figure {
    std::string_view name; ///< "rollcall_devices_connected".
    std::string_view type; ///< "gauge" or "counter".
    std::string_view help; ///< One sentence.
    double value = 0;
};

/// What the API asks the rest of the collector to do. What lies outside a scope that is given is not there; else the
/// handler has looked at it, which stays true while the rights do (judge_again).
///
/// Threads: any.  Blocks: yes, until the writer has committed: pool threads only.
class Backend
{
public:
    virtual ~Backend() = default;
    virtual Outcome<store::Customer> add_customer(std::string name) = 0;
    virtual Outcome<MadeToken> add_token(std::string customer_id, std::int64_t uses, std::int64_t expires_in_s) = 0;
    virtual Outcome<store::EnrolmentToken> revoke_token(std::string id) = 0;
    /// Folders, devices, customers, contacts: what people arrange, within the order's scope.
    virtual Outcome<Ordered> organise(Order order) = 0;
    /// `owner`: "" = of all, else a customer's or a device's id.
    virtual Outcome<store::UpdatePolicy> set_update_policy(store::Scope scope, std::string owner,
                                                           store::UpdatePolicy policy) = 0;
    /// What failed with a release so far does not count any more: it is offered again.
    virtual Outcome<store::ReleaseNote> let_release_go_on(std::string version) = 0;
    /// The device is offered again what it failed with or refused.
    virtual Outcome<store::Device> retry_update(store::Scope scope, std::string device_id) = 0;
    /// The technician may be called otherwise than before: alerts that are assigned to him show it. Does not block.
    virtual void look_at_name(std::string technician_id) = 0;
    /// Each target is named once. What became of each, in their order.
    virtual Outcome<std::vector<rules::AlertResult>>
    work_on_alerts(std::vector<rules::AlertTarget> targets, rules::AlertWish wish, rules::AlertWorker worker) = 0;
    virtual Outcome<wire::EnrolAnswer> enrol(wire::EnrolRequest request, std::string remote) = 0;
    /// Can it take what devices send? An error says in words why not.
    virtual Result<> ready() = 0;
    [[nodiscard]] virtual std::vector<Figure> figures() const = 0;
};

} // namespace rollcall::api
