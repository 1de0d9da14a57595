#pragma once

#include "collector/client/api.hpp"
#include "collector/client/commands.hpp"
#include "collector/client/surroundings.hpp"

namespace rollcall::client
{

/// Shows the alerts of the query, then a line for each that is raised, changes or ends. A stream that is lost is opened
/// again, behind the last event that was read. Blocks until the log-in ends, or what is asked for cannot be had.
[[nodiscard]] Result<> watch(Api& api, Invocation const& asked, Surroundings& around, Query const& query);

} // namespace rollcall::client
