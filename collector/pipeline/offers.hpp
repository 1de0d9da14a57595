#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/presence.hpp"
#include "collector/pipeline/works.hpp"
#include "collector/store/records.hpp"
#include "collector/updates/board.hpp"
#include "collector/updates/limits.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::pipeline
{

/// Which device is offered which release, and how far it comes with it. What is decided lies in collector/updates; here
/// it meets devices and store.
///
/// Owns: nothing but its notes.  Threads: any, but for what names a database: the writer's.  Blocks: no.
class Offers
{
public:
    static constexpr std::string_view event_name = "agent_update";

    Offers(Works& works, Presence& presence, view::Projection& projection, updates::Board& board, Clock const& clock,
           updates::Pace pace);

    /// What the store knows. Before there is any work.
    Result<> load(sqlite::Database& db);
    void use_releases(std::shared_ptr<updates::Shelf const> shelf);
    /// The device has just been welcomed.
    void greeted(std::string const& device_id);
    /// Looks at all connected devices where something changed, and every `pace.look_every`, since waves open.
    void tick();

    // --- on the writer's thread, within the transaction ---
    /// What a device tells of an update.
    Result<> note_step(sqlite::Database& db, Effect& effect, std::string const& device_id, wire::Event const& event);
    Result<> keep_policy(sqlite::Database& db, Effect& effect, std::string const& owner, std::string const& customer_id,
                         store::UpdatePolicy const& policy);
    /// Nothing: the release was never seen here.
    Result<std::optional<store::ReleaseNote>> forgive(sqlite::Database& db, Effect& effect, std::string const& version);
    /// What the device failed with or refused is offered again, as asked for. False: there was nothing.
    Result<bool> ask_again(sqlite::Database& db, Effect& effect, store::Device const& device);

private:
    void look_soon();
    void consider(std::string const& device_id, bool just_connected);
    void offer(updates::Facts const& device, std::shared_ptr<updates::Release const> const& release);
    void send(std::string const& device_id, updates::Release const& release, bool again) const;
    Result<> stop_if_bad(sqlite::Database& db, Effect& effect, std::string const& version);

    Works& works_;
    Presence& presence_;
    view::Projection& projection_;
    updates::Board& board_;
    Clock const& clock_;
    updates::Pace const pace_;

    std::mutex mutex_;                            // Guards all below.
    std::set<std::string, std::less<>> offering_; ///< Their offer waits for the writer.
    bool look_ = false;
    std::chrono::milliseconds looked_at_{};
};

} // namespace rollcall::pipeline
