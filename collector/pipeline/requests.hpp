#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collector/pipeline/alert_work.hpp"
#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/offers.hpp"
#include "collector/pipeline/outcome.hpp"
#include "collector/pipeline/roster.hpp"
#include "collector/pipeline/signing.hpp"
#include "collector/pipeline/works.hpp"
#include "collector/store/records.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::pipeline
{

/// What people, scripts and machines without an identity ask for: each is one work, done wholly or not at all. What may
/// come to another customer is looked for within the scope; the customer of a token is checked by the caller.
///
/// Owns: nothing.  Threads: any.  Blocks: no.
class Requests
{
public:
    Requests(Works& works, Roster& roster, Offers& offers, AlertWork& alert_work, view::Projection& projection,
             Sign const& sign, Clock const& clock);

    void enrol(wire::EnrolRequest asked, std::string remote, Done<wire::EnrolAnswer> done);
    void add_customer(std::string const& name, Done<store::Customer> done);
    void add_token(std::string customer_id, std::int64_t uses, std::int64_t expires_in_s, Done<MadeToken> done);
    void revoke_token(std::string id, Done<store::EnrolmentToken> done);
    void set_update_policy(store::Scope scope, std::string owner, store::UpdatePolicy policy,
                           Done<store::UpdatePolicy> done);
    void let_release_go_on(std::string version, Done<store::ReleaseNote> done);
    void retry_update(store::Scope scope, std::string device_id, Done<store::Device> done);
    /// Somebody may have changed the technician's name. Not waited for.
    void look_at_name(std::string technician_id);
    void work_on_alerts(std::vector<rules::AlertTarget> targets, rules::AlertWish wish, rules::AlertWorker worker,
                        Done<std::vector<rules::AlertResult>> done);

private:
    struct TokenWish {
        std::string customer_id;
        std::int64_t uses{};
        std::int64_t expires_in_s{};
    };

    // On the writer's thread, within the transaction:
    Result<> enrol_device(sqlite::Database& db, Effect& effect, wire::EnrolRequest const& asked,
                          std::string const& remote, wire::EnrolAnswer& answer);
    static Result<> use_token(sqlite::Database& db, Effect& effect, std::string const& secret, UnixMs at_ms,
                              store::EnrolmentToken& token);
    Result<> save_customer(sqlite::Database& db, Effect& effect, std::string const& name, store::Customer& customer);
    Result<> save_token(sqlite::Database& db, Effect& effect, TokenWish const& wish, MadeToken& made) const;
    Result<> end_token(sqlite::Database& db, Effect& effect, std::string const& id, store::EnrolmentToken& token) const;
    Result<> keep_policy(sqlite::Database& db, Effect& effect, store::Scope const& scope, std::string const& owner,
                         store::UpdatePolicy const& policy);

    Works& works_;
    Roster& roster_;
    Offers& offers_;
    AlertWork& alert_work_;
    view::Projection& projection_;
    Sign const& sign_;
    Clock const& clock_;
};

} // namespace rollcall::pipeline
