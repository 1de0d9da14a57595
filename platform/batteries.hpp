#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct Battery {
    std::string name; ///< "BAT0".
    Fact<std::string> manufacturer;
    Fact<std::string> model;
    Fact<std::string> state; ///< "charging", "discharging", "not charging" or "full".
    Fact<std::int64_t> charge_percent;
    Fact<std::int64_t> wear_percent; ///< What it lost of the capacity it was made with.
    Fact<std::int64_t> cycles;       ///< not_supported where it does not count.
};

/// The batteries the machine runs on; not those of mice and keyboards.
///
/// Owns: nothing.  Threads: any.  Blocks: for file reads, which may ask the hardware.
class Batteries
{
public:
    virtual ~Batteries() = default;
    /// Empty is a valid answer.
    [[nodiscard]] virtual Result<std::vector<Battery>> list() const = 0;
};

[[nodiscard]] std::unique_ptr<Batteries> make_batteries(Root const& root = {});

} // namespace rollcall::platform
