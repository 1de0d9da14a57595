#include "platform/sensors.hpp"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

/// A sensor with its files: hwmon's are "temp1_input", "temp1_label" and so on, a thermal zone's just "temp".
struct Place {
    std::string name;
    std::string chip;
    std::string value;  ///< Path of its reading.
    std::string limits; ///< Path up to the names of its limits; empty where it has none.
};

/// What is beyond is a sensor that nobody soldered on, or one that broke.
bool is_plausible(double celsius) { return celsius >= -70.0 && celsius <= 200.0; }

Fact<double> celsius_of(std::string const& path)
{
    static constexpr double thousandths = 1000.0;
    auto const number = procfs::read_integer(path);
    if (!number) return Result<double>(number.error());
    auto const celsius = static_cast<double>(*number) / thousandths;
    if (!is_plausible(celsius)) return fail(errc::bad_message, fmt::format("sensors: {} degrees", celsius));
    return celsius;
}

Fact<std::int64_t> limit_of(Place const& place, std::string_view name, std::int64_t divided_by)
{
    if (place.limits.empty()) return fail(errc::not_found, "sensors: no limit");
    auto const number = procfs::read_integer(fmt::format("{}_{}", place.limits, name));
    // 0 stands where nobody set one.
    if (!number || *number <= 0) return fail(errc::not_found, "sensors: no limit");
    auto const limit = *number / divided_by;
    if (divided_by > 1 && !is_plausible(static_cast<double>(limit))) return fail(errc::not_found, "sensors: no limit");
    return limit;
}

class LinuxSensors final : public Sensors
{
public:
    explicit LinuxSensors(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<SensorReading>> temperatures() const override
    {
        auto const places = find("temp");
        if (!places) return places.error();
        std::vector<SensorReading> readings;
        for (auto const& place : *places)
            readings.push_back({.name = place.name, .value = celsius_of(place.value)});
        return readings;
    }

    [[nodiscard]] Result<std::vector<SensorReading>> fans() const override
    {
        auto const places = find("fan");
        if (!places) return places.error();
        std::vector<SensorReading> readings;
        for (auto const& place : *places) {
            auto const rpm = procfs::read_integer(place.value);
            SensorReading one{.name = place.name, .value = {}};
            if (!rpm)
                one.value = Result<double>(rpm.error());
            else if (*rpm < 0)
                one.value = fail(errc::bad_message, "sensors: a fan that turns backwards");
            else
                one.value = static_cast<double>(*rpm);
            readings.push_back(std::move(one));
        }
        return readings;
    }

    [[nodiscard]] Result<std::vector<SensorFacts>> describe() const override
    {
        static constexpr std::int64_t thousandths = 1000;
        auto const warm = find("temp");
        if (!warm) return warm.error();
        auto const turning = find("fan");
        if (!turning) return turning.error();
        std::vector<SensorFacts> sensors;
        auto const none = fail(errc::not_found, "sensors: of another kind");
        for (auto const& place : *warm)
            sensors.push_back({.name = place.name,
                               .kind = "temperature",
                               .chip = place.chip,
                               .high_celsius = limit_of(place, "max", thousandths),
                               .critical_celsius = limit_of(place, "crit", thousandths),
                               .least_rpm = Result<std::int64_t>(none)});
        for (auto const& place : *turning)
            sensors.push_back({.name = place.name,
                               .kind = "fan",
                               .chip = place.chip,
                               .high_celsius = Result<std::int64_t>(none),
                               .critical_celsius = Result<std::int64_t>(none),
                               .least_rpm = limit_of(place, "min", 1)});
        return sensors;
    }

private:
    [[nodiscard]] Result<std::vector<Place>> find(std::string_view kind) const
    {
        auto const chips = procfs::list_folder(root_ / "/sys/class/hwmon");
        auto const zones = procfs::list_folder(root_ / "/sys/class/thermal");
        if (!chips && !zones) return fail(errc::not_supported, "sensors: this kernel has no drivers for any");
        std::vector<Place> places;
        if (chips) add_chips(*chips, kind, places);
        // Small boards have zones only; elsewhere they are the same sensors once more.
        if (places.empty() && zones && kind == "temp") add_zones(*zones, places);
        std::map<std::string, int, std::less<>> used;
        for (auto& place : places)
            if (auto const nth = ++used[place.name]; nth > 1) place.name += fmt::format(" #{}", nth);
        return places;
    }

    void add_chips(std::vector<std::string> const& folders, std::string_view kind, std::vector<Place>& places) const
    {
        struct Chip {
            std::string folder;
            std::string name;
        };
        std::vector<Chip> chips;
        std::map<std::string, int, std::less<>> times;
        for (auto const& one : folders) {
            auto folder = root_ / "/sys/class/hwmon/" + one;
            auto const name = procfs::read_word(folder + "/name");
            // Some disks whose temperature is asked for never go to sleep.
            if (name && *name == "drivetemp") continue;
            chips.push_back({.folder = std::move(folder), .name = name ? *name : one});
            ++times[chips.back().name];
        }
        for (auto const& chip : chips) {
            auto const files = procfs::list_folder(chip.folder);
            if (!files) continue;
            auto name = chip.name;
            // Two drives of a kind have two chips of one name; the numbers of the folders change from boot to boot.
            if (times[name] > 1)
                if (auto const device = procfs::real_path(chip.folder + "/device"))
                    name = fmt::format("{} {}", name, device->substr(device->rfind('/') + 1));
            for (auto const& file : *files) {
                static constexpr std::string_view end = "_input";
                if (!file.starts_with(kind) || !file.ends_with(end)) continue;
                auto const stem = file.substr(0, file.size() - end.size());
                auto const label = procfs::read_word(fmt::format("{}/{}_label", chip.folder, stem));
                places.push_back({.name = fmt::format("{} {}", name, label ? *label : stem),
                                  .chip = name,
                                  .value = fmt::format("{}/{}", chip.folder, file),
                                  .limits = fmt::format("{}/{}", chip.folder, stem)});
            }
        }
    }

    void add_zones(std::vector<std::string> const& folders, std::vector<Place>& places) const
    {
        for (auto const& one : folders) {
            if (!one.starts_with("thermal_zone")) continue;
            auto const folder = root_ / "/sys/class/thermal/" + one;
            auto const type = procfs::read_word(folder + "/type");
            auto const name = type ? *type : one;
            places.push_back({.name = name, .chip = name, .value = folder + "/temp", .limits = {}});
        }
    }

    Root root_;
};

} // namespace

std::unique_ptr<Sensors> make_sensors(Root const& root) { return std::make_unique<LinuxSensors>(root); }

} // namespace rollcall::platform
