#include "collector/updates/board.hpp"

#include <algorithm>

#include "collector/store/store.hpp"
#include "collector/updates/limits.hpp"

namespace rollcall::updates
{

Board::Board(Clock const& clock)
    : clock_(clock)
{
}

void Board::put_shelf(std::shared_ptr<Shelf const> shelf)
{
    std::lock_guard const lock(mutex_);
    shelf_ = std::move(shelf);
    make_candidates();
}

void Board::put_policy(std::string const& owner, store::UpdatePolicy const& policy)
{
    std::lock_guard const lock(mutex_);
    policies_[owner] = policy;
}

void Board::put_attempt(store::UpdateAttempt const& attempt)
{
    std::lock_guard const lock(mutex_);
    auto& place = attempts_[attempt.device_id][attempt.version];
    auto const offered_ms = place.offered_ms;
    place = attempt;
    if (offered_ms != 0 && !is_offer(attempt.state)) place.offered_ms = offered_ms;
    // As the store does.
    auto& all = attempts_[attempt.device_id];
    if (all.size() > static_cast<std::size_t>(store::update_attempts_kept))
        all.erase(std::ranges::min_element(all, {}, [](auto const& entry) { return entry.second.at_ms; }));
    if (is_under_way(attempt.state))
        under_way_[attempt.device_id] = attempt.at_ms;
    else
        under_way_.erase(attempt.device_id);
}

void Board::put_note(store::ReleaseNote const& note)
{
    std::lock_guard const lock(mutex_);
    notes_[note.version] = note;
    make_candidates();
}

/// A release counts from when its note was stored: the waves must not begin anew with each start.
void Board::make_candidates()
{
    candidates_.clear();
    for (auto const& release : shelf_->releases) {
        auto const note = notes_.find(to_string(release->version()));
        if (note == notes_.end()) continue;
        candidates_.push_back({.release = release,
                               .first_seen_ms = note->second.first_seen_ms,
                               .stopped = note->second.stopped_ms ? note->second.stopped_why : std::string()});
    }
}

std::shared_ptr<Shelf const> Board::shelf() const
{
    std::lock_guard const lock(mutex_);
    return shelf_;
}

store::UpdatePolicy Board::policy_of(std::string const& owner) const
{
    auto const found = policies_.find(owner);
    return found == policies_.end() ? store::UpdatePolicy{} : found->second;
}

store::UpdatePolicy Board::policy(std::string const& owner) const
{
    std::lock_guard const lock(mutex_);
    return policy_of(owner);
}

EffectivePolicy Board::effective(std::string const& customer_id, std::string const& device_id) const
{
    std::lock_guard const lock(mutex_);
    return merge(policy_of(""), policy_of(customer_id), policy_of(device_id));
}

std::optional<store::UpdateAttempt> Board::last_attempt(std::string const& device_id) const
{
    std::lock_guard const lock(mutex_);
    auto const found = attempts_.find(device_id);
    if (found == attempts_.end() || found->second.empty()) return std::nullopt;
    return std::ranges::max_element(found->second, {}, [](auto const& entry) { return entry.second.at_ms; })->second;
}

Attempts Board::attempts(std::string const& device_id) const
{
    std::lock_guard const lock(mutex_);
    auto const found = attempts_.find(device_id);
    return found == attempts_.end() ? Attempts{} : found->second;
}

std::optional<store::ReleaseNote> Board::note(std::string const& version) const
{
    std::lock_guard const lock(mutex_);
    auto const found = notes_.find(version);
    if (found == notes_.end()) return std::nullopt;
    return found->second;
}

Verdict Board::verdict(Facts const& device, bool just_connected, std::size_t offering) const
{
    std::lock_guard const lock(mutex_);
    auto const now_ms = clock_.now_ms();
    auto const attempts = attempts_.find(device.id);
    auto const others = std::ranges::count_if(under_way_, [&](auto const& entry) {
        return entry.first != device.id && now_ms - entry.second < limits::offer_again.count();
    });
    Question const question{.device_id = device.id,
                            .version = device.version,
                            .system = device.system,
                            .policy = merge(policy_of(""), policy_of(device.customer_id), policy_of(device.id)),
                            .attempts = attempts == attempts_.end() ? nullptr : &attempts->second,
                            .under_way = static_cast<std::size_t>(others) + offering,
                            .just_connected = just_connected,
                            .now_ms = now_ms};
    return decide(question, candidates_);
}

bool Board::has_newer(std::string_view version) const
{
    auto const runs = release::parse_version(version);
    std::lock_guard const lock(mutex_);
    return runs && !candidates_.empty() && candidates_.front().release->version() > *runs;
}

std::map<std::string, Progress> Board::progress(std::function<bool(std::string const& device_id)> const& sees) const
{
    std::map<std::string, Progress> all;
    std::lock_guard const lock(mutex_);
    auto const now_ms = clock_.now_ms();
    for (auto const& [device, attempts] : attempts_) {
        if (!sees(device)) continue;
        for (auto const& [version, attempt] : attempts) {
            auto& progress = all[version];
            if (attempt.state == "confirmed")
                ++progress.confirmed;
            else if (attempt.state == "refused")
                ++progress.refused;
            else if (is_failure(attempt.state))
                ++progress.failed;
            else if (is_under_way(attempt.state) && now_ms - attempt.at_ms < limits::offer_again.count())
                ++progress.under_way;
        }
    }
    return all;
}

std::shared_ptr<Release const> Board::for_new_machines() const
{
    std::lock_guard const lock(mutex_);
    for (auto const& candidate : candidates_)
        // Scripts that install have no key to look with, as agents have.
        if (candidate.release->manifest.channel == release::Channel::stable && candidate.stopped.empty() &&
            candidate.release->warning.empty())
            return candidate.release;
    return nullptr;
}

} // namespace rollcall::updates
