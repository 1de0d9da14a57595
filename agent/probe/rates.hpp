#pragma once

#include <chrono>
#include <cstdint>

#include "common/core/value.hpp"

namespace rollcall::probe
{

/// Growth of a counter per second. A counter that went back (driver reloaded, machine restored) or no time between:
/// Unknown not_yet_read, for there is no earlier sample to compare with.
[[nodiscard]] inline Value per_second(std::uint64_t before, std::uint64_t now, std::chrono::milliseconds elapsed)
{
    if (now < before || elapsed.count() <= 0) return unknown(errc::not_yet_read);
    return static_cast<double>(now - before) * 1000.0 / static_cast<double>(elapsed.count());
}

/// A share in percent, never outside 0 to 100; Unknown where there is no whole.
[[nodiscard]] inline Value percent(double part, double whole)
{
    if (!(whole > 0)) return unknown(errc::not_found);
    auto const share = part * 100.0 / whole;
    return share < 0 ? 0.0 : share > 100 ? 100.0 : share;
}

} // namespace rollcall::probe
