#pragma once

#include <cstdint>

#include "platform/batteries.hpp"

namespace rollcall::platform
{

/// What matters of BATTERY_INFORMATION.
struct BatteryMake {
    std::uint32_t capabilities{};
    std::uint32_t designed_capacity{};
    std::uint32_t full_capacity{};
    std::uint32_t cycles{};
};

/// What matters of BATTERY_STATUS.
struct BatteryState {
    std::uint32_t power_state{};
    std::uint32_t capacity{};
};

/// One that the machine runs on; not that of a mouse or of a UPS.
[[nodiscard]] bool is_system_battery(BatteryMake const& make);

[[nodiscard]] Fact<std::string> battery_state(BatteryState const& state, BatteryMake const& make);
[[nodiscard]] Fact<std::int64_t> battery_charge(BatteryState const& state, BatteryMake const& make);
[[nodiscard]] Fact<std::int64_t> battery_wear(BatteryMake const& make);
[[nodiscard]] Fact<std::int64_t> battery_cycles(BatteryMake const& make);

} // namespace rollcall::platform
