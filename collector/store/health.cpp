#include "collector/store/health.hpp"

#include <utility>

#include "common/log/log.hpp"

namespace rollcall::store
{

std::string remedy_for(Error const& error)
{
    if (error.code == errc::corrupt)
        return "It is damaged, or its disk cannot be read: look for the disk in the system's log, then restore the "
               "last "
               "backup ('rollcall-collector restore'), or save what can be read ('rollcall-collector salvage').";
    if (error.code == errc::io || error.code == errc::permission_denied)
        return "Its disk is full, failing or read-only: look at its free space and at the system's log. Agents keep "
               "what is not acknowledged.";
    return {};
}

/// True once in Health::told_every.
static bool is_due(std::optional<std::chrono::steady_clock::time_point>& told)
{
    auto const now = std::chrono::steady_clock::now();
    if (told && now - *told < Health::told_every) return false;
    told = now;
    return true;
}

Health::Health(std::filesystem::path file)
    : file_(std::move(file))
{
}

void Health::committed(Result<> const& result, std::size_t works)
{
    std::lock_guard const lock(mutex_);
    if (result) {
        if (failed_ > 0) log::info("store.recovered", {{"file", file_.string()}, {"failed_commits", failed_}});
        failed_ = 0;
        failure_told_.reset();
        return;
    }
    ++failed_;
    if (!is_due(failure_told_)) return;
    log::error("store.commit_failed", {{"file", file_.string()},
                                       {"error", result.error()},
                                       {"works", works},
                                       {"remedy", remedy_for(result.error())}});
}

void Health::done(Result<> const& result)
{
    if (result || result.error().code != errc::corrupt) return;
    std::lock_guard const lock(mutex_);
    if (!damage_) damage_ = result.error();
    if (!is_due(damage_told_)) return;
    log::error("store.damaged",
               {{"file", file_.string()}, {"error", result.error()}, {"remedy", remedy_for(result.error())}});
}

Result<> Health::damage() const
{
    std::lock_guard const lock(mutex_);
    if (!damage_) return {};
    return fail(damage_->code, "Database " + file_.string() + ": " + damage_->trace + ". " + remedy_for(*damage_));
}

} // namespace rollcall::store
