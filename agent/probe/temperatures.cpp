#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class TemperaturesReader final : public Reader
{
public:
    explicit TemperaturesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->sensors->temperatures();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& sensor : *seen)
            rows[sensor.name] = {{"celsius", value_or_unknown(sensor.value)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_temperatures_reader(Context const& context)
{
    return std::make_unique<TemperaturesReader>(context);
}

} // namespace rollcall::probe
