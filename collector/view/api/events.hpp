#pragma once

#include <memory>
#include <string_view>

#include "collector/access/access.hpp"
#include "collector/gateway/ports.hpp"
#include "collector/view/api/problem.hpp"

namespace rollcall::api
{

/// Where changes come from that scripts are told of: the live feed.
///
/// Threads: any.  Blocks: no.
class EventSource
{
public:
    virtual ~EventSource() = default;
    /// A stream of what `identity` may know, behind the event `last_id`; "" = from now on. 503: there are too many.
    [[nodiscard]] virtual Outcome<std::shared_ptr<gateway::HttpBody>> open(access::Identity const& identity,
                                                                           std::string_view last_id) = 0;
};

} // namespace rollcall::api
