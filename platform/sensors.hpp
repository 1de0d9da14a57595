#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

/// What one sensor shows now.
struct SensorReading {
    std::string name; ///< Chip and label, unique in the list: "coretemp Core 0".
    Fact<double> value;
};

/// What a sensor is, and the limits its maker set.
struct SensorFacts {
    std::string name;
    std::string kind; ///< "temperature" or "fan".
    std::string chip;
    Fact<std::int64_t> high_celsius; ///< not_found where there is no such limit, as with the next two.
    Fact<std::int64_t> critical_celsius;
    Fact<std::int64_t> least_rpm;
};

/// Temperatures and fans.
///
/// Owns: nothing.  Threads: any.  Blocks: for file reads, which ask the hardware.
class Sensors
{
public:
    virtual ~Sensors() = default;
    /// Degrees Celsius. Empty is a valid answer.
    [[nodiscard]] virtual Result<std::vector<SensorReading>> temperatures() const = 0;
    /// Revolutions per minute.
    [[nodiscard]] virtual Result<std::vector<SensorReading>> fans() const = 0;
    [[nodiscard]] virtual Result<std::vector<SensorFacts>> describe() const = 0;
};

[[nodiscard]] std::unique_ptr<Sensors> make_sensors(Root const& root = {});

} // namespace rollcall::platform
