#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "platform/machine.hpp"

namespace rollcall::agent
{

class Recording;

/// What came of each probe, asked once on this machine.
struct SelfTest {
    std::string json;
    std::string text; ///< The same for people: a line a probe.
    /// One of them failed otherwise than by not being supported or allowed, not having been read yet, or finding none.
    bool failed{};
};

/// Asks one probe after the other (series twice, one second apart, so that rates exist). `names`: these only; none =
/// all; errc::bad_input names one that does not exist. What the system's tools say meanwhile, and what the probes made
/// of it, goes into `recording` where there is one. Leaves no other traces.
///
/// Blocks: for as long as all probes take together, each at most its limit.
[[nodiscard]] Result<SelfTest> selftest(std::shared_ptr<platform::Machine> const& machine,
                                        std::shared_ptr<Clock const> const& clock, std::vector<std::string> names,
                                        std::shared_ptr<Recording> const& recording);

} // namespace rollcall::agent
