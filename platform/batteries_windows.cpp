#include "platform/batteries.hpp"

#include <cstring>
#include <optional>

#include <fmt/format.h>

#include <windows.h>

#include <winioctl.h>

#include <poclass.h>

#include "platform/windows/battery_facts.hpp"
#include "platform/windows/device.hpp"
#include "platform/windows/devices.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

/// GUID_DEVICE_BATTERY.
constexpr GUID battery_interface = {0x72631e54, 0x78a4, 0x11d0, {0xbc, 0xf7, 0x00, 0xaa, 0x00, 0xb7, 0xb3, 0x2a}};

/// A structure out of the bytes of an answer.
template <class T>
Result<T> battery_answer(Result<std::string> const& bytes)
{
    if (!bytes) return bytes.error();
    T value{};
    if (bytes->size() < sizeof value) return fail(errc::bad_message, "batteries: an answer that breaks off");
    std::memcpy(&value, bytes->data(), sizeof value);
    return value;
}

/// A battery in its bay: another one gets another tag.
class OpenBattery
{
public:
    OpenBattery(Device device, ULONG tag)
        : device_(std::move(device))
        , tag_(tag)
    {
    }

    [[nodiscard]] Result<std::string> information(BATTERY_QUERY_INFORMATION_LEVEL level) const
    {
        static constexpr std::size_t largest_answer = 1024;
        BATTERY_QUERY_INFORMATION query{};
        query.BatteryTag = tag_;
        query.InformationLevel = level;
        return device_.control(IOCTL_BATTERY_QUERY_INFORMATION, bytes_of(query), largest_answer,
                               "IOCTL_BATTERY_QUERY_INFORMATION");
    }

    [[nodiscard]] Fact<std::string> name(BATTERY_QUERY_INFORMATION_LEVEL level) const
    {
        auto const bytes = information(level);
        if (!bytes) return Result<std::string>(bytes.error());
        std::wstring units(bytes->size() / sizeof(wchar_t), L'\0');
        std::memcpy(units.data(), bytes->data(), units.size() * sizeof(wchar_t));
        auto text = utf8(until_nul(units));
        while (text.ends_with(' '))
            text.pop_back();
        if (text.empty()) return fail(errc::not_found, "batteries: it does not say");
        return text;
    }

    [[nodiscard]] Result<BatteryMake> make() const
    {
        auto const seen = battery_answer<BATTERY_INFORMATION>(information(BatteryInformation));
        if (!seen) return seen.error();
        return BatteryMake{.capabilities = seen->Capabilities,
                           .designed_capacity = seen->DesignedCapacity,
                           .full_capacity = seen->FullChargedCapacity,
                           .cycles = seen->CycleCount};
    }

    [[nodiscard]] Result<BatteryState> state() const
    {
        BATTERY_WAIT_STATUS query{};
        query.BatteryTag = tag_; // All else 0: at once, whatever its state.
        auto const seen = battery_answer<BATTERY_STATUS>(device_.control(
            IOCTL_BATTERY_QUERY_STATUS, bytes_of(query), sizeof(BATTERY_STATUS), "IOCTL_BATTERY_QUERY_STATUS"));
        if (!seen) return seen.error();
        return BatteryState{.power_state = seen->PowerState, .capacity = seen->Capacity};
    }

private:
    Device device_;
    ULONG tag_;
};

/// Nothing: an empty bay.
Result<std::optional<OpenBattery>> open_battery(std::wstring const& path)
{
    auto device = Device::open(path, Device::Access::full);
    if (!device) return device.error();
    ULONG const wait_ms = 0;
    auto const tag = battery_answer<ULONG>(
        device->control(IOCTL_BATTERY_QUERY_TAG, bytes_of(wait_ms), sizeof(ULONG), "IOCTL_BATTERY_QUERY_TAG"));
    if (!tag && reason(tag.error()) == to_string(errc::not_found)) return std::optional<OpenBattery>{};
    if (!tag) return tag.error();
    static constexpr ULONG no_tag = 0; // BATTERY_TAG_INVALID
    if (*tag == no_tag) return std::optional<OpenBattery>{};
    return std::optional<OpenBattery>(OpenBattery(*std::move(device), *tag));
}

Battery describe_battery(OpenBattery const& open, BatteryMake const& make)
{
    Battery battery;
    battery.manufacturer = open.name(BatteryManufactureName);
    battery.model = open.name(BatteryDeviceName);
    battery.wear_percent = battery_wear(make);
    battery.cycles = battery_cycles(make);
    if (auto const state = open.state()) {
        battery.state = battery_state(*state, make);
        battery.charge_percent = battery_charge(*state, make);
    } else {
        battery.state = Result<std::string>(state.error());
        battery.charge_percent = Result<std::int64_t>(state.error());
    }
    return battery;
}

class WindowsBatteries final : public Batteries
{
public:
    [[nodiscard]] Result<std::vector<Battery>> list() const override
    {
        auto const paths = device_paths(battery_interface);
        if (!paths) return fail(paths.error(), "batteries");
        std::vector<Battery> batteries;
        for (std::size_t bay = 0; bay < paths->size(); ++bay) {
            auto const open = open_battery((*paths)[bay]);
            // A wireless keyboard's may be gone by now.
            if (!open && reason(open.error()) == to_string(errc::not_found)) continue;
            if (!open) return fail(open.error(), "batteries");
            if (!*open) continue;
            auto const make = (*open)->make();
            if (!make) return fail(make.error(), "batteries");
            if (!is_system_battery(*make)) continue;
            auto battery = describe_battery(**open, *make);
            battery.name = fmt::format("BAT{}", bay);
            batteries.push_back(std::move(battery));
        }
        return batteries;
    }
};

} // namespace

std::unique_ptr<Batteries> make_batteries(Root const& /*root*/) { return std::make_unique<WindowsBatteries>(); }

} // namespace rollcall::platform
