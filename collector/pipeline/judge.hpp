#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/figures.hpp"
#include "collector/pipeline/presence.hpp"
#include "collector/rules/evaluator.hpp"
#include "collector/rules/profile.hpp"
#include "collector/rules/snoozes.hpp"
#include "collector/store/records.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

namespace rollcall::pipeline
{

/// The rules' evaluator beside the store: what it says is saved in the work's transaction and shown after the commit,
/// and where a work was undone it learns from the store again.
///
/// Owns: the evaluator, and when snoozes end.  Threads: the writer's only (and the start, before there is any work),
/// but for profile() and now().  Blocks: no, but for the store's answers.
class Judge
{
public:
    Judge(rules::Profile profile, view::Projection& projection, Presence const& presence, Clock const& clock,
          Counters& counters);

    [[nodiscard]] rules::Profile const& profile() const;
    /// Does the profile still have the item? Any thread.
    [[nodiscard]] bool watches(std::string_view item) const;
    /// The steady clock first: where the process stands still between the two looks, a hold is looked at too early, and
    /// again, instead of too late by all of that pause.
    [[nodiscard]] rules::Now now() const;

    // --- facts ---
    /// Adds a device, or changes what is known of it.
    void put_device(std::string_view device_id, std::string_view customer_id, std::string_view device_type);
    /// Its type, or its customer, may be another one than before; nothing happens where it is not watched.
    void look_again(std::string const& device_id);

    /// One device before the evaluator; what that says becomes part of the work's effect.
    class Case
    {
    public:
        Case(rules::Evaluator& evaluator, Effect& effect, std::string device_id);
        void presence(rules::Presence presence, rules::Now now);
        void state(std::string_view probe, Snapshot const& changed, std::vector<std::string> const& removed,
                   std::int64_t offset_ms, rules::Now now);
        void readable(std::string_view probe, std::string_view reason, rules::Now now);
        void series(wire::Series const& series, rules::Now now);
        /// It is not watched any more: what is open resolves, for this reason.
        void retire(std::string_view why, rules::Now now);

    private:
        rules::Evaluator& evaluator_;
        Effect& effect_;
        std::string device_id_;
    };
    /// From now on the work's end decides whether what is known of the device counts.
    [[nodiscard]] Case about(Effect& effect, std::string const& device_id);

    /// It says hello: its conditions are those of the store. What it has no digest of, or `need` names, is about to
    /// come anew and says nothing till then.
    Result<> greet(sqlite::Database& db, Effect& effect, store::Device const& device,
                   std::map<std::string, std::string> const& digests, std::vector<std::string> const& need,
                   rules::Now now);
    /// It is watched, or of another customer, from now on: its conditions are those of the store.
    Result<> learn(sqlite::Database& db, Effect& effect, std::string const& device_id);
    /// Holds and snoozes that ran out, and devices to be learnt again.
    Result<> tick(sqlite::Database& db, Effect& effect);

    // --- what is done about alerts ---
    /// An alert is as this says from now on: its action is kept, and becomes part of the work's effect.
    Result<> amend(sqlite::Database& db, Effect& effect, store::Alert const& alert, store::AlertAction const& action);

    // --- what is stored ---
    /// Takes over the open alerts and shows those that `since_ms` was not before. Their number.
    Result<std::size_t> load(sqlite::Database& db, UnixMs since_ms);
    /// Learns the device's conditions from the store again, if that is due.
    Result<> refresh(sqlite::Database& db, Effect& effect, std::string const& device_id);
    /// Within the transaction.
    Result<> save(sqlite::Database& db, rules::Changes const& changes) const;
    /// The work was undone: what the evaluator believes of its devices is to be learnt again.
    void doubt(Effect const& effect);
    /// After the commit.
    void show(Effect& effect);

private:
    /// With its type as the projection shows it.
    void put_device(std::string_view device_id, std::string_view customer_id);
    [[nodiscard]] std::string type_of(std::string_view device_id) const;
    Result<> reload(sqlite::Database& db, Effect& effect, std::string const& device_id);
    Result<> end_snoozes(sqlite::Database& db, Effect& effect);
    void place(store::Alert const& alert);
    Result<> load_rows(sqlite::Database& db, Effect& effect, std::string const& device_id,
                       std::set<std::string, std::less<>> const& unread);

    view::Projection& projection_;
    Presence const& presence_;
    Clock const& clock_;
    Counters& counters_;
    rules::Evaluator evaluator_;
    rules::Snoozes snoozes_;                   ///< As the store has them.
    std::set<std::string, std::less<>> stale_; ///< Devices whose conditions are to be loaded again: a commit failed.
};

} // namespace rollcall::pipeline
