#include "platform/batteries.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

Fact<std::string> state_of(std::string const& folder)
{
    auto word = procfs::read_word(folder + "/status");
    if (!word) return word;
    for (auto& c : *word)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    static constexpr std::array<std::string_view, 4> states = {"charging", "discharging", "not charging", "full"};
    if (std::find(states.begin(), states.end(), *word) == states.end())
        return fail(errc::not_found, "batteries: it does not know its state");
    return word;
}

Fact<std::int64_t> charge_of(std::string const& folder)
{
    auto const percent = procfs::read_integer(folder + "/capacity");
    if (percent && (*percent < 0 || *percent > 100)) return fail(errc::bad_message, "batteries: capacity");
    return percent;
}

/// What it holds when full against what it was made for; batteries tell both as energy or both as charge.
Fact<std::int64_t> wear_of(std::string const& folder)
{
    for (auto const* const kind : {"energy", "charge"}) {
        auto const full = procfs::read_integer(folder + "/" + kind + "_full");
        auto const design = procfs::read_integer(folder + "/" + kind + "_full_design");
        if (!full || !design || *full <= 0 || *design <= 0) continue;
        auto const left = static_cast<double>(*full) * 100.0 / static_cast<double>(*design);
        return static_cast<std::int64_t>(std::lround(100.0 - std::min(left, 100.0)));
    }
    return fail(errc::not_supported, "batteries: it does not tell its capacity");
}

/// 0 means that it does not count (sysfs-class-power of the kernel's ABI).
Fact<std::int64_t> cycles_of(std::string const& folder)
{
    auto const cycles = procfs::read_integer(folder + "/cycle_count");
    if (!cycles && reason(cycles.error()) != to_string(errc::not_found)) return cycles;
    if (!cycles || *cycles <= 0) return fail(errc::not_supported, "batteries: it does not count");
    return cycles;
}

class LinuxBatteries final : public Batteries
{
public:
    explicit LinuxBatteries(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Battery>> list() const override
    {
        auto const place = root_ / "/sys/class/power_supply";
        auto const names = procfs::list_folder(place);
        if (!names && reason(names.error()) == to_string(errc::not_found))
            return fail(errc::not_supported, "batteries: this kernel knows no power supplies");
        if (!names) return fail(names.error(), "batteries");
        std::vector<Battery> batteries;
        for (auto const& name : *names) {
            auto const folder = fmt::format("{}/{}", place, name);
            auto const type = procfs::read_word(folder + "/type");
            if (!type || *type != "Battery") continue;
            // "Device": it feeds a mouse or a headset.
            if (auto const scope = procfs::read_word(folder + "/scope"); scope && *scope == "Device") continue;
            // A bay without a battery in it.
            if (auto const present = procfs::read_integer(folder + "/present"); present && *present == 0) continue;
            Battery battery;
            battery.name = name;
            battery.manufacturer = procfs::read_word(folder + "/manufacturer");
            battery.model = procfs::read_word(folder + "/model_name");
            battery.state = state_of(folder);
            battery.charge_percent = charge_of(folder);
            battery.wear_percent = wear_of(folder);
            battery.cycles = cycles_of(folder);
            batteries.push_back(std::move(battery));
        }
        return batteries;
    }

private:
    Root root_;
};

} // namespace

std::unique_ptr<Batteries> make_batteries(Root const& root) { return std::make_unique<LinuxBatteries>(root); }

} // namespace rollcall::platform
