#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collector/store/records.hpp"
#include "collector/updates/offer.hpp"
#include "collector/updates/releases.hpp"
#include "common/core/clock.hpp"

namespace rollcall::updates
{

/// What has to be known of a device.
struct Facts {
    std::string id;
    std::string customer_id;
    std::string version; ///< That runs.
    std::string system;  ///< linux, windows, macos; "" = not known yet.
};

/// How far a release has come, among some devices.
struct Progress {
    std::int64_t under_way{};
    std::int64_t confirmed{};
    std::int64_t failed{};
    std::int64_t refused{};
};

/// Releases, policies and attempts in memory: everything by which offers are decided and shown. The pipeline keeps it
/// up to date after each commit; everybody reads.
///
/// Owns: copies of what the store has.  Threads: any.  Blocks: no.
class Board
{
public:
    explicit Board(Clock const& clock);

    // --- write: the pipeline only ---
    void put_shelf(std::shared_ptr<Shelf const> shelf);
    /// `owner`: "" = of all, else a customer's or a device's id.
    void put_policy(std::string const& owner, store::UpdatePolicy const& policy);
    void put_attempt(store::UpdateAttempt const& attempt);
    void put_note(store::ReleaseNote const& note);

    // --- read ---
    [[nodiscard]] std::shared_ptr<Shelf const> shelf() const;
    [[nodiscard]] store::UpdatePolicy policy(std::string const& owner) const;
    [[nodiscard]] EffectivePolicy effective(std::string const& customer_id, std::string const& device_id) const;
    /// The last one; nothing: there was none.
    [[nodiscard]] std::optional<store::UpdateAttempt> last_attempt(std::string const& device_id) const;
    [[nodiscard]] Attempts attempts(std::string const& device_id) const;
    [[nodiscard]] std::optional<store::ReleaseNote> note(std::string const& version) const;
    /// `offering`: devices that are being offered something this very moment.
    [[nodiscard]] Verdict verdict(Facts const& device, bool just_connected, std::size_t offering = 0) const;
    /// Is there a release that is newer than this, whoever may have it?
    [[nodiscard]] bool has_newer(std::string_view version) const;
    /// Among devices of customers that `sees` says yes to, by version.
    [[nodiscard]] std::map<std::string, Progress>
    progress(std::function<bool(std::string const& device_id)> const& sees) const;
    /// What a new machine gets: the newest stable release that did not stop itself; nullptr: there is none.
    [[nodiscard]] std::shared_ptr<Release const> for_new_machines() const;

private:
    [[nodiscard]] store::UpdatePolicy policy_of(std::string const& owner) const;
    void make_candidates();

    Clock const& clock_;
    mutable std::mutex mutex_; // Guards all below.
    std::shared_ptr<Shelf const> shelf_ = std::make_shared<Shelf>();
    std::map<std::string, store::ReleaseNote> notes_;
    std::vector<Candidate> candidates_; ///< Of the shelf with the notes.
    std::unordered_map<std::string, store::UpdatePolicy> policies_;
    std::unordered_map<std::string, Attempts> attempts_; ///< By device.
    std::unordered_map<std::string, UnixMs> under_way_;  ///< Devices, and when they were heard of.
};

} // namespace rollcall::updates
