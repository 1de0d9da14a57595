#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "collector/pipeline/effect.hpp"
#include "collector/pipeline/figures.hpp"
#include "collector/pipeline/judge.hpp"
#include "collector/store/store.hpp"
#include "collector/view/projection.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

namespace rollcall::pipeline
{

/// The way into the store: jobs become works of its queue; the alerts that one brought are saved with it, and its
/// effect is shown after the commit.
///
/// Owns: the jobs for which the store's queue has no room.  Threads: any, but for take_change.  Blocks: no.
class Works
{
public:
    Works(store::Store& store, Judge& judge, Counters& counters);

    /// What the jobs of all works use. It lives as long as any work that is in the store's queue. To be called first.
    void belong_to(std::weak_ptr<void> owner);

    /// False: the store's queue is full, and nothing was taken.
    [[nodiscard]] bool submit(JobPtr const& job);
    /// Submits, or keeps in order until there is room and calls `resume` (may be empty) then. False: it had to be kept.
    bool enqueue(JobPtr const& job, std::function<void()> resume);
    /// Jobs that are kept.
    [[nodiscard]] std::size_t backlog() const;
    /// Leaves them undone.
    void drop_backlog();

    /// What was changed since it was asked last. The writer's thread only.
    [[nodiscard]] view::Change take_change();

private:
    struct Waiting {
        JobPtr job;
        std::function<void()> resume;
    };

    void drain();
    void drain_later();
    Result<> run(sqlite::Database& db, Job& job);
    void finish(Job& job, Result<> const& result);

    store::Store& store_;
    Judge& judge_;
    Counters& counters_;
    std::weak_ptr<void> owner_;

    view::Change change_; // The writer's thread only.

    mutable std::mutex mutex_; // Guards all below.
    std::deque<Waiting> backlog_;
};

} // namespace rollcall::pipeline
