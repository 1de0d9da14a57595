#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "platform/machine.hpp"

namespace rollcall::agent
{

/// What the probes see now, as indented JSON; no names = all. Series are read twice, one second apart, so that rates
/// exist. Leaves no traces. errc::bad_input names a probe that does not exist.
///
/// Blocks: for as long as the slowest probe takes, at most its limit.
[[nodiscard]] Result<std::string> collect(std::shared_ptr<platform::Machine> const& machine,
                                          std::shared_ptr<Clock const> const& clock, std::vector<std::string> names);

} // namespace rollcall::agent
