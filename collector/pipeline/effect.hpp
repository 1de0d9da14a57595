#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collector/pipeline/outcome.hpp"
#include "collector/rules/evaluator.hpp"
#include "collector/view/projection.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

namespace rollcall::pipeline
{

/// What one work leaves to be done after its commit.
struct Effect {
    rules::Changes alerts;
    std::set<std::string, std::less<>> judged; ///< Devices whose conditions the evaluator changed.
    std::vector<std::function<void()>> after;  ///< In this order, on the writer's thread.
    view::Change change;
    std::optional<Refusal> refusal; ///< Set: the work was undone because the request may not be fulfilled.
};

/// A piece of work for the store's writer, which may run it more than once until it is committed. Both run on the
/// writer's thread: `body` within the transaction, `finish` (may be empty) after the commit or with the error.
struct Job {
    std::function<Result<>(sqlite::Database&, Effect&)> body;
    std::function<void(Result<> const&, Effect&)> finish;
    Effect effect;
};
using JobPtr = std::shared_ptr<Job>;

/// Something of this device changed; what else did there may be added.
view::Happened& note(view::Change& change, std::string_view device_id, store::Location const& where);
void merge(view::Change& into, view::Change const& more);
[[nodiscard]] bool is_empty(view::Change const& change);

} // namespace rollcall::pipeline
