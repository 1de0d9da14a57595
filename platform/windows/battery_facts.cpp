#include "platform/windows/battery_facts.hpp"

#include <algorithm>
#include <cmath>

namespace rollcall::platform
{

namespace
{

constexpr std::uint32_t unknown_capacity = 0xFFFF'FFFF; ///< BATTERY_UNKNOWN_CAPACITY

bool is_known(std::uint32_t capacity) { return capacity != 0 && capacity != unknown_capacity; }

} // namespace

bool is_system_battery(BatteryMake const& make)
{
    static constexpr std::uint32_t system_battery = 0x8000'0000;
    static constexpr std::uint32_t short_term = 0x2000'0000; ///< A UPS.
    return (make.capabilities & system_battery) != 0 && (make.capabilities & short_term) == 0;
}

Fact<std::string> battery_state(BatteryState const& state, BatteryMake const& make)
{
    static constexpr std::uint32_t on_line = 1;
    static constexpr std::uint32_t discharging = 2;
    static constexpr std::uint32_t charging = 4;
    if ((state.power_state & charging) != 0) return std::string("charging");
    if ((state.power_state & discharging) != 0) return std::string("discharging");
    if ((state.power_state & on_line) == 0) return fail(errc::not_found, "batteries: it does not know its state");
    bool const full =
        is_known(make.full_capacity) && state.capacity != unknown_capacity && state.capacity >= make.full_capacity;
    return std::string(full ? "full" : "not charging");
}

Fact<std::int64_t> battery_charge(BatteryState const& state, BatteryMake const& make)
{
    if (state.capacity == unknown_capacity || !is_known(make.full_capacity))
        return fail(errc::not_found, "batteries: it does not know its charge");
    auto const percent = std::lround(static_cast<double>(state.capacity) * 100.0 / make.full_capacity);
    return std::min<std::int64_t>(percent, 100);
}

Fact<std::int64_t> battery_wear(BatteryMake const& make)
{
    if (!is_known(make.designed_capacity) || !is_known(make.full_capacity))
        return fail(errc::not_supported, "batteries: it does not tell its capacity");
    auto const left = static_cast<double>(make.full_capacity) * 100.0 / make.designed_capacity;
    return static_cast<std::int64_t>(std::lround(100.0 - std::min(left, 100.0)));
}

Fact<std::int64_t> battery_cycles(BatteryMake const& make)
{
    if (make.cycles == 0) return fail(errc::not_supported, "batteries: it does not count");
    return static_cast<std::int64_t>(make.cycles);
}

} // namespace rollcall::platform
