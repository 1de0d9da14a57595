#include "platform/sensors.hpp"

namespace rollcall::platform
{

namespace
{

/// Windows shows no sensor to programs but by drivers of each board's maker: what ACPI calls a thermal zone there
/// (MSAcpi_ThermalZoneTemperature) is on most boards a number that never changes.
Error no_sensors() { return fail(errc::not_supported, "sensors: Windows has no general way to ask them"); }

class WindowsSensors final : public Sensors
{
public:
    [[nodiscard]] Result<std::vector<SensorReading>> temperatures() const override { return no_sensors(); }
    [[nodiscard]] Result<std::vector<SensorReading>> fans() const override { return no_sensors(); }
    [[nodiscard]] Result<std::vector<SensorFacts>> describe() const override { return no_sensors(); }
};

} // namespace

std::unique_ptr<Sensors> make_sensors(Root const& /*root*/) { return std::make_unique<WindowsSensors>(); }

} // namespace rollcall::platform
