#include "platform/sensors.hpp"

namespace rollcall::platform
{

namespace
{

/// The chip that knows them (SMC) answers in a way that Apple does not tell of.
class MacSensors final : public Sensors
{
public:
    [[nodiscard]] Result<std::vector<SensorReading>> temperatures() const override
    {
        return fail(errc::not_supported, "sensors: macOS has no general way to ask");
    }
    [[nodiscard]] Result<std::vector<SensorReading>> fans() const override
    {
        return fail(errc::not_supported, "sensors: macOS has no general way to ask");
    }
    [[nodiscard]] Result<std::vector<SensorFacts>> describe() const override
    {
        return fail(errc::not_supported, "sensors: macOS has no general way to ask");
    }
};

} // namespace

std::unique_ptr<Sensors> make_sensors(Root const& /*root*/) { return std::make_unique<MacSensors>(); }

} // namespace rollcall::platform
