#include "collector/pipeline/purges.hpp"

#include <memory>
#include <utility>

#include "collector/pipeline/limits.hpp"
#include "collector/store/store.hpp"
#include "common/log/log.hpp"

namespace rollcall::pipeline
{

Purges::Purges(Works& works)
    : works_(works)
{
}

void Purges::add(std::string const& device_id)
{
    std::lock_guard const lock(mutex_);
    devices_.push_back(device_id);
}

void Purges::tick()
{
    {
        std::lock_guard const lock(mutex_);
        if (stopped_ || devices_.empty() || std::exchange(busy_, true)) return;
    }
    step();
}

void Purges::stop()
{
    std::lock_guard const lock(mutex_);
    stopped_ = true;
}

std::size_t Purges::waiting() const
{
    std::lock_guard const lock(mutex_);
    return devices_.size();
}

void Purges::step()
{
    std::string id;
    {
        std::lock_guard const lock(mutex_);
        id = devices_.front();
    }
    auto const more = std::make_shared<bool>();
    auto const job = std::make_shared<Job>();
    job->body = [id, more](sqlite::Database& db, Effect&) -> Result<> {
        auto const left = store::purge_some(db, id, purge_rows);
        if (!left) return left.error();
        *more = *left;
        return {};
    };
    job->finish = [this, id, more](Result<> const& result, Effect&) { done(id, result.has_value(), *more); };
    if (!works_.submit(job)) done(id, false, true);
}

void Purges::done(std::string const& device_id, bool stored, bool more)
{
    bool again = false;
    {
        std::lock_guard const lock(mutex_);
        if (stored && !more) {
            devices_.pop_front();
            log::info("device.purged", {{"device", device_id}});
        }
        // What could not be stored is tried again by the next tick.
        again = stored && !stopped_ && !devices_.empty();
        busy_ = again;
    }
    if (again) step();
}

} // namespace rollcall::pipeline
