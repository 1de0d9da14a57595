#include "platform/sensors.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacSensors final : public Sensors
{
public:
    [[nodiscard]] Result<std::vector<SensorReading>> temperatures() const override
    {
        return fail(errc::not_supported, "sensors: macOS");
    }
    [[nodiscard]] Result<std::vector<SensorReading>> fans() const override
    {
        return fail(errc::not_supported, "sensors: macOS");
    }
    [[nodiscard]] Result<std::vector<SensorFacts>> describe() const override
    {
        return fail(errc::not_supported, "sensors: macOS");
    }
};

} // namespace

std::unique_ptr<Sensors> make_sensors(Root const& /*root*/) { return std::make_unique<MacSensors>(); }

} // namespace rollcall::platform
