#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/judge.hpp"
#include "collector/rules/alert_work.hpp"
#include "collector/store/records.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

namespace rollcall::pipeline
{

/// What a person wants done about alerts, within one transaction: each is done wholly or not at all, and what became of
/// each is told. What he may not see is not there for him, and nobody is given what he may not see.
///
/// Owns: nothing.  Threads: the writer's only.  Blocks: no, but for the store's answers.
class AlertWork
{
public:
    AlertWork(Judge& judge, Clock const& clock);

    /// Results in the order of the targets, of which each is named once. A wish that cannot be (nobody of that name to
    /// be assigned to) refuses the whole.
    Result<> run(sqlite::Database& db, Effect& effect, std::vector<rules::AlertTarget> const& targets,
                 rules::AlertWish wish, rules::AlertWorker const& worker, std::vector<rules::AlertResult>& results);

private:
    struct Found {
        store::Alert alert;
        store::Device device;
    };
    using Alerts = std::map<std::string, Found, std::less<>>;

    struct Wanted {
        rules::AlertWish wish;
        rules::AlertWorker worker;
        store::Scope assignee; ///< What the one that it is assigned to may see.
    };

    Result<> find_technician(sqlite::Database& db, Effect& effect, Wanted& wanted) const;
    Result<Alerts> find(sqlite::Database& db, Effect& effect, std::vector<rules::AlertTarget> const& targets,
                        store::Scope const& scope);
    /// "" = it may.
    Result<std::string> why_not_open(sqlite::Database& db, Effect const& effect, Found const& found) const;
    Result<rules::AlertResult> work(sqlite::Database& db, Effect& effect, Found const& found,
                                    rules::AlertTarget const& target, Wanted const& wanted);

    Judge& judge_;
    Clock const& clock_;
};

} // namespace rollcall::pipeline
