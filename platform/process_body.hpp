#pragma once

#include "platform/process.hpp"

namespace rollcall::platform
{

/// What run() does, of each system: without a record of it.
[[nodiscard]] Result<Finished> run_now(Command const& command);

} // namespace rollcall::platform
