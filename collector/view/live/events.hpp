#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "collector/access/access.hpp"
#include "collector/gateway/ports.hpp"
#include "collector/view/api/events.hpp"
#include "collector/view/projection.hpp"

namespace rollcall::live
{

/// The live feed for scripts, as server-sent events (HTML Living Standard §9.2): the same changes that the page's
/// WebSocket gets, each with an id behind which a reader goes on who lost his stream.
///
/// Owns: one thread that tells, and the last changes.  Threads: any.  Blocks: the constructor, stop() and the
/// destructor. The gateway may destroy its streams later than this.
class Events final : public api::EventSource
{
public:
    Events(access::Access& access, view::Projection& projection);
    ~Events() override;
    Events(Events const&) = delete;
    Events& operator=(Events const&) = delete;

    [[nodiscard]] api::Outcome<std::shared_ptr<gateway::HttpBody>> open(access::Identity const& identity,
                                                                        std::string_view last_id) override;
    /// Every stream ends as if it were complete, and none begins afterwards. Idempotent.
    void stop();
    [[nodiscard]] std::size_t streams() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace rollcall::live
