#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/judge.hpp"
#include "collector/pipeline/offers.hpp"
#include "collector/pipeline/presence.hpp"
#include "collector/pipeline/purges.hpp"
#include "collector/pipeline/works.hpp"
#include "collector/store/store.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

namespace rollcall::pipeline
{

/// What happens because time passes: presence that was lost, holds that ran out, what was seen last is kept.
///
/// Owns: a thread.  Threads: any.  Blocks: stop() only.
class Rounds
{
public:
    Rounds(store::Store& store, Works& works, Judge& judge, Presence& presence, Offers& offers, Purges& purges,
           view::Projection& projection, Clock const& clock);

    /// tick() by a thread of its own.
    void start(std::chrono::milliseconds every);
    /// Ends the thread, writes what was seen last and waits for the writer. Once.
    void stop();

    void tick();
    /// Tells the rules and the store what changed in presence. One work at a time; tick() catches what was missed.
    void tell_presence(bool keep_all_seen);

private:
    void run(std::chrono::milliseconds every);
    void tick_rules();
    Result<> write_presence(sqlite::Database& db, Effect& effect, bool keep_all_seen);
    Result<> write_unkept();

    store::Store& store_;
    Works& works_;
    Judge& judge_;
    Presence& presence_;
    Offers& offers_;
    Purges& purges_;
    view::Projection& projection_;
    Clock const& clock_;
    std::thread thread_;

    std::mutex mutex_; // Guards all below.
    std::condition_variable wake_;
    bool stopping_ = false;
    bool ticking_ = false; ///< A work of it waits.
    bool telling_ = false; ///< Likewise.
    std::chrono::milliseconds alerts_forgotten_at_;
};

} // namespace rollcall::pipeline
