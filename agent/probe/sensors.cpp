#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class SensorsReader final : public Reader
{
public:
    explicit SensorsReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->sensors->describe();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& sensor : *seen)
            rows[sensor.name] = {{"kind", sensor.kind},
                                 {"chip", sensor.chip},
                                 {"high_celsius", value_or_unknown(sensor.high_celsius)},
                                 {"critical_celsius", value_or_unknown(sensor.critical_celsius)},
                                 {"least_rpm", value_or_unknown(sensor.least_rpm)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_sensors_reader(Context const& context) { return std::make_unique<SensorsReader>(context); }

} // namespace rollcall::probe
