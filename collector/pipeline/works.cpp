#include "collector/pipeline/works.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/store/audit.hpp"

namespace rollcall::pipeline
{

Works::Works(store::Store& store, Judge& judge, Counters& counters)
    : store_(store)
    , judge_(judge)
    , counters_(counters)
{
}

void Works::belong_to(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

bool Works::submit(JobPtr const& job)
{
    auto const owner = owner_.lock();
    auto work = [this, owner, job](sqlite::Database& db) { return run(db, *job); };
    auto done = [this, owner, job](Result<> const& result) { finish(*job, result); };
    return store_.submit(std::move(work), std::move(done));
}

bool Works::enqueue(JobPtr const& job, std::function<void()> resume)
{
    std::lock_guard const lock(mutex_);
    if (backlog_.empty() && submit(job)) return true;
    backlog_.push_back({job, std::move(resume)});
    if (backlog_.size() == 1) drain_later();
    return false;
}

std::size_t Works::backlog() const
{
    std::lock_guard const lock(mutex_);
    return backlog_.size();
}

void Works::drop_backlog()
{
    std::lock_guard const lock(mutex_);
    backlog_.clear();
}

view::Change Works::take_change() { return std::exchange(change_, {}); }

void Works::drain_later()
{
    store_.when_drained([this, owner = owner_.lock()] { drain(); });
}

void Works::drain()
{
    std::vector<std::function<void()>> resumes;
    {
        std::lock_guard const lock(mutex_);
        while (!backlog_.empty() && submit(backlog_.front().job)) {
            if (backlog_.front().resume) resumes.push_back(std::move(backlog_.front().resume));
            backlog_.pop_front();
        }
        if (!backlog_.empty()) drain_later();
    }
    for (auto const& resume : resumes)
        resume();
}

Result<> Works::run(sqlite::Database& db, Job& job)
{
    job.effect = {};
    auto result = job.body(db, job.effect);
    if (result) result = judge_.save(db, job.effect.alerts);
    if (!result) {
        judge_.doubt(job.effect);
        return result;
    }
    std::set<std::string, std::less<>> devices;
    std::set<std::string, std::less<>> customers;
    for (auto const& [where, happened] : job.effect.change.places) {
        devices.insert(happened.devices.begin(), happened.devices.end());
        customers.insert(where.customer_id);
    }
    store::AuditScope::concerns(devices, customers);
    return result;
}

void Works::finish(Job& job, Result<> const& result)
{
    auto& effect = job.effect;
    if (!result) {
        judge_.doubt(effect);
        // A refusal is no failure; nor is one of the AuditScope in which it was asked for.
        if (!effect.refusal && result.error().code != errc::refused) ++counters_.commits_failed;
    } else {
        judge_.show(effect);
        for (auto const& step : effect.after)
            step();
        merge(change_, effect.change);
    }
    if (job.finish) job.finish(result, effect);
}

} // namespace rollcall::pipeline
