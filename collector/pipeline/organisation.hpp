#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/judge.hpp"
#include "collector/pipeline/outcome.hpp"
#include "collector/pipeline/roster.hpp"
#include "collector/pipeline/works.hpp"
#include "collector/store/records.hpp"
#include "collector/view/api/orders.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

namespace rollcall::pipeline
{

/// How people arrange customers, folders, devices and contacts: each order is one work, done wholly or not at all; of
/// one that names several devices, each has its own verdict. What was edited meanwhile is refused, not overwritten.
///
/// Owns: nothing.  Threads: any.  Blocks: no.
class Organisation
{
public:
    Organisation(Works& works, Judge& judge, Roster& roster, view::Projection& projection, Clock const& clock);

    void organise(api::Order order, Done<api::Ordered> done);

private:
    using Ordered = api::Ordered;
    using Order = api::Order;
    /// Why it is not done for this device; "" = it is.
    using EachDevice = std::function<Result<std::string>(store::Device const&)>;

    // All on the writer's thread, within the transaction; one for each kind of order.
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::AddFolder const& wish, Ordered& made);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::EditFolder const& wish, Ordered&);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::DeleteFolder const& wish, Ordered&);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::EditDevice const& wish, Ordered&);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::MoveDevices const& wish,
                   Ordered& made);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::MonitorDevices const& wish,
                   Ordered& made);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::RetireDevices const& wish,
                   Ordered& made);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::RestoreDevices const& wish,
                   Ordered& made);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::PurgeDevices const& wish,
                   Ordered& made);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::StarDevice const& wish, Ordered&);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::StarCustomer const& wish, Ordered&);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::EditCustomer const& wish, Ordered&);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::PinFields const& wish, Ordered&);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::AddContact const& wish,
                   Ordered& made);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::EditContact const& wish, Ordered&);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::DeleteContact const& wish, Ordered&);
    Result<> apply(sqlite::Database& db, Effect& effect, Order const& order, api::ImportContacts const& wish,
                   Ordered& made);

    static Result<> each_device(sqlite::Database& db, Effect& effect, Order const& order,
                                std::vector<std::string> const& ids, Ordered& made, EachDevice const& each);
    /// A person changed what `before` was into what `after` is.
    Result<> place(sqlite::Database& db, Effect& effect, Order const& order, store::Device const& before,
                   store::Device after);
    Result<> retire(sqlite::Database& db, Effect& effect, Order const& order, store::Device const& device);
    Result<> restore(sqlite::Database& db, Effect& effect, Order const& order, store::Device const& device);
    /// For the device's history.
    Result<> note_action(sqlite::Database& db, Order const& order, store::Device const& device, std::string what,
                         std::string was = {}, std::string became = {}) const;
    /// What a person changed between the two, one by one.
    Result<> note_actions(sqlite::Database& db, Order const& order, store::Device const& before,
                          store::Device const& after) const;
    Result<> purge(sqlite::Database& db, Effect& effect, store::Device const& device);

    Works& works_;
    Judge& judge_;
    Roster& roster_;
    view::Projection& projection_;
    Clock const& clock_;
};

} // namespace rollcall::pipeline
